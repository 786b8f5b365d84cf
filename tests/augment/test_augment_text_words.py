"""Words put in, hidden together, exchanged and misspelt; and where their tables come from."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from workbench import options
from workbench.augment.parts import thesaurus
from workbench.augment.parts.thesaurus import slips
from workbench.augment.policy import Policy
from workbench.augment.text_exchange import SynonymReplacement, TypingErrors
from workbench.augment.text_words import Cutoff, TokenInsertion
from workbench.config import AugmentStep, DataConfig
from workbench.data import prepare, tokenizer
from workbench.data.corpus.word_vectors import cooccurrences, nearest_words, ppmi, word_vectors
from workbench.data.dataset import CLS, MASK, PAD, SEP, UNK, Dataset
from workbench.errors import RequestError
from workbench.tasks.base import Batch
from workbench.training.batches import pad_tokens

FIRST = 5
ANIMALS = ("horse", "tiger", "mouse", "whale")
PLACES = ("garden", "kitchen", "station", "harbour")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Texts in which animals are used alike, and so are places."""
    folder: Path = tmp_path_factory.mktemp("texts")
    rng = np.random.default_rng(0)
    with (folder / "texts.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text"])
        for i in range(600):
            animal, place = rng.choice(ANIMALS), rng.choice(PLACES)
            often = ("often", "never", "today", "twice")[i % 4]
            rows.writerow(
                [f"{often} the hungry {animal} ran away and slept near our old {place} number {i}."]
            )
    return prepare(DataConfig(str(folder / "texts.csv")), folder / "home")


def id_of(data: Dataset, word: str) -> int:
    (token,) = tokenizer.load(data.folder).encode(word).ids
    return token


def texts(count: int, length: int) -> torch.Tensor:
    return torch.arange(FIRST, FIRST + length).repeat(count, 1)


def words_of(row: torch.Tensor) -> list[int]:
    return [token for token in row.tolist() if token not in (PAD, CLS, SEP)]


PREPARED = (SynonymReplacement(rate=0.5), TypingErrors(rate=0.5))
PLAIN = (
    TokenInsertion(rate=0.4),
    TokenInsertion(rate=0.4, others=True),
    Cutoff(share=0.4),
    Cutoff(share=0.4, span=False),
)


@pytest.mark.parametrize("made", [*PLAIN, *PREPARED], ids=repr)
def test_texts_stay_texts(made, data, rng):
    """int64, never wider, padding at the end, special tokens never touched, no text emptied."""
    x = torch.from_numpy(pad_tokens(data, np.arange(40)))[:, :18]
    x[:, 0], x[::7, 3] = CLS, UNK
    x[3], x[4, 2:] = PAD, PAD
    before = x.clone()
    view = made.prepare(data).apply(x, rng)
    assert torch.equal(x, before)
    assert view.dtype == torch.int64
    assert view.shape == x.shape
    real = (view != PAD).long()
    assert (real.diff(dim=1) <= 0).all()
    assert torch.equal(real.any(dim=1), (x != PAD).any(dim=1))
    filled = (x != PAD).any(dim=1)
    assert (view[filled, 0] == CLS).all()
    assert not (view[:, 1:] == CLS).any()
    assert (view >= 0).all()
    assert (view < data.info.vocabulary).all()
    assert not torch.equal(view, x)


@pytest.mark.parametrize("made", [*PLAIN, *PREPARED], ids=repr)
@pytest.mark.parametrize(
    "x",
    [torch.full((2, 3), PAD), torch.tensor([[7]]), torch.tensor([[7, PAD], [UNK, 9]])],
    ids=["empty", "one word", "two words"],
)
def test_the_shortest_texts_keep_a_word(made, x, data, rng):
    prepared = made.prepare(data)
    for _ in range(20):
        view = prepared.apply(x, rng)
        seen = (view != PAD) & (view != MASK)
        assert torch.equal(seen.any(dim=1), (x != PAD).any(dim=1))


