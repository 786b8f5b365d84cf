"""Escape text that people or files bring, for Markdown. All pages use this one function.

Streamlit reads nearly everything on a page as Markdown: sentences, messages, headings, labels,
help, cells of ``st.table``, options of pills and radio buttons. Unescaped, a name could become an
image from another host, a link, a formula, a colour, an icon or a heading.
"""

from __future__ import annotations

import re

from workbench.data.listing import printable

# WORD JOINER: invisible. Streamlit replaces icons, smileys, arrows and addresses after it has
# removed the backslashes, so a backslash does not protect them.
_JOINER = "\u2060"
_PARTS = re.compile(
    r"""
    (?P<icon>:(?=[\w+/-]+:))                                  # :smile: :material/home:
    | (?P<sign>(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S))        # Streamlit would draw an arrow
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
