"""A vocabulary of word pieces, learned from the training split.

The pieces are learned by byte-pair encoding of lower-case words. Texts are cut into them by longest
match, as WordPiece does (Schuster and Nakajima 2012; Devlin et al., arXiv 1810.04805): ``##`` marks
a piece that continues a word. The WordPiece trainer of `tokenizers` orders its pieces by a hash
that differs from process to process. Its byte-pair trainer does not, so it learns the pieces.

Texts of all scripts keep their letters and marks (``token_text.py`` says what is changed). Each
Chinese character is a word. Where other scripts have no spaces between words, pieces of a passage
are learned, and each piece counts as a word of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench import damage, letters
from workbench.data.dataset import SPECIAL_TOKENS, UNK
from workbench.data.tokenizer import token_text
from workbench.data.tokenizer.sentences import starts

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Marks a piece that goes on with the word before it.
CONTINUES = "##"
LARGEST, _SMALLEST = 8000, 300
# Words of training text for each piece of the vocabulary.
_WORDS_A_PIECE = 20
# Text that a vocabulary is learned from, at most; more takes time and changes little. Letters
# without spaces count several times: their passages repeat less than words do.
_MOST_CHARACTERS, _SPACELESS_COST = 6_000_000, 4
# Places of the vocabulary for single letters, at most: the rest is for pieces.
_MOST_LETTERS = 5000
# Letters without spaces that count as one word.
_LETTERS_A_WORD = 4
_BEGINS = "\u2581"
_BATCH = 1000
# Letters to encode for each token that is kept; a token has fewer on average.
_LETTERS_A_TOKEN = 12
# A text may be cut after these without changing its tokens.
_BORDER = re.compile(r"[\s。，、！？；]")
FILE = "tokenizer.json"


def train(texts: Sequence[str]) -> Tokenizer:
    """A tokenizer with at most about 8,000 pieces, the same for the same texts."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    texts = _enough(texts)
    learner = Tokenizer(models.BPE())
    learner.normalizer = token_text.learning_normalizer()
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            token_text.splitter(),
            pre_tokenizers.Metaspace(_BEGINS, prepend_scheme="always", split=False),
        ]
    )
    chosen = _letters(texts)
    room = LARGEST - sum(map(_places, chosen))
    words = sum(map(_words, texts))
    trainer = trainers.BpeTrainer(
        vocab_size=len(chosen) + int(np.clip(words // _WORDS_A_PIECE, _SMALLEST, room)),
        min_frequency=2,
        initial_alphabet=chosen,
        limit_alphabet=len(chosen),
        show_progress=False,
    )
    learner.train_from_iterator(texts, trainer)
    return _word_pieces(sorted(learner.get_vocab().items(), key=lambda item: item[1]))


def continues(tokenizer: Tokenizer) -> npt.NDArray[np.bool_]:
    """bool (vocabulary,): whether a token id continues the word of the token before it.

    Pieces of scripts without spaces continue none: else a whole passage would be one word.
    """
    marks = np.zeros(tokenizer.get_vocab_size(), np.bool_)
    for piece, index in tokenizer.get_vocab().items():
        marks[index] = piece.startswith(CONTINUES) and not letters.without_spaces(piece[2:3])
    return marks


def encode(
    tokenizer: Tokenizer, texts: Sequence[str], length: int | None = None
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """For each text its token ids, at most ``length``, and where among them sentences begin.

    Both are int64 and never empty: a text without any known letter is one unknown token.
    """
    for at in range(0, len(texts), _BATCH):
        heads = [_head(text, length) for text in texts[at : at + _BATCH]]
        encodings = tokenizer.encode_batch(heads)
        for head, encoding, text in zip(heads, encodings, texts[at : at + _BATCH], strict=True):
            if len(head) < len(text) and len(encoding.ids) < (length or 0):
                head, encoding = text, tokenizer.encode(text)
            ids = np.array(encoding.ids[:length] or [UNK], np.int64)
            yield ids, _sentence_places(head, encoding.offsets[: len(ids)])


def _head(text: str, length: int | None) -> str:
    """The beginning of ``text`` that usually has ``length`` tokens, cut between words."""
    if length is None or len(text) <= _LETTERS_A_TOKEN * length:
        return text
    head = text[: _LETTERS_A_TOKEN * length]
    border = _BORDER.search(head[::-1])
    return text if border is None else head[: len(head) - border.start()]


def load(folder: Path) -> Tokenizer:
    """The tokenizer of the prepared texts in ``folder``. Raises DamageError for a damaged file."""
    from tokenizers import Tokenizer

    path = folder / FILE
    # The library raises Exception itself on a file that it cannot read.
    if reason := damage.fault(path):
        raise damage.error(path, f"is damaged: {reason}")
    return Tokenizer.from_file(str(path))


def _sentence_places(text: str, offsets: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """Index of the first token at or after each beginning of a sentence."""
    begins = np.array([start for start, _ in offsets] or [0])
    places = np.searchsorted(begins, starts(text))
    places[0] = 0
    return np.unique(places[places < len(begins)]).astype(np.int64)


def _words(text: str) -> int:
    """About how many words ``text`` has."""
    return len(text.split()) + letters.without_spaces(text) // _LETTERS_A_WORD


def _places(letter: str) -> int:
    """Places of a letter in the vocabulary: at the beginning of a word, and within one. A Chinese
    character is a word."""
    return 1 if letters.is_han(letter) else 2


def _word_pieces(learned: Sequence[tuple[str, int]]) -> Tokenizer:
    """The learned pieces as a WordPiece tokenizer, with every letter where it may stand."""
    from tokenizers import Tokenizer, decoders, models

    vocabulary = {token: index for index, token in enumerate(SPECIAL_TOKENS)}
    for piece, _ in learned:
        bare = piece.removeprefix(_BEGINS)
        forms = [bare] if piece.startswith(_BEGINS) else [f"{CONTINUES}{bare}"]
        if len(piece) == 1:
            forms = [bare, f"{CONTINUES}{bare}"][: _places(bare)]
        for form in forms if bare else ():
            vocabulary.setdefault(form, len(vocabulary))
    model = models.WordPiece(
        vocabulary,
        unk_token=SPECIAL_TOKENS[UNK],
        max_input_chars_per_word=token_text.MOST_CHARACTERS,
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = token_text.normalizer()
    tokenizer.pre_tokenizer = token_text.splitter()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def _letters(texts: Sequence[str]) -> list[str]:
    """The commonest letters, in a fixed order."""
    normalizer, counts = token_text.normalizer(), Counter[str]()
    for at in range(0, len(texts), _BATCH):
        counts.update(normalizer.normalize_str("\n".join(texts[at : at + _BATCH])))
    ranked = sorted(
        (letter for letter in counts if not letter.isspace()),
        key=lambda letter: (-counts[letter], letter),
    )
    ends = np.cumsum([_places(letter) for letter in (_BEGINS, *ranked)])
    return [_BEGINS, *sorted(ranked[: int((ends[1:] <= _MOST_LETTERS).sum())])]


def _enough(texts: Sequence[str]) -> Sequence[str]:
    """``texts``, or a seeded draw of them with about as many characters as are needed."""
    total = sum(len(one) + (_SPACELESS_COST - 1) * letters.without_spaces(one) for one in texts)
    if total <= _MOST_CHARACTERS:
        return texts
    share = int(len(texts) * _MOST_CHARACTERS / total)
    drawn = np.random.default_rng(0).permutation(len(texts))[: max(1, share)]
    return [texts[index] for index in np.sort(drawn)]