@pytest.mark.parametrize("made", [*PLAIN, *PREPARED], ids=repr)
def test_the_seed_decides_and_every_text_has_its_own_draw(made, data):
    prepared = made.prepare(data)
    one = torch.from_numpy(pad_tokens(data, np.array([0])))
    x = one.repeat(32, 1)
    view = prepared.apply(x, torch.Generator().manual_seed(0))
    assert (view != view[:1]).any()
    assert torch.equal(view, prepared.apply(x, torch.Generator().manual_seed(0)))
    assert not torch.equal(view, prepared.apply(x, torch.Generator().manual_seed(1)))


def test_insertion_keeps_the_text_and_adds_its_own_words(rng):
    x = torch.cat([texts(400, 20), torch.full((400, 20), PAD)], dim=1)
    view = TokenInsertion(rate=0.25).apply(x, rng)
    added = (view != PAD).sum(dim=1) - 20
    assert added.float().mean() == pytest.approx(5, abs=0.4)
    inserted = []
    for row in view:
        left = list(range(FIRST, FIRST + 20))
        for token in words_of(row):
            if left and token == left[0]:
                left.pop(0)
            else:
                inserted.append(token)
        assert left == []
    # Every word of the text is put in as often as any other.
    often = np.bincount(inserted, minlength=FIRST + 20)[FIRST:]
    assert often.sum() == added.sum()
    assert often.min() > 0.5 * often.mean()


def test_words_of_other_texts_are_put_in_if_asked_for(rng):
    x = torch.tensor([[5, 6, 7, PAD, PAD, PAD], [8, 9, SEP, PAD, PAD, PAD]]).repeat(200, 1)
    own = TokenInsertion(rate=1.0).apply(x, rng)
    assert set(own[::2].unique().tolist()) <= {PAD, 5, 6, 7}
    view = TokenInsertion(rate=1.0, others=True).apply(x, rng)
    assert set(view[::2].unique().tolist()) == {5, 6, 7, 8, 9}
    assert set(view[1::2].unique().tolist()) == {PAD, SEP, 5, 6, 7, 8, 9}


def test_what_does_not_fit_falls_off_at_the_end(rng):
    view = TokenInsertion(rate=1.0).apply(texts(50, 6), rng)
    assert view.shape == (50, 6)
    assert torch.equal(view[:, ::2], texts(50, 3))


@pytest.mark.parametrize("span", [True, False])
def test_cutoff_hides_the_share_of_every_text(span, rng):
    x = texts(300, 20)
    view = Cutoff(share=0.25, span=span).apply(x, rng)
    hidden = view == MASK
    assert torch.equal(view[~hidden], x[~hidden])
    assert hidden.sum(dim=1).tolist() == [5] * 300
    runs = (hidden.int().diff(dim=1) == 1).sum(dim=1) + hidden[:, 0]
    assert (runs == 1).all() == span
    assert (hidden.float().mean(dim=0) > 0.02).all()


def test_neighbours_in_the_corpus_are_words_used_alike(data, rng):
    made = SynonymReplacement(rate=1.0, nearest=2).prepare(data)
    for group in (ANIMALS, PLACES):
        ids = [id_of(data, word) for word in group]
        for token in ids:
            assert set(made.table[token, :, 0].tolist()) < set(ids) - {token}
    assert made.table.shape[1:] == (2, 1)
    (note,) = made.notes()
    assert "used alike" in note
    x = torch.from_numpy(pad_tokens(data, np.arange(200)))
    view = made.apply(x, rng)
    assert view.shape == x.shape
    changed = view != x
    assert changed.any(dim=1).all()
    animals = torch.tensor([id_of(data, word) for word in ANIMALS])
    at = torch.isin(x, animals)
    assert changed[at].all()
    assert torch.isin(view[at], animals).all()
    # Both neighbours are drawn.
    assert len(view[x == animals[0]].unique()) == 2


