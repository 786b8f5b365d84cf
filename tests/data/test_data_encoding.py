"""Encodings: a few bad bytes leave a file what it is, and other code pages are recognised."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_making import put

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.sources.row_files.encoding import read_text
from workbench.errors import RequestError

LINES = [f"le café près de la gare était fermé, déçu {index},lieu" for index in range(60)]
TEXT = "\n".join(["text,label", *LINES])
SCRIPTS = {
    "cp1251": "Привет, как дела? Я хочу вернуть деньги за мой заказ.",
    "koi8_r": "Привет, как дела? Её ещё нет, а я хочу вернуть деньги за мой заказ.",
    "cp1250": "Zażółć gęślą jaźń. Proszę o szybki zwrot pieniędzy.",
    "cp1252": "Größe schön – „Wort“ für 3 €; naïve Süße",
    "latin-1": "le café près de la gare était fermé",
    "cp1253": "Η παραγγελία μου άργησε πολύ και το κουτί ήταν σκισμένο.",
    "cp1255": "ההזמנה שלי הגיעה מאוחר מאוד והקופסה הייתה קרועה.",
    "cp874": "การเดินทางมาถึงของฉันล่าช้ามาก ช่วยคืนเงินให้ด้วย บ้านของฉัน",
    "shift_jis": "こんにちは世界。返金をお願いします。ありがとう。なのにはて",
    "euc_jp": "こんにちは世界。返金をお願いします。ありがとう。",
    "gbk": "我的订单迟到了，盒子也坏了。请退款，谢谢。",
    "euc_kr": "주문이 늦게 도착했고 상자가 찢어졌습니다. 환불해 주세요.",
    "utf-16": "Größe schön, Привет, こんにちは",
    "utf-32": "Größe schön, Привет, こんにちは",
}


@pytest.mark.parametrize("codec", SCRIPTS)
def test_a_file_of_another_encoding_is_no_utf8_with_bad_bytes(source: Path, codec: str) -> None:
    text = "text\n" + "".join(f"{SCRIPTS[codec]} {index}\n" for index in range(40))
    found, encoding = read_text(put(source / "posts.csv", text.encode(codec)))
    assert found == text
    assert encoding.bad == 0


@pytest.mark.parametrize("bad", [1, 5, 30, 59])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_bad_bytes_do_not_turn_utf8_into_another_code_page(
    source: Path, bad: int, ending: bytes, mark: bytes
) -> None:
    lines = [line.encode() for line in TEXT.split("\n")]
    for index in range(bad):
        lines[60 - index] += b" d\xe9j\xe0"
    path = put(source / "posts.csv", mark + ending.join(lines))
    text, encoding = read_text(path)
    assert encoding.codec.startswith("utf-8")
    assert encoding.bad == 2 * bad
    assert encoding.bad_line == 62 - bad
    assert text.splitlines()[60] == f"{LINES[59]} d\ufffdj\ufffd"
    assert text.splitlines()[1] == LINES[0]
    [note] = encoding.notes("posts.csv")
    assert f"{2 * bad} places" in note
    assert f"line {62 - bad}" in note


def test_a_bad_byte_is_said_on_the_data_set_and_its_class_keeps_its_name(
    home: Path, source: Path
) -> None:
    rows = [
        f"{'où est passé mon colis' if i % 2 else 'parfait'} {i},éloge{i % 2}" for i in range(60)
    ]
    content = "\n".join(["text,label", *rows]).encode() + b" \xff\n"
    data = prepare(DataConfig(str(put(source / "posts.csv", content))), home)
    assert data.info.label is not None
    assert "éloge0" in data.info.label.classes
    assert any("1 places that are no UTF-8 (the first in line 61)" in n for n in data.info.notes)


def test_one_letter_beyond_ascii_may_be_of_a_code_page(source: Path) -> None:
    text = "text\n" + "the order came\n" * 50
    path = put(source / "posts.csv", text.encode() + "it’s d\xe9j\xe0 vu\n".encode("cp1252"))
    found, encoding = read_text(path)
    assert (encoding.codec, encoding.bad) == ("cp1252", 0)
    assert found.endswith("it’s déjà vu\n")


def test_replacement_characters_of_the_file_itself_are_no_bad_bytes(source: Path) -> None:
    path = put(source / "posts.csv", "text\nso \ufffd it is\n".encode())
    assert read_text(path)[1].bad == 0
    path = put(source / "posts.csv", f"{TEXT} \ufffd ".encode() + b"\xff\n")
    assert read_text(path)[1].bad == 1


def test_utf16_that_was_cut_is_read_but_for_its_end(source: Path) -> None:
    path = put(source / "posts.csv", TEXT.encode("utf-16") + b"a")
    text, encoding = read_text(path)
    assert text == TEXT + "\ufffd"
    assert (encoding.words, encoding.bad, encoding.bad_line) == ("UTF-16", 1, 61)


@pytest.mark.parametrize(
    ("codec", "zeros"), [("utf-8", b"\0"), ("utf-8", b"\0" * 300), ("utf-8-sig", b"\0\0")]
)
def test_zero_bytes_are_counted(source: Path, codec: str, zeros: bytes) -> None:
    path = put(source / "posts.csv", TEXT.encode(codec) + b"\n" + zeros)
    text, encoding = read_text(path)
    assert text == TEXT + "\n"
    assert encoding.zeros == len(zeros)
    assert any(f"{len(zeros)} zero bytes" in note for note in encoding.notes("posts.csv"))


def test_a_file_full_of_zero_bytes_is_no_text(source: Path) -> None:
    with pytest.raises(RequestError, match="encoding"):
        read_text(put(source / "posts.csv", (b"ab\0" * 1000)))


@pytest.mark.parametrize(
    ("head", "words"), [(b"PK\x03\x04", "Excel"), (b"\x1f\x8b", "gzip"), (b"PAR1", "Parquet")]
)
def test_files_of_other_kinds_are_named(source: Path, head: bytes, words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        read_text(put(source / "posts.csv", head + b"\x14\0\x08 anything"))
    assert caught.value.field == "--data"
    assert caught.value.remedy


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
def test_the_beginning_of_a_file_ends_with_a_whole_line(source: Path, codec: str) -> None:
    path = put(source / "posts.csv", TEXT.encode(codec))
    for most in range(300, 310):
        text, encoding = read_text(path, most)
        assert TEXT.startswith(text)
        assert text.endswith("\n")
        assert encoding.bad == 0
