"""Data: look at samples, classes and splits; bring your own."""

import streamlit as st

from workbench import catalogue, settings
from workbench.components import data_choice, data_view, session
from workbench.config import DataConfig

st.title("Data")
st.write("What will the model learn from? Choose a sample set, or bring your own images or texts.")

config = data_choice.from_query(st.query_params)
kinds = ["Sample sets", "Upload", "Path on this machine", "Hugging Face hub"]
if not settings.current().loopback and settings.current().data_root is None:
    kinds.remove("Path on this machine")
start = 0
if config is not None and not config.source.startswith("sample:"):
    start = kinds.index("Hugging Face hub") if config.source.startswith("hub:") else 1
kind = st.segmented_control("Where from", kinds, default=kinds[start], required=True)

chosen: DataConfig | None = None
if kind == "Sample sets":
    cards = catalogue.sample_cards()
    names = [card["name"] for card in cards]
    asked = config.source.removeprefix("sample:") if config else names[0]
    name = st.pills(
        "Sample set",
        names,
        default=asked if asked in names else names[0],
        format_func={card["name"]: card["title"] for card in cards}.get,
        required=True,
    )
    chosen = DataConfig(f"sample:{name}")
    st.caption(next(card["summary"] for card in cards if card["name"] == name))
elif kind == "Upload":
    files = st.file_uploader(
        "A zip of images (class folders or flat), images, or a CSV, JSONL or Parquet table",
        type=["zip", "csv", "tsv", "jsonl", "parquet", "png", "jpg", "jpeg", "tif", "tiff"],
        accept_multiple_files=True,
    )
    if files:
        chosen = DataConfig(data_choice.store_upload(files))
    elif config is not None and not config.source.startswith(("sample:", "hub:")):
        chosen = config
elif kind == "Path on this machine":
    path = st.text_input(
        "Folder or file", config.source if config and start == 1 else "", placeholder="/data/photos"
    )
    chosen = DataConfig(path.strip()) if path.strip() else None
else:
    name = st.text_input("Data set", placeholder="OWNER/NAME")
    chosen = DataConfig(f"hub:{name.strip()}") if name.strip() else None

if chosen is None:
    st.info("Nothing is uploaded to anyone: the data stays on the machine that runs this app.")
    st.stop()

base = config if config is not None and config.source == chosen.source else chosen
reading = data_view.reading_form(base) if not base.source.startswith("sample:") else base
data = data_choice.prepared(reading)
if data is None:
    st.stop()
for name in list(st.query_params):
    del st.query_params[name]
st.query_params.update(data_choice.to_query(reading))

data_view.overview(data)
if st.button("Pretrain on this", type="primary", icon=":material/play_arrow:"):
    session.go("pretrain", data_choice.to_query(reading))
data_view.samples(data)
data_view.classes(data)
data_view.notes(data)