def test_pieces_of_words_are_left_alone(data, rng):
    made = SynonymReplacement(rate=1.0).prepare(data)
    horse = id_of(data, "horse")
    piece = int(np.flatnonzero(data.continues)[0])
    x = torch.tensor([[horse, piece, horse, PAD], [piece, horse, SEP, PAD]]).repeat(20, 1)
    view = made.apply(x, rng)
    kept = torch.tensor([[True, True, False, True], [True, False, True, True]]).repeat(20, 1)
    assert torch.equal(view == x, kept)


def test_a_thesaurus_file_says_which_words_are_alike(data, rng, tmp_path):
    file = tmp_path / "words.txt"
    file.write_text(
        "Horse, whale\tunheardofword\n\ngarden,kitchen,  station\nalone\nharbour, qqq\n", "utf-8"
    )
    made = SynonymReplacement(rate=1.0, file=str(file)).prepare(data)
    known = {
        int(t): sorted(set(made.table[t].ravel()) - {PAD})
        for t in made.table.any((1, 2)).nonzero()[0]
    }
    ids = {word: id_of(data, word) for word in (*ANIMALS, *PLACES)}
    others = {
        "horse": ["whale"],
        "whale": ["horse"],
        "garden": ["kitchen", "station"],
        "kitchen": ["garden", "station"],
        "station": ["garden", "kitchen"],
    }
    assert known == {ids[w]: sorted(ids[o] for o in like) for w, like in others.items()}
    assert "5 words" in made.notes()[0]
    x = torch.tensor([[ids["horse"], ids["tiger"], ids["garden"]]]).repeat(60, 1)
    view = made.apply(x, rng)
    assert (view[:, 0] == ids["whale"]).all()
    assert (view[:, 1] == ids["tiger"]).all()
    assert set(view[:, 2].tolist()) == {ids["kitchen"], ids["station"]}


def test_a_file_that_is_absent_or_says_nothing_is_refused(data, tmp_path):
    with pytest.raises(RequestError, match=r"no file 'none\.txt'") as caught:
        options.build(SynonymReplacement, {"file": str(tmp_path / "none.txt")})
    assert caught.value.field == "--augment synonym_replacement.file"
    for content in (b"nothing, known\n", b"\xff\xfe\x00"):
        file = tmp_path / "bad.txt"
        file.write_bytes(content)
        with pytest.raises(RequestError, match=r"bad\.txt") as caught:
            SynonymReplacement(file=str(file)).prepare(data)
        assert caught.value.remedy


def test_the_file_is_written_down_as_a_whole_path(tmp_path, monkeypatch):
    (tmp_path / "words.txt").write_text("a, b")
    monkeypatch.chdir(tmp_path)
    made = SynonymReplacement(file="words.txt")
    assert options.values_of(made)["file"] == str(tmp_path / "words.txt")


def test_slips_are_swaps_drops_and_doubles():
    assert slips("ab") == sorted(["ba", "a", "b", "aab", "abb"])
    assert "hrose" in slips("horse")
    assert "hose" in slips("horse")
    assert "horrse" in slips("horse")
    assert "horse" not in slips("aa") + slips("horse")
    assert all(abs(len(wrong) - 5) <= 1 for wrong in slips("horse"))


def test_typing_errors_are_the_pieces_of_the_misspelt_word(data, rng):
    made = TypingErrors(rate=1.0).prepare(data)
    known = tokenizer.load(data.folder)
    horse = id_of(data, "horse")
    x = torch.tensor([[horse, id_of(data, "our"), *[PAD] * 6]]).repeat(100, 1)
    seen = set()
    for row in made.apply(x, rng):
        *wrong, last = words_of(row)
        # "our" is too short to be misspelt.
        assert last == x[0, 1]
        seen.add(known.decode(wrong))
    assert seen <= set(slips("horse"))
    assert len(seen) > 3
    again = TypingErrors(rate=0.0).prepare(data)
    assert torch.equal(again.apply(x, rng), x)


