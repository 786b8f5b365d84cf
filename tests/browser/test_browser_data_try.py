"""Own data and new samples as people bring them: a zip through the Data page, an image on Try."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from page_states import choose_option, settled
from PIL import Image
from playwright.sync_api import Page, expect

from workbench import paths
from workbench.data import library
from workbench.data.dataset import Dataset
from workbench.store.store import Store

pytestmark = pytest.mark.browser
# The first request starts the engine, on a busy machine.
_PATIENCE_MS = 120_000


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def pets(of_each: int = 10) -> bytes:
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("cat", "dog"):
            for number in range(of_each):
                pixels = rng.integers(0, 255, (70, 112, 3), np.uint8)
                archive.writestr(f"{name}/{number}.png", png(pixels))
    return buffer.getvalue()


def test_a_zip_is_looked_at_its_folders_become_nothing_and_it_is_prepared(
    shared_app: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{shared_app.url}/data?source=Upload")
    page.locator("input[type=file]").set_input_files(
        {"name": "pets.zip", "mimeType": "application/zip", "buffer": pets()}
    )
    plan = page.get_by_text("20 images (zip of images)")
    expect(plan).to_contain_text("2 classes by 'label'", timeout=_PATIENCE_MS)
    expect(page.locator('img[alt^="cat/0.png"]')).to_be_visible()

    choose_option(page, "Folder names are", "nothing")
    expect(plan).to_contain_text("no labels", timeout=_PATIENCE_MS)
    expect(page.get_by_text("All 20 files were taken.")).to_be_visible()
    # All are of one long shape: they are squeezed unless one wants them cut.
    expect(page.get_by_text("Pictures are shown whole")).to_be_visible()
    choose_option(page, "Pictures are made square by", "cutting the edges")
    expect(page.get_by_text("The dashed frame is what is kept")).to_be_visible(timeout=_PATIENCE_MS)
    page.get_by_role("button", name="Prepare it").click()
    expect(page.get_by_role("heading", name="pets")).to_be_visible(timeout=_PATIENCE_MS)
    expect(page.get_by_text("no labels", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("fit=crop"))
    expect(page).to_have_url(re.compile("folders=none"))
    (mine,) = [one for one in library.prepared_data(shared_app.home) if one.info.name == "pets"]
    assert mine.info.label is None

    page.get_by_role("radio", name="What the encoder gets").or_(
        page.get_by_role("button", name="What the encoder gets")
    ).first.click()
    expect(page.get_by_text("The dashed frame is what is kept")).to_be_visible(timeout=_PATIENCE_MS)
    # A reload shows the same look at the same data: both stand in the address.
    page.reload()
    expect(page.get_by_text("The dashed frame is what is kept")).to_be_visible(timeout=_PATIENCE_MS)
    expect(page.get_by_role("heading", name="pets")).to_be_visible()
    page.get_by_test_id("stNumberInputStepUp").last.click()
    expect(page).to_have_url(re.compile("original=2"))
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_what_was_read_fits_a_phone_in_the_dark(
    shared_app: Any, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    rows = [f"{n} river and stone {n},{'login' if n % 2 else 'refund'}" for n in range(40)]
    table = tmp_path / "mails.csv"
    table.write_text("mail,topic\n" + "\n".join([*rows, ",login", ",refund"]))
    page = open_page(f"{shared_app.url}/data?data={table}", color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    account = page.get_by_test_id("stTable")
    expect(account).to_contain_text("left out: without a text", timeout=_PATIENCE_MS)
    expect(account).to_contain_text("42")
    expect(page.get_by_role("button", name="Prepare it")).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_what_was_prepared_comes_into_view(
    shared_app: Any, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    folder = tmp_path / "animals"
    zipfile.ZipFile(io.BytesIO(pets(40))).extractall(folder)
    page = open_page("about:blank")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{shared_app.url}/data?data={folder}")
    # The button stands far below where the result appears.
    page.get_by_role("button", name="Prepare it").click(timeout=_PATIENCE_MS)
    result = page.get_by_role("heading", name="animals")
    expect(result).to_be_visible(timeout=_PATIENCE_MS)
    settled(page)
    expect(result).to_be_in_viewport(ratio=1)
    box, header = result.bounding_box(), page.get_by_test_id("stHeader").bounding_box()
    assert box is not None
    assert header is not None
    # But for a rounded pixel.
    assert box["y"] >= header["y"] + header["height"] - 1


def test_a_training_image_is_recognised(shared_app: Any, open_page: Callable[..., Page]) -> None:
    row = next(row for row in Store.open(shared_app.home).runs() if row.config["task"] == "simclr")
    folder = paths.cache_dir(shared_app.home) / str(row.config["data"]["fingerprint"])
    data = Dataset.open(folder)
    page = open_page(f"{shared_app.url}/try?run={row.id}")
    page.set_viewport_size({"width": 390, "height": 844})
    kinds = page.get_by_text("MB per file")
    assert kinds.evaluate("text => text.scrollWidth <= text.clientWidth || !text.clientWidth")
    page.locator("input[type=file]").set_input_files(
        {
            "name": "seventeen.png",
            "mimeType": "image/png",
            "buffer": png(np.asarray(data.images[17, 0])),
        }
    )
    expect(page.get_by_role("heading", name="Nearest neighbours")).to_be_visible(
        timeout=_PATIENCE_MS
    )
    expect(page.get_by_text(f"This is the training sample '{data.ids[17]}'")).to_be_visible()
    neighbours = page.locator("figure", has_text="alike")
    expect(neighbours.first).to_be_visible()
    assert data.ids[17] not in neighbours.all_inner_texts()
    # The picture shown is the one that was dropped.
    shown = (
        page.locator("figure", has_text="as the encoder gets it")
        .locator("img")
        .evaluate(
            "async image => { const c = new OffscreenCanvas(8, 8).getContext('2d');"
            "c.drawImage(await createImageBitmap(image), 0, 0, 8, 8);"
            "return Array.from(c.getImageData(0, 0, 8, 8).data) }"
        )
    )
    red = np.array(shown).reshape(8, 8, 4)[:, :, 0]
    assert np.abs(red - np.asarray(data.images[17, 0], np.int64)).max() <= 16
    page.get_by_text("Where it lies on the map").click()
    expect(page.get_by_text("The two strongest directions only")).to_be_visible(
        timeout=_PATIENCE_MS
    )
    page.goto(f"{shared_app.url}/try?run={row.id}&part=Take+it+with+you")
    page.get_by_role("button", name="Make it").nth(2).click(timeout=_PATIENCE_MS)
    with page.expect_download(timeout=_PATIENCE_MS) as caught:
        page.get_by_role("button", name="Download").first.click()
    assert Path(caught.value.suggested_filename).name == f"{row.id}-embeddings.parquet"
    expect(page.get_by_test_id("stException")).to_have_count(0)
