"""Sources are told by their content and cut into articles, however they are wrapped."""

import gzip
import json
from pathlib import Path

import pytest

from streams.edges.intake import sources
from streams.edges.intake.sources import Form, IntakeError, Piece, Refusal, files_under, pieces, pieces_of_bytes

ONE, TWO = b'{"article_id": "a", "body": "A {brace} and a \\"quote\\""}', b'{"article_id": "b", "n": [{"x": "}"}]}'


def cut(raw: bytes, name: str = "source") -> list[Piece | Refusal]:
    return list(pieces_of_bytes(raw, name))


def raws(found: list[Piece | Refusal]) -> list[bytes]:
    return [piece.raw for piece in found if isinstance(piece, Piece)]


@pytest.mark.parametrize(
    "raw",
    [
        ONE + b"\n" + TWO, ONE + b"\r\n\r\n" + TWO + b"\r\n", b"[" + ONE + b", " + TWO + b"]",
        b"\n [\n" + ONE + b"\n,\n" + TWO + b"\n]\n", b"\xef\xbb\xbf" + ONE + b"\n" + TWO,
        gzip.compress(ONE + b"\n" + TWO), gzip.compress(ONE + b"\n") + gzip.compress(TWO),
        (ONE + b"\n" + TWO).decode().encode("utf-16"), (b"[" + ONE + b"," + TWO + b"]").decode().encode("utf-16-le"),
        gzip.compress((ONE + b"\n" + TWO).decode().encode("utf-32")),
    ],
)  # fmt: skip
def test_json_articles_are_found_in_every_wrapping(raw: bytes) -> None:
    found = cut(raw)
    assert [json.loads(piece.decode("utf-8-sig")) for piece in raws(found)] == [json.loads(ONE), json.loads(TWO)]
    assert len(found) == 2


def test_objects_over_several_lines_are_one_article_each() -> None:
    spread = b"".join(json.dumps(json.loads(one), indent=2).encode() + b"\n" for one in (ONE, TWO))
    assert [json.loads(raw) for raw in raws(cut(spread))] == [json.loads(ONE), json.loads(TWO)]


def test_a_half_written_line_costs_no_other_one() -> None:
    assert raws(cut(ONE + b"\n" + TWO[:20] + b"\n" + TWO)) == [ONE, TWO[:20], TWO]


def test_what_stands_between_the_objects_of_an_array_is_kept() -> None:
    assert raws(cut(b"[{}, 17, " + ONE + b', "x"')) == [b"{}", b"17", ONE, b'"x"']


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (b"Clashes went on.\nIn the east.", Form.TEXT), (b"[Beirut] Clashes went on.", Form.TEXT),
        (b"{Beirut} Clashes", Form.TEXT), (b"<!DOCTYPE html><html>", Form.HTML), (b"  <HTML><body>", Form.HTML),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html>", Form.HTML), (b"<!-- x --><html>", Form.HTML),
    ],
)  # fmt: skip
def test_the_form_is_told_by_the_content(raw: bytes, form: Form) -> None:
    (piece,) = cut(raw)
    assert isinstance(piece, Piece)
    assert piece.form is form


def test_a_name_decides_where_the_content_is_open() -> None:
    (piece,) = cut(b"no json at all", "news.jsonl.gz")
    assert isinstance(piece, Piece)
    assert piece.form is Form.JSONL


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"), (b" \n\n ", "empty"), (b"[]", "empty"), (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "encoding"),
        (gzip.compress(ONE * 1000)[:-30], "encoding"), (b"\x1f\x8b not gzip", "encoding"),
        (gzip.compress(b"x" * (64 << 20)), "too_large"), (b"<rss version='2.0'>", "schema"),
        ("\ufeffhalf".encode("utf-16-le") + b"\x00", "encoding"),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_read_is_refused_with_its_bytes(raw: bytes, reason: str) -> None:
    refusal = cut(raw)[-1]
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason
    assert refusal.raw.strip() == raw.strip()


def test_a_line_above_the_limit_is_read_over_and_the_next_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_PIECE_BYTES", 100)
    refusal, piece = cut(ONE[:-2] + b"x" * 500_000 + b'"}\n' + TWO)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "too_large"
    assert len(refusal.raw) == 100
    assert "500,0" in refusal.detail
    assert raws([piece]) == [TWO]


def test_a_refused_article_of_a_wide_file_keeps_its_width() -> None:
    (piece,) = cut('{"half'.encode("utf-16"))
    assert isinstance(piece, Piece)
    assert piece.refused(sources.Reason.NOT_JSON, "").raw == '{"half'.encode("utf-16")


def test_a_folder_stands_for_every_file_below_it_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "sub/a.txt", "a.jsonl", ".hidden", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = files_under([str(tmp_path), "-"])
    assert found == [*(str(tmp_path / name) for name in ("a.jsonl", "b.txt", "sub/a.txt")), "-"]


def test_a_source_that_is_not_there_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="there is no such file"):
        files_under([str(tmp_path), str(tmp_path / "nothing")])


def test_an_article_is_told_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_bytes(ONE + b"\n\n" + TWO)
    assert [found.origin for found in pieces(str(tmp_path / "news.jsonl"))] == [
        f"{tmp_path}/news.jsonl:1",
        f"{tmp_path}/news.jsonl:3",
    ]