def test_tables_are_kept_beside_the_data(data, monkeypatch):
    first = SynonymReplacement().prepare(data).table, TypingErrors().prepare(data).table
    monkeypatch.setattr(thesaurus, "_neighbours", lambda data: pytest.fail("made again"))
    monkeypatch.setattr(thesaurus, "_misspellings", lambda data: pytest.fail("made again"))
    again = SynonymReplacement().prepare(data).table, TypingErrors().prepare(data).table
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    assert not list(data.folder.glob(".*.npy.*"))


def test_a_policy_with_the_data_prepares_its_steps(data):
    steps = [AugmentStep("synonym_replacement", {"rate": 1.0}), AugmentStep("typing_errors")]
    policy = Policy(steps, data.info, data)
    assert len(policy.notes()) == 2
    tokens = torch.from_numpy(pad_tokens(data, np.arange(4)))
    batch = Batch(torch.arange(4), tokens=tokens)
    assert not torch.equal(policy(batch, torch.Generator().manual_seed(0)), tokens)
    with pytest.raises(ValueError, match="must be prepared"):
        Policy(steps, data.info)(batch, torch.Generator().manual_seed(0))


def test_few_texts_are_warned_of(data, tmp_path):
    assert "few to tell" in (SynonymReplacement().warning(data.info) or "")
    many = dataclasses.replace(data.info, counts={"train": 5000})
    assert SynonymReplacement().warning(many) is None
    file = tmp_path / "words.txt"
    file.write_text("a, b")
    assert SynonymReplacement(file=str(file)).warning(data.info) is None


def by_hand(texts: list[list[int]], vocabulary: int) -> np.ndarray:
    counts = np.zeros((vocabulary, vocabulary))
    for text in texts:
        for i, first in enumerate(text):
            for j, second in enumerate(text):
                if 1 <= abs(i - j) <= 4:
                    counts[first, second] += 1 / abs(i - j)
    return counts


def test_cooccurrences_and_their_information_agree_with_loops():
    rng = np.random.default_rng(0)
    texts = [rng.integers(0, 9, length).tolist() for length in (1, 7, 12, 2, 30)]
    tokens = np.array([token for text in texts for token in text])
    offsets = np.cumsum([0, *map(len, texts)])
    counts = cooccurrences(tokens, offsets, 12)
    expected = by_hand(texts, 12)
    assert np.allclose(counts.toarray(), expected)
    weights = ppmi(counts).toarray()
    smooth = expected.sum(axis=0) ** 0.75
    for word in range(12):
        for context in range(12):
            value = 0.0
            if expected[word, context]:
                joint = expected[word, context] / expected.sum()
                alone = expected[word].sum() / expected.sum()
                value = max(0.0, math.log(joint / (alone * smooth[context] / smooth.sum())))
            assert weights[word, context] == pytest.approx(value, abs=1e-9)


def test_word_vectors_have_length_1_or_0_and_repeat():
    rng = np.random.default_rng(0)
    tokens = rng.integers(5, 40, 3000)
    offsets = np.arange(0, 3001, 30)
    vectors = word_vectors(tokens, offsets, 50, 64)
    length = np.linalg.norm(vectors, axis=1)
    assert np.allclose(length[5:40], 1, atol=1e-5)
    assert not length[[*range(5), *range(40, 50)]].any()
    again = word_vectors(tokens, offsets, 50, 64)
    assert np.allclose(again, vectors, atol=1e-4)
    alone = word_vectors(np.array([5, 6, 7]), np.arange(4), 20, 64)
    assert not alone.any()


def test_nearest_words_are_by_cosine_and_among_the_eligible():
    angle = np.radians([0, 10, 30, 60, 61])
    vectors = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    eligible = np.array([True, True, False, True, True])
    nearest = nearest_words(vectors, eligible, 4)
    assert nearest.tolist() == [
        [1, 3, 4, PAD],
        [0, 3, 4, PAD],
        [PAD] * 4,
        [4, 1, 0, PAD],
        [3, 1, 0, PAD],
    ]
