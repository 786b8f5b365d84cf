"""The tokenizer: a vocabulary of word pieces, learned from the training split.

The pieces are learned by byte-pair encoding of lower-case words. Texts are cut into them by longest
match, as WordPiece does (Schuster and Nakajima 2012; Devlin et al., arXiv 1810.04805): ``##`` marks
a piece that continues a word. The WordPiece trainer of `tokenizers` orders its pieces by a hash
that differs from process to process. Its byte-pair trainer does not, so it learns the pieces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import SPECIAL_TOKENS, UNK
from workbench.data.sentences import starts

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LARGEST, _SMALLEST = 8000, 300
# Words of training text for each piece of the vocabulary.
_WORDS_A_PIECE = 20
# Text that a vocabulary is learned from, at most; more takes time and changes little.
_MOST_CHARACTERS = 6_000_000
_MOST_LETTERS = 1000
_BEGINS = "\u2581"
_BATCH = 1000
# Letters to encode for each token that is kept; a token has fewer on average.
_LETTERS_A_TOKEN = 12
FILE = "tokenizer.json"


def train(texts: Sequence[str]) -> Tokenizer:
    """A tokenizer with at most about 8,000 pieces, the same for the same texts."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    texts = _enough(texts)
    learner = Tokenizer(models.BPE())
    learner.normalizer, splitter = _normalizer(), pre_tokenizers.BertPreTokenizer()
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [splitter, pre_tokenizers.Metaspace(_BEGINS, prepend_scheme="always", split=False)]
    )
    words = sum(len(text.split()) for text in texts)
    letters = _letters(learner, texts)
    # Each letter is in the vocabulary twice: as the beginning of a word, and within one.
    room = LARGEST - 2 * len(letters)
    trainer = trainers.BpeTrainer(
        vocab_size=len(letters) + int(np.clip(words // _WORDS_A_PIECE, _SMALLEST, room)),
        min_frequency=2,
        initial_alphabet=letters,
        limit_alphabet=len(letters),
        show_progress=False,
    )
    learner.train_from_iterator(texts, trainer)
    return _word_pieces(sorted(learner.get_vocab().items(), key=lambda item: item[1]), splitter)


def continues(tokenizer: Tokenizer) -> npt.NDArray[np.bool_]:
    """bool (vocabulary,): whether a token id continues the word of the token before it."""
    marks = np.zeros(tokenizer.get_vocab_size(), np.bool_)
    for piece, index in tokenizer.get_vocab().items():
        marks[index] = piece.startswith("##")
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
    """The beginning of ``text`` that usually has ``length`` tokens, cut at the end of a word."""
    if length is None or len(text) <= _LETTERS_A_TOKEN * length:
        return text
    return text[: _LETTERS_A_TOKEN * length].rpartition(" ")[0] or text


def load(folder: Path) -> Tokenizer:
    """The tokenizer of the prepared texts in ``folder``."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(folder / FILE))


def _sentence_places(text: str, offsets: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """Index of the first token at or after each beginning of a sentence."""
    begins = np.array([start for start, _ in offsets] or [0])
    places = np.searchsorted(begins, starts(text))
    places[0] = 0
    return np.unique(places[places < len(begins)]).astype(np.int64)


def _normalizer() -> Any:
    from tokenizers import normalizers

    return normalizers.BertNormalizer(lowercase=True)


def _word_pieces(learned: Sequence[tuple[str, int]], splitter: Any) -> Tokenizer:
    """The learned pieces as a WordPiece tokenizer, with every letter in both positions."""
    from tokenizers import Tokenizer, decoders, models

    vocabulary = {token: index for index, token in enumerate(SPECIAL_TOKENS)}
    for piece, _ in learned:
        bare = piece.removeprefix(_BEGINS)
        forms = [bare] if piece.startswith(_BEGINS) else [f"##{bare}"]
        if len(piece) == 1:
            forms = [bare, f"##{bare}"]
        for form in forms if bare else ():
            vocabulary.setdefault(form, len(vocabulary))
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=SPECIAL_TOKENS[UNK]))
    tokenizer.normalizer, tokenizer.pre_tokenizer = _normalizer(), splitter
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def _letters(learner: Tokenizer, texts: Sequence[str]) -> list[str]:
    """The commonest letters, in a fixed order."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    normal: Counter[str] = Counter()
    for letter, count in counts.items():
        for one in learner.normalizer.normalize_str(letter):
            if not one.isspace():
                normal[one] += count
    ranked = sorted(normal, key=lambda letter: (-normal[letter], letter))[: _MOST_LETTERS - 1]
    return [_BEGINS, *sorted(ranked)]


def _enough(texts: Sequence[str]) -> Sequence[str]:
    """``texts``, or a seeded draw of them with about as many characters as are needed."""
    total = sum(map(len, texts))
    if total <= _MOST_CHARACTERS:
        return texts
    share = int(len(texts) * _MOST_CHARACTERS / total)
    drawn = np.random.default_rng(0).permutation(len(texts))[: max(1, share)]
    return [texts[index] for index in np.sort(drawn)]
