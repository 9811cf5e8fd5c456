"""Bytes become the text that was meant, whatever they went through."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import RefusedArticle
from streams.edges.intake.text import decode, kind_of_binary, repair

PRINTED = "The army took “Khasham” – the town’s mayor fled to the café at Mayadin … he said"
ARABIC = "قال ناشطون إن الطائرات قصفت بلدة خشام في ريف دير الزور الشرقي صباح اليوم"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_latin_text_is_read_in_any_encoding_of_the_press(encoding: str) -> None:
    assert decode(PRINTED.encode(encoding))[0] == PRINTED


@pytest.mark.parametrize("encoding", ["utf-8", "cp1256", "iso8859_6", "utf-16"])
def test_arabic_text_is_read_in_any_encoding_of_the_press(encoding: str) -> None:
    assert decode(ARABIC.encode(encoding))[0] == ARABIC


def test_utf8_is_believed_before_a_declaration() -> None:
    assert decode(PRINTED.encode(), declared="iso-8859-1") == (PRINTED, "utf-8")


def test_declared_latin_1_means_what_browsers_take_it_for() -> None:
    assert decode(PRINTED.encode("cp1252"), declared="ISO-8859-1") == (PRINTED, "cp1252")


def test_an_encoding_that_nobody_knows_is_no_obstacle() -> None:
    assert decode(PRINTED.encode("cp1252"), declared="x-klingon")[0] == PRINTED


@pytest.mark.parametrize("raw", [os.urandom(4096), b"\xff\xfe\xff\xdc\xff", b"\xc3\x28\x00\x01\x02\x03\x04"])
def test_bytes_that_are_no_text_are_refused(raw: bytes) -> None:
    with pytest.raises(RefusedArticle) as refused:
        decode(raw)
    assert refused.value.reason == "encoding"


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"%PDF-1.7", "a PDF"), (b"PK\x03\x04", "a ZIP archive or an office document"), (bytes(range(32)), "binary data")],
)
def test_a_file_that_holds_no_text_is_told_by_its_first_bytes(head: bytes, kind: str) -> None:
    assert kind_of_binary(head) == kind


def test_mojibake_is_undone_and_quotes_stay_as_printed() -> None:
    assert repair(PRINTED.replace("”", '"').encode().decode("cp1252")) == PRINTED.replace("”", '"')


def test_arabic_that_was_read_as_latin_is_arabic_again() -> None:
    assert repair(ARABIC.encode().decode("latin-1")) == ARABIC


def test_entities_become_their_characters() -> None:
    assert repair("Deir ez&#45;Zor &amp; &quot;Raqqa&quot;") == 'Deir ez-Zor & "Raqqa"'


def test_nothing_unseen_stays_in_a_text() -> None:
    assert repair("Kha\x00sh\u200bam\u202e is\r\nfree\x07\u2028now") == "Khasham is\nfree\nnow"


def test_half_a_character_becomes_a_mark_and_not_an_error() -> None:
    assert repair("fled \ud83d today").encode() == "fled \ufffd today".encode()


def test_letters_and_their_accents_are_one_character() -> None:
    assert repair("cafe\u0301") == "café"


@given(st.text())
def test_whatever_text_comes_can_be_stored_and_has_nothing_unseen_in_it(text: str) -> None:
    repaired = repair(text)
    repaired.encode()
    assert all(sign in "\n\t" or not (ord(sign) < 32 or 127 <= ord(sign) < 160) for sign in repaired)
