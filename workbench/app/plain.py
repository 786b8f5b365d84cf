"""The one way in which text that people or files bring gets into Markdown.

Nearly everything on a page is Markdown for Streamlit: sentences, messages, headings, labels, help,
cells of ``st.table``, options of pills and radio buttons. There a name could be an image of another
host, a link, a formula, a colour, an icon or a heading.
"""

from __future__ import annotations

import re

from workbench.data.listing import printable

# It joins what stands beside it and has no width. Streamlit looks for icons, smileys, arrows and
# addresses after it has read the backslashes, so that a backslash does not stop it.
_JOINER = "\u2060"
_PARTS = re.compile(
    r"""
    (?P<icon>:(?=[\w+/-]+:))                                  # :smile: :material/home:
    | (?P<sign>(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S))        # a sign that becomes another
    | (?P<address>https?:/(?=/) | \bwww(?=\.) | (?<=[\w.+-])@(?=[\w-]+\.))
    | (?P<mark>[\\`*\[\]$~<|]                                 # markup wherever it stands
        | :(?=[a-z]) | &(?=\#?\w+;)                           # :red[x]  &amp;
        | (?<![^\W_])_ | _(?![^\W_])                          # not within a word
        | ^(?:\#|>|=|[-+](?=[\s-]|$)|:(?=:)|\d+(?=[.)](?:\s|$)))  # a heading, a quote, a list
      )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def plain(text: object) -> str:
    """Markdown, on one line, that shows ``text`` as it was written."""
    return _PARTS.sub(_shown, " ".join(printable(str(text)).split()))


def _shown(match: re.Match[str]) -> str:
    part = match.group()
    if match["icon"] or match["address"]:
        return part + _JOINER
    if match["sign"]:
        return f"{_marked(part[0])}{_JOINER}{part[1:]}"
    return f"{part}\\" if part.isdigit() else f"\\{part}"


def _marked(letter: str) -> str:
    return f"\\{letter}" if letter in "<~" else letter
