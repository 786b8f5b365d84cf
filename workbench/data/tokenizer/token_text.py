"""What a text is changed to before it is cut into tokens, and where it is cut.

Letters become lower-case where the script has it, in the composed form (NFC). No mark is taken
away: vowel signs and tones tell words apart. What nobody sees goes: control characters, marks of
direction, soft hyphens. The space of width zero is a space. Joiners stay within words of Persian
and of the scripts of India, where they are part of the spelling. A few HTML entities and line
breaks become what they stand for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench import letters

if TYPE_CHECKING:
    from tokenizers import normalizers, pre_tokenizers

# Longer words are cut, so that none is unknown as a whole: code points, and the marks after them.
_LONGEST_WORD = 48
# Code points of a word; one with more marks than that is unknown.
MOST_CHARACTERS = 1000
_ENTITIES = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "#39": "'", "#x27": "'", "amp": "&"}
_SPACES = (
    r"[\t\n\x{0B}\x{0C}\r\x{1C}-\x{1F}\x{85}\x{A0}\x{1680}\x{2000}-\x{200B}\x{2028}\x{2029}"
    r"\x{202F}\x{205F}\x{3000}]"
)
_INVISIBLE = (
    r"[\x{00}-\x{08}\x{0E}-\x{1B}\x{7F}-\x{84}\x{86}-\x{9F}\x{AD}\x{61C}\x{180E}\x{200E}\x{200F}"
    r"\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}\x{FFFD}]"
)
_JOINER = r"[\x{200C}\x{200D}]"
# Joiners that stand after a letter of a script that needs none, or not between two letters.
_LONE_JOINER = rf"{_JOINER}(?:(?<![\p{{L}}\p{{M}}].)|(?<=\p{{Latin}}.)|(?![\p{{L}}\p{{M}}]))"
# White space and what `BertPreTokenizer` takes for punctuation.
_BETWEEN = r"\s\p{P}$+<=>^`|~"


def normalizer() -> normalizers.Sequence:
    """The change of letters, as the module says."""
    from tokenizers import Regex, normalizers

    def replace(pattern: str, by: str) -> Any:
        return normalizers.Replace(Regex(pattern), by)

    return normalizers.Sequence(
        [
            replace(r"<[bB][rR]\s*/?>|&(?:nbsp|#160|#xa0);", " "),
            *(replace(f"&{name};", sign) for name, sign in _ENTITIES.items()),
            replace(_SPACES, " "),
            replace(_INVISIBLE, ""),
            replace(_LONE_JOINER, ""),
            normalizers.Lowercase(),
            normalizers.NFC(),
        ]
    )


def learning_normalizer() -> normalizers.Sequence:
    """As ``normalizer``, without Chinese characters: they are words, and have no pieces."""
    from tokenizers import Regex, normalizers

    han = normalizers.Replace(Regex(f"[{letters.HAN}]"), " ")
    return normalizers.Sequence([normalizer(), han])


def splitter() -> pre_tokenizers.Sequence:
    """Cuts a text at white space, punctuation and Chinese characters, and words that are long."""
    from tokenizers import Regex, pre_tokenizers

    inside = f"[^{_BETWEEN}{letters.HAN}]"
    # The first cut is made in one pass over the text, for each pass over words takes long.
    cut = rf"[{letters.HAN}]|{inside}{{{_LONGEST_WORD}}}\p{{M}}*"
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(cut), "isolated"), pre_tokenizers.BertPreTokenizer()]
    )
