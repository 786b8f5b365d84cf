"""Where the reader stands on the page: at the top of what opens, at a result that appears.

Streamlit keeps the place of the scroll bar when a page draws something else.
"""

from __future__ import annotations

import streamlit as st

# A timer lets the page draw first. A place is remembered by the tab, and so is not left again.
_JS = """
export default function ({ data }) {
  const before = window.workbenchPlace
  window.workbenchPlace = data.place
  if (before === undefined || before === data.place || !data.place) return
  const main = document.querySelector('[data-testid="stMain"]')
  setTimeout(() => {
    const target = data.heading && document.getElementById(data.heading)
    if (target) {
      const { top } = target.getBoundingClientRect()
      // Streamlit's header lies over the first 60 pixels.
      if (top < 60 || top > window.innerHeight / 2) target.scrollIntoView()
    } else if (main) main.scrollTo(0, 0)
  }, 150)
}
"""

_mount = st.components.v2.component("workbench_scroll", js=_JS)


def follow(place: str, heading: str = "") -> None:
    """Scroll once ``place`` is another than before: to the heading's anchor, or to the top.

    A heading in the upper half of the window stays where it is. An empty place is remembered and
    scrolls nowhere: a result that comes later is another place. Call it once in a script run, after
    the heading is drawn.
    """
    _mount(data={"place": place, "heading": heading}, key="scroll")
