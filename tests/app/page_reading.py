"""What a page has drawn, and pressing its buttons."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button, UnknownElement


def html(app: AppTest) -> str:
    """The HTML that the page itself has written, without the sidebar and the app's style."""
    bodies = [str(element.proto.body) for element in app.main.get("html")]
    return "\n".join(body for body in bodies if not body.startswith("<style"))


def texts(app: AppTest) -> str:
    """All headings, sentences and messages of the page. The page must not have failed."""
    assert not app.exception
    kinds = (
        app.title, app.subheader, app.markdown, app.caption, app.text,
        app.error, app.warning, app.info,
    )  # fmt: skip
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def maps(app: AppTest) -> list[UnknownElement]:
    """The linked maps of the page, without other components such as the menu's."""
    return [
        element
        for element in app.get("bidi_component")
        if element.proto.component_name == "workbench_linked_map"
    ]


def labels(app: AppTest) -> list[str]:
    """The labels of the page's buttons."""
    return [button.label for button in app.button]


def button(app: AppTest, label: str, number: int = 0) -> Button:
    """The button with this label; of several, the one with this number."""
    return [one for one in app.button if one.label == label][number]


def press(app: AppTest, label: str, number: int = 0) -> AppTest:
    """Press a button; the page must not fail."""
    button(app, label, number).click().run()
    assert not app.exception
    return app
