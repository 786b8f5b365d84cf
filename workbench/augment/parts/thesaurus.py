"""Tables of words that may replace others: synonyms of a file or of the texts, and misspellings.

Each function gives a table, int64 (vocabulary, K, P): for a token that is a whole word, up to K
others, each of up to P pieces, PAD where there are fewer. Slow tables are kept in the data's
folder. numpy and scipy only, no torch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench import letters
from workbench.data import tokenizer
from workbench.data.corpus.npz_cache import load_or_make
from workbench.data.corpus.token_table import token_table
from workbench.data.corpus.word_vectors import nearest_words
from workbench.data.dataset import PAD, SPECIAL_TOKENS, UNK, Dataset
from workbench.errors import RequestError

Table = npt.NDArray[np.int64]

# Neighbours of each word that are kept in the data's folder; a caller may want fewer.
_MOST_NEIGHBOURS = 50
# Of the word vectors by which they are near.
_DIMENSIONS = 64
# The neighbours of a word seen less often are chance.
_SEEN = 10
_MOST_SYNONYMS = 20
_SHORTEST, _SLIPS, _MOST_PIECES = 4, 6, 4
_SEED = 0


def from_file(path: Path, data: Dataset) -> tuple[Table, str]:
    """The table of synonyms in the file ``path``, and a sentence that says how many words it has.

    Each line is a group of synonyms, separated by commas or tabs. A word counts if it is one token
    of the vocabulary. Raises RequestError if the file is no text or no group has two such words.
    """
    field = "--augment synonym_replacement.file"
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(
            f"'{path.name}' cannot be read as text.", field=field, remedy="Give a text in UTF-8."
        ) from error
    groups = [
        [w.strip() for w in line.replace("\t", ",").split(",") if w.strip()] for line in lines
    ]
    pieces = _pieces(data, [word for group in groups for word in group])
    synonyms: dict[int, set[int]] = defaultdict(set)
    for group in groups:
        tokens = {pieces[word][0] for word in group if len(pieces[word]) == 1} - {UNK}
        for token in tokens:
            synonyms[token] |= tokens - {token}
    synonyms = {token: others for token, others in synonyms.items() if others}
    if not synonyms:
        raise RequestError(
            f"no line of '{path.name}' holds two words that are whole in this vocabulary.",
            field=field,
            remedy="Give common words of these texts, a group a line, separated by commas or tabs.",
        )
    table = _table(
        data, {token: [[other] for other in sorted(others)] for token, others in synonyms.items()}
    )
    return (
        table,
        f"The thesaurus '{path.name}' knows synonyms of {len(synonyms):,} words of these texts.",
    )


def from_corpus(data: Dataset, nearest: int) -> tuple[Table, str]:
    """The table of the ``nearest`` words of each word by word vectors of the training texts.

    With a sentence that says how many words it has.
    """
    path = data.folder / f"nearest-words-{_SEEN}-{_MOST_NEIGHBOURS}.npz"
    neighbours = load_or_make(path, lambda: {"table": _neighbours(data)})["table"]
    count = int((neighbours[:, 0] != PAD).sum())
    return (
        neighbours[:, :nearest, None],
        f"Words used alike in the training texts stand for each other ({count:,} words that occur "
        f"at least {_SEEN} times); that includes opposites.",
    )


def misspellings(data: Dataset) -> tuple[Table, str]:
    """The table of misspellings, as the tokenizer cuts them, and a sentence on how many words.

    A slip swaps two neighbouring letters, drops one or doubles one. Words of at least four letters
    have up to six different ones, drawn with a fixed seed; those of more than four pieces are left
    out.
    """
    path = data.folder / f"misspellings-{_SLIPS}.npz"
    table = load_or_make(path, lambda: {"table": _misspellings(data)})["table"]
    count = int((table[:, 0, 0] != PAD).sum())
    return table, f"Typing errors are known for {count:,} words that are one token each."


def slips(word: str) -> list[str]:
    """All that one slip can make of ``word``: two letters swapped, one dropped or doubled. A letter
    keeps its marks."""
    parts = letters.clusters(word)
    made = [[*parts[:i], parts[i + 1], parts[i], *parts[i + 2 :]] for i in range(len(parts) - 1)]
    made += [[*parts[:i], *parts[i + 1 :]] for i in range(len(parts))]
    made += [[*parts[: i + 1], *parts[i:]] for i in range(len(parts))]
    return sorted({"".join(slip) for slip in made} - {word, ""})


def _neighbours(data: Dataset) -> Table:
    """int64 (vocabulary, 50): the nearest words of each, nearest first."""
    rows = data.rows("train")
    offsets = data.offsets[rows.start : rows.stop + 1]
    tokens = np.asarray(data.tokens[offsets[0] : offsets[-1]], np.int64)
    size = len(data.continues)
    vectors = token_table(data, _DIMENSIONS).vectors
    # A token is a whole word where it continues no word and the next token does not continue it.
    continues = data.continues[tokens]
    continued = np.append(continues[1:], False)
    seen = np.bincount(tokens[~continues & ~continued], minlength=size)
    eligible = (seen >= _SEEN) & (np.arange(size) >= len(SPECIAL_TOKENS)) & _lettered(data)
    return nearest_words(vectors, eligible, _MOST_NEIGHBOURS)


def _misspellings(data: Dataset) -> Table:
    """The table of ``misspellings``."""
    rng = np.random.default_rng(_SEED)
    chosen: dict[int, list[str]] = {}
    for token, word in enumerate(_vocabulary(data)):
        whole = token >= len(SPECIAL_TOKENS) and not data.continues[token]
        if whole and len(word) >= _SHORTEST and letters.all_letters(word):
            possible = slips(word)
            chosen[token] = [possible[i] for i in rng.permutation(len(possible))[:_SLIPS]]
    pieces = _pieces(data, [wrong for slipped in chosen.values() for wrong in slipped])
    return _table(
        data,
        {
            token: [
                pieces[wrong]
                for wrong in slipped
                if 0 < len(pieces[wrong]) <= _MOST_PIECES and UNK not in pieces[wrong]
            ]
            for token, slipped in chosen.items()
        },
    )


def _vocabulary(data: Dataset) -> list[str]:
    """The text of each token, by its id."""
    loaded = tokenizer.load(data.folder)
    return [str(loaded.id_to_token(token)) for token in range(loaded.get_vocab_size())]


def _lettered(data: Dataset) -> npt.NDArray[np.bool_]:
    """bool (vocabulary,): tokens of letters alone; numbers and signs have no synonyms."""
    return np.array([letters.all_letters(word) for word in _vocabulary(data)], np.bool_)


def _pieces(data: Dataset, words: Sequence[str]) -> dict[str, list[int]]:
    """The token ids of each word, as the tokenizer of the data cuts it."""
    distinct = list(dict.fromkeys(words))
    encoded = tokenizer.load(data.folder).encode_batch(distinct, add_special_tokens=False)
    return {word: list(each.ids) for word, each in zip(distinct, encoded, strict=True)}


def _table(data: Dataset, others: dict[int, list[list[int]]]) -> Table:
    """The table of ``others``: up to 20 words, as pieces, that may replace each token."""
    most = max((len(words) for words in others.values()), default=1)
    widest = max((len(pieces) for words in others.values() for pieces in words), default=1)
    table = np.full((len(data.continues), max(1, min(most, _MOST_SYNONYMS)), widest), PAD, np.int64)
    for token, words in others.items():
        for place, pieces in enumerate(words[:_MOST_SYNONYMS]):
            table[token, place, : len(pieces)] = pieces
    return table
