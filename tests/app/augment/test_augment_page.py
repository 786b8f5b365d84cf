"""The Augment page without a browser: images, texts, every edit, and what may stand in its way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from page_reading import html, press, texts
from streamlit.testing.v1 import AppTest

from workbench.engine.client import EngineClient
from workbench.errors import EngineError
from workbench.store.store import Store

Open = Callable[..., AppTest]


@pytest.fixture
def augment(open_page: Open, drawn_home: Path) -> Open:
    """Opens the page at an address."""
    return partial(open_page, drawn_home, "augment")


def policy(app: AppTest) -> str:
    """The --augment flags of the command that the page shows."""
    assert not app.exception
    (code,) = app.code
    return code.value.partition("--augment none")[2].strip()


def toggles(app: AppTest) -> list[str]:
    return [toggle.label for toggle in app.toggle if toggle.label.startswith("**")]


def opened(app: AppTest, step: int) -> AppTest:
    """The page with the options of a step, counted from 1, open."""
    boxes = [box for box in app.expander if box.label == "Options"]
    app.session_state[_key(app, step)] = True
    assert len(boxes) >= step
    return app.run()


def _key(app: AppTest, step: int) -> str:
    up = [button for button in app.button if button.label == "Up"][step - 1]
    return str(up.key).removesuffix("Up") + "open"


def test_images_have_views_steps_apart_and_a_cost(augment) -> None:
    app = augment(data="sample:digits", augment="random_resized_crop~gaussian_noise", views="3")
    assert not app.error
    shown = html(app)
    assert shown.count("view 3") == 1 + 6
    assert shown.count("alone, on the originals, image") == 2 * 6
    assert shown.count("in its place, after the steps above it, image") == 2 * 6
    assert "alone it changed 6 of 6 images" in texts(app)
    assert "batch of 128" in texts(app)
    assert policy(app) == "--augment random_resized_crop --augment gaussian_noise"


def test_texts_are_marked_word_by_word(augment) -> None:
    app = augment(data="sample:intents", augment="token_mask rate-0.5~token_deletion rate-0.3")
    assert not app.error
    shown = html(app)
    assert 'title="masked">[MASK]' in shown
    assert 'title="left out">' in shown
    assert "in the view" in texts(app)
    assert "of 3 texts in this draw" in texts(app)


def test_a_page_without_parameters_starts_from_a_preset(augment, drawn_home: Path) -> None:
    # Another test may have chosen other data in this home.
    Store.open(drawn_home).drop_setting("current-data/local")
    app = augment()
    assert not app.exception
    assert len(toggles(app)) > 2


def test_other_data_get_a_preset_and_what_was_composed_is_offered(augment) -> None:
    app = augment(data="sample:digits", augment="gaussian_noise")
    (data,) = [box for box in app.selectbox if box.label == "Data"]
    data.set_value("sample:scans").run()
    assert not app.exception
    assert len(toggles(app)) > 2, "the preset's steps, not those composed for digits"
    app = press(app, "Use what you composed for Handwritten digits")
    assert toggles(app) == ["**1. Noise**"]
    (data,) = [box for box in app.selectbox if box.label == "Data"]
    data.set_value("sample:digits").run()
    assert toggles(app) == ["**1. Noise**"]


def test_a_medical_preset_fits_scans(augment) -> None:
    app = augment(data="sample:scans", augment="none")
    (choice,) = [box for box in app.selectbox if box.label == "Start from a preset"]
    choice.set_value("mri").run()
    assert not app.exception
    assert not app.warning
    assert "--augment bias_field" in policy(app)
    assert next(box for box in app.selectbox if box.label == "Start from a preset").value == "mri"
    app = press(app, "Remove", 1)
    assert next(b for b in app.selectbox if b.label == "Start from a preset").value == "own"


def test_without_steps_a_view_is_the_sample(augment) -> None:
    app = augment(data="sample:digits", augment="none")
    assert not app.exception
    assert "There are no steps yet" in texts(app)
    assert policy(app) == ""
    first = html(app).partition('alt="image 1, original"')[0].rpartition("src=")[2]
    view = html(app).partition('alt="image 1, view 1"')[0].rpartition("src=")[2]
    assert view == first


def test_steps_are_added_moved_switched_off_and_removed(augment) -> None:
    app = augment(data="sample:digits", augment="random_resized_crop~gaussian_noise")
    app.session_state["augment-catalogue"] = True
    press(app.run(), "Mirror left and right")
    assert policy(app).split(" --augment ")[-1] == "horizontal_flip"
    assert "It does not suit these data" in texts(app)
    press(app, "Up", 2)
    assert policy(app) == (
        "--augment random_resized_crop --augment horizontal_flip --augment gaussian_noise"
    )
    off = next(toggle for toggle in app.toggle if toggle.label.startswith("**2."))
    off.set_value(False).run()
    assert policy(app) == "--augment random_resized_crop --augment gaussian_noise"
    assert "**3. " in texts(app), "the others keep their numbers"
    press(app, "Down", 0)
    press(app, "Remove", 0)
    assert len(toggles(app)) == 2
    assert policy(app) == "--augment random_resized_crop --augment gaussian_noise"


def test_a_slider_and_its_exact_field_follow_each_other(augment) -> None:
    app = opened(augment(data="sample:digits", augment="gaussian_noise~rotation"), 1)
    slider = next(s for s in app.select_slider if s.label == "Strength")
    before = html(app)
    slider.set_value((0.1, 0.5)).run()
    assert "gaussian_noise.sigma=0.1,0.5" in policy(app)
    assert html(app) != before
    exact = next(t for t in app.text_input if t.label == "Strength, exact")
    assert exact.value == "0.1, 0.5"
    exact.set_value("0.123, 0.4567").run()
    assert "gaussian_noise.sigma=0.123,0.4567" in policy(app)
    assert next(s for s in app.select_slider if s.label == "Strength").value == (0.12, 0.46)


def test_an_option_that_cannot_be_read_keeps_its_value_and_says_so(augment) -> None:
    app = opened(augment(data="sample:digits", augment="gaussian_noise sigma-0.1..0.2"), 1)
    exact = next(t for t in app.text_input if t.label == "Strength, exact")
    exact.set_value("much").run()
    assert "'much' is not allowed" in texts(app)
    assert "gaussian_noise.sigma=0.1,0.2" in policy(app)
    assert "view 1" in html(app)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("random_resize_crop", "Did you mean random_resized_crop"),
        ("token_mask", "is for text data"),
        ("rotation degrees-999", "from 0 to 180"),
        ("<script>alert(1)</script>", "unknown augmentation"),
        ("rotation degrees-10~" * 50, "too many"),
    ],
)
def test_a_wrong_policy_in_the_address_is_named_and_offers_a_way_on(augment, text, expected):
    app = augment(data="sample:digits", augment=text)
    assert not app.exception
    assert expected in texts(app)
    (button,) = [b for b in app.button if b.label.startswith("Start from the preset")]
    button.click().run()
    assert not app.error
    assert "--augment" in policy(app)


@pytest.mark.parametrize("views", ["0", "99", "-1", "x", "٣"])
def test_other_numbers_in_the_address_are_left_aside(augment, views: str) -> None:
    app = augment(data="sample:digits", augment="none", views=views, seed="1e9", turn="-4")
    assert not app.exception
    assert "view 4" in html(app)
    assert "view 5" not in html(app)


def test_other_samples_and_other_draws(augment) -> None:
    app = augment(data="sample:digits", augment="gaussian_noise")
    first = html(app)
    again = html(press(app, "Draw again"))
    assert again != first
    original = first.partition('alt="image 1, original"')[0].rpartition("src=")[2]
    assert original in again
    assert original not in html(press(app, "Show other samples"))


def test_the_engine_may_fail_and_the_composer_stays(augment, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise EngineError("the engine did not answer.", remedy="Ask again.")

    monkeypatch.setattr(EngineClient, "preview", refuse)
    app = augment(data="sample:digits", augment="rotation")
    assert not app.exception
    assert "There are no pictures: The engine did not answer" in texts(app)
    assert policy(app) == "--augment rotation"


def test_data_of_the_other_kind_get_a_policy_of_their_own(augment) -> None:
    app = augment(data="sample:digits", augment="rotation")
    (choice,) = [box for box in app.selectbox if box.label == "Data"]
    choice.set_value("sample:intents").run()
    assert not app.error
    assert "--augment token_swap" in policy(app)


def test_pretrain_gets_data_and_policy(augment) -> None:
    app = augment(data="sample:digits", augment="rotation degrees-20~invert off")
    press(app, "Pretrain with these")
    assert [title.value for title in app.title] == ["Pretrain"]


def test_off_loopback_no_file_is_read_from_the_address_or_the_form(augment, tmp_path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("card,money\n")
    for file in (words, tmp_path / "none.txt"):
        app = augment(
            host="0.0.0.0", data="sample:intents", augment=f"synonym_replacement file-{file}"
        )
        assert not app.exception
        assert "does not read paths outside" in texts(app)
        assert not [element for element in app.get("html") if "view 1" in element.proto.body]
    app = opened(augment(host="0.0.0.0", data="sample:intents", augment="synonym_replacement"), 1)
    next(t for t in app.text_input if t.label == "Thesaurus file").set_value(str(words)).run()
    assert not app.exception
    assert "does not read paths outside" in texts(app)
    assert policy(app) == "--augment synonym_replacement"


def test_on_loopback_a_file_that_is_not_there_is_named(augment, tmp_path) -> None:
    app = opened(augment(data="sample:intents", augment="synonym_replacement"), 1)
    field = next(t for t in app.text_input if t.label == "Thesaurus file")
    field.set_value(str(tmp_path / "none.txt")).run()
    assert not app.exception
    assert "there is no file 'none.txt'" in texts(app)
    assert policy(app) == "--augment synonym_replacement"
