"""Texts to tokens: the vocabulary, token ids, sentences."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from data_making import WORDS, put, sentence, sentences

from workbench.config import DataConfig
from workbench.data import prepare, tokenizer
from workbench.data.dataset import PAD, SPECIAL_TOKENS, UNK
from workbench.data.tokenizer.sentences import starts
from workbench.errors import RequestError


def posts(path: Path, texts: list[str]) -> Path:
    return put(path, "\n".join(json.dumps({"text": text}) for text in texts).encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith paid 3.50 to J. Doe. He left.", ["Dr. Smith paid 3.50 to J. Doe.", "He left."]),
        ('She said "Stop!" Then silence…', ['She said "Stop!"', "Then silence…"]),
        ("e.g. this, i.e. that etc. And more.", ["e.g. this, i.e. that etc. And more."]),
        ("no capital. after it", ["no capital. after it"]),
        ("Heading\n\nbody of it", ["Heading", "body of it"]),
        ("Era così. È finita.", ["Era così.", "È finita."]),
        ("It cost 5. 10 were left.", ["It cost 5.", "10 were left."]),
        ("東京です。大阪です。", ["東京です。", "大阪です。"]),
        ("यह घर है। वह पेड़ है।", ["यह घर है।", "वह पेड़ है।"]),
        ("أين البيت؟ هنا.", ["أين البيت؟", "هنا."]),
        ("Это дом, т.е. жильё. Да.", ["Это дом, т.е. жильё.", "Да."]),
        ("So do I. You too.", ["So do I.", "You too."]),
        ("", [""]),
    ],
)
def test_sentences_begin_where_a_reader_says(text: str, expected: list[str]) -> None:
    begins = starts(text)
    pieces = [text[a:b].strip() for a, b in zip(begins, [*begins[1:], len(text)], strict=True)]
    assert pieces == expected


def test_special_tokens_come_first_and_words_can_be_read_back() -> None:
    vocabulary = tokenizer.train(sentences(400))
    known = vocabulary.get_vocab()
    assert [known[token] for token in SPECIAL_TOKENS] == list(range(len(SPECIAL_TOKENS)))
    ((ids, _),) = tokenizer.encode(vocabulary, ["River STONE unheard."])
    assert vocabulary.decode(ids.tolist()) == "river stone unheard."
    assert UNK not in ids
    assert len(ids) < len("riverstoneunheard.")


def test_a_piece_continues_a_word_if_it_does_not_begin_one() -> None:
    vocabulary = tokenizer.train(sentences(400))
    joins = tokenizer.continues(vocabulary)
    assert joins.shape == (vocabulary.get_vocab_size(),)
    for text in ("riverstone bridge", "stonecold, mirror"):
        encoding = vocabulary.encode(text)
        begins = [not joins[i] for i in encoding.ids]
        gaps = [a == 0 or not text[a - 1 : a + 1].isalpha() for a, _ in encoding.offsets]
        assert begins == gaps


def test_the_vocabulary_is_the_same_in_every_process() -> None:
    # Ties are what hashes decide: few texts have many.
    code = (
        "import hashlib\nfrom workbench.data import tokenizer\n"
        f"texts = {sentences(60)!r}\n"
        "print(hashlib.sha256(tokenizer.train(texts).to_str().encode()).hexdigest())"
    )
    run = [sys.executable, "-c", code]
    found = {
        subprocess.run(
            run, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": s}
        ).stdout
        for s in ("1", "2", "3")
    }
    assert len(found) == 1


def test_the_vocabulary_is_learned_from_training_alone(home: Path, source: Path) -> None:
    for split, texts in (("train", sentences(200)), ("test", ["quixotic zephyr jumbo"] * 50)):
        posts(source / f"{split}.jsonl", texts)
    data = prepare(DataConfig(str(source)), home)
    pieces = tokenizer.load(data.folder).get_vocab()
    assert "river" in pieces
    assert "quixotic" not in pieces
    # Letters that training never saw are unknown.
    tested = data.tokens[data.offsets[data.rows("test").start] :]
    assert (tested == UNK).any()


def test_tokens_sentences_and_texts_fit_together(home: Path, source: Path) -> None:
    texts = [f"{sentence(i)} {sentence(i + 500)} {sentence(i + 900, 3)}" for i in range(60)]
    data = prepare(DataConfig(str(posts(source / "posts.jsonl", texts))), home)
    vocabulary = tokenizer.load(data.folder)
    assert data.info.sentences == 3.0
    assert data.tokens.dtype == np.uint16
    assert data.tokens.min() > PAD
    assert int(data.tokens.max()) < (data.info.vocabulary or 0) == len(data.continues)
    assert data.info.length == int(np.diff(data.offsets).max())
    for row in (0, 20, 59):
        begin, end = data.offsets[row], data.offsets[row + 1]
        assert vocabulary.decode(data.tokens[begin:end].tolist()) == data.texts[row].lower()
        at = data.sentences[data.sentence_offsets[row] : data.sentence_offsets[row + 1]]
        assert at[0] == begin
        parts = [data.tokens[a:b].tolist() for a, b in zip(at, [*at[1:], end], strict=True)]
        assert [vocabulary.decode(part) for part in parts] == [
            part + "." for part in data.texts[row].lower().rstrip(".").split(". ")
        ]


def test_long_texts_are_cut_and_their_sentences_with_them(home: Path, source: Path) -> None:
    texts = [" ".join(sentence(i * 50 + k) for k in range(40)) for i in range(30)]
    path = posts(source / "posts.jsonl", texts)
    usual = prepare(DataConfig(str(path)), home)
    assert usual.info.length == 128
    short = prepare(DataConfig(str(path), length=16), home)
    assert short.info.length == 16
    assert np.diff(short.offsets).max() == 16
    within = short.sentences - np.repeat(short.offsets[:-1], np.diff(short.sentence_offsets))
    assert within.max() < 16
    assert any("30 of 30 texts were cut after 16 tokens" in note for note in short.info.notes)
    assert short.texts == usual.texts


def test_empty_texts_are_dropped_and_odd_ones_kept(home: Path, source: Path) -> None:
    odd = ["\u200b\u0007", "   ", "", "\ud83d half", "\u0301"]
    data = prepare(DataConfig(str(posts(source / "p.jsonl", [*sentences(40), *odd]))), home)
    assert any("3 empty texts were dropped" in note for note in data.info.notes)
    assert data.info.total == 42
    assert np.diff(data.offsets).min() >= 1
    with pytest.raises(RequestError, match="all 3 texts are empty"):
        prepare(DataConfig(str(posts(source / "e.jsonl", ["", " ", "\n"]))), home)


def test_a_script_of_many_signs_leaves_room_for_pieces() -> None:
    rng = np.random.default_rng(0)
    signs = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    texts = [
        "".join(rng.choice(signs, 20)) + " " + " ".join(rng.choice(WORDS, 20)) for _ in range(900)
    ]
    known = tokenizer.train(texts).get_vocab()
    assert len(known) <= tokenizer.LARGEST + len(SPECIAL_TOKENS)
    assert set(WORDS) <= set(known)


SCRIPTS = {
    "Thai": ["ที่นี่มีน้ำใจและกำลังใจ", "เขาไม่รู้ว่าจะไปที่ไหนเมื่อวานนี้", "ผู้ใหญ่บ้านอยู่ใกล้กุฏิ"],
    "Lao": ["ຂ້ອຍບໍ່ຮູ້ວ່າຈະໄປໃສມື້ນີ້", "ນ້ຳໃຈຂອງຜູ້ຄົນຢູ່ທີ່ນີ້"],
    "Khmer": ["ខ្ញុំមិនដឹងថាត្រូវទៅណាទេ", "ភាសាខ្មែរមានស្រៈច្រើន។"],
    "Burmese": ["မြန်မာဘာသာစကားကို သင်ယူနေသည်။"],
    "Hindi": ["मैं नहीं जानता कि कहाँ जाना है।", "हिन्दी में दिल और दल दो शब्द हैं।", "क्‍या ज़िंदगी"],
    "Tamil": ["எங்கே போவது என்று எனக்குத் தெரியாது.", "தமிழ் மொழி கொடி"],
    "Arabic": ["لَا أَعْرِفُ إِلَى أَيْنَ أَذْهَبُ", "مَرْحَبًا بِالْعَالَمِ؟"],
    "Persian": ["نمی‌خواهم به خانه‌ها بروم"],
    "Hebrew": ["שָׁלוֹם עֲלֵיכֶם", "אֵינֶנִּי יוֹדֵעַ לְאָן לָלֶכֶת."],
    "Vietnamese": ["Tôi không biết phải đi đâu hôm nay.", "ma má mà mả mã mạ", "Người Việt ở Huế"],
    "Korean": ["어디로 가야 할지 모르겠습니다.", "한국어는 값진 언어다 뷁"],
    "Chinese": ["我不知道今天该去哪里。", "東京國際機場"],
    "Japanese": ["どこへ行けばいいのかわからない。", "ガラスのコップをパパとバスで運ぶ"],
    "Greek": ["Δεν ξέρω πού να πάω σήμερα· ΐ", "Ένα ταξίδι"],
    "Russian": ["Я не знаю, куда ещё идти. Йод и ёж"],
    "French": ["Où êtes-vous allés cet été ? Noël, ça y est", "œuvre"],
    "Yoruba": ["Ọjọ́ dára, ẹ̀yin ọ̀rẹ́ mi"],
    "Bengali": ["আমি জানি না কোথায় যেতে হবে।", "র‍্যাব"],
}


def letters_and_marks(text: str) -> str:
    """``text`` as the tokenizer should keep it, without its white space."""
    return "".join(unicodedata.normalize("NFC", text.lower()).split())


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_no_script_loses_a_letter_or_a_mark(script: str, form: str) -> None:
    """Decomposed spellings are those of macOS and of some keyboards."""
    texts = [unicodedata.normalize(form, text) for text in SCRIPTS[script]]
    vocabulary = tokenizer.train(texts * 3)
    for text, (ids, _) in zip(texts, tokenizer.encode(vocabulary, texts), strict=True):
        assert UNK not in ids
        assert letters_and_marks(vocabulary.decode(ids.tolist())) == letters_and_marks(text)


@pytest.mark.parametrize("script", ["Thai", "Lao", "Khmer", "Burmese", "Chinese", "Japanese"])
def test_scripts_without_spaces_are_cut_into_pieces(script: str) -> None:
    """A long passage is not one token, nor one word, and no piece hides from a task on words."""
    texts = SCRIPTS[script]
    vocabulary = tokenizer.train(texts * 50)
    passage = "".join("".join(texts).split()) * 5
    ((ids, _),) = tokenizer.encode(vocabulary, [passage])
    assert UNK not in ids
    # Many pieces, and where the script's letters can be learned as pieces, fewer than letters.
    assert 10 < len(ids) <= len(passage)
    assert not tokenizer.continues(vocabulary)[ids].any()


def test_decomposed_texts_get_the_same_tokens() -> None:
    texts = [text for script in SCRIPTS.values() for text in script]
    vocabulary = tokenizer.train(texts * 3)
    apart = [unicodedata.normalize("NFD", text) for text in texts]
    for (ids, _), (others, _) in zip(
        tokenizer.encode(vocabulary, texts), tokenizer.encode(vocabulary, apart), strict=True
    ):
        assert ids.tolist() == others.tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("river\u200bstone", "river stone"),
        ("ri\u00adver sto\u2060ne\ufeff", "river stone"),
        ("\u202eriver\u202c stone", "river stone"),
        ("river\u00a0stone<br />river&nbsp;stone", "river stone river stone"),
        ("river &amp; stone", "river & stone"),
        ("ri\u200dver\u200c stone", "river stone"),
    ],
)
def test_what_nobody_sees_makes_no_token(text: str, expected: str) -> None:
    vocabulary = tokenizer.train([*sentences(400), "river & stone"])
    ids, others = (ids.tolist() for ids, _ in tokenizer.encode(vocabulary, [text, expected]))
    assert ids == others


def test_a_word_without_end_is_cut_and_known() -> None:
    vocabulary = tokenizer.train(sentences(400))
    ((ids, _),) = tokenizer.encode(vocabulary, ["river" * 200])
    assert UNK not in ids
    assert vocabulary.decode(ids.tolist()).replace(" ", "") == "river" * 200


def test_equal_texts_are_equal_in_every_spelling(home: Path, source: Path) -> None:
    texts = [*sentences(40), "Café crème", unicodedata.normalize("NFD", "Café crème")]
    data = prepare(DataConfig(str(posts(source / "p.jsonl", texts))), home)
    assert len(np.unique(data.digests)) == 41


def test_cutting_long_texts_early_changes_no_token() -> None:
    vocabulary = tokenizer.train(sentences(200))
    long = " ".join(sentences(60))
    # Blanks and words without end: few tokens in many letters.
    texts = [long, " " * 500 + long, "x" * 3000 + " " + long, long.replace(" ", "\n")]
    for length in (3, 10, 100):
        for text, (ids, places) in zip(
            texts, tokenizer.encode(vocabulary, texts, length), strict=True
        ):
            ((whole, begins),) = tokenizer.encode(vocabulary, [text])
            assert ids.tolist() == whole[:length].tolist()
            assert places.tolist() == begins[begins < length].tolist()
