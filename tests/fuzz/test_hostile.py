"""What is sent to harm: each is taken or refused by the real command in bounded time and memory, and not lost."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.codec import decode
from schemas.dead_letter import DeadLetter
from streams.shells.log import iterate
from streams.shells.sqlite_log import SqliteLog

pytestmark = pytest.mark.slow

SECONDS, MEGABYTES = 5.0, 200
"""What one may cost in time of the processor and in memory, above an article of one line."""
OF_KEPT = 2
"""Times its own length that what is refused whole may cost besides, as its dead letter holds every byte."""
LINE = b'{"outlet": "afp", "published_at": "2016-01-24", "body": "%s"}\n'
SAID = "The army captured Rabia on Sunday."


def line(body: bytes | str = SAID) -> bytes:
    return LINE.replace(b"%s", body if isinstance(body, bytes) else body.encode())


def gzip_bomb() -> bytes:
    """256 MB of spaces in a quarter of a megabyte."""
    packer, chunk = zlib.compressobj(9, zlib.DEFLATED, 31), b" " * (1 << 20)
    return b"".join(packer.compress(chunk) for _ in range(256)) + packer.flush()


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("news.jsonl", b" " * (64 << 20))
    return packed.getvalue()


def page(middle: bytes) -> bytes:
    return b"<!doctype html><html><head><meta charset=utf-8></head><body>" + middle + b"</body></html>"


ARTICLE, LETTER = "an article", "a dead letter"
CASES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "an article of 50 MB": ("a.jsonl", lambda: line(b"The army captured Rabia. " * 2_000_000), LETTER),
    "a page of 50 MB": ("a.html", lambda: page(b"<p>The army captured Rabia.</p>" * 1_600_000), LETTER),
    "a gzip bomb": ("a.jsonl.gz", gzip_bomb, LETTER),
    "a zip bomb": ("a.jsonl", zip_bomb, LETTER),
    "a page of 300,000 attributes": (
        "a.html", lambda: page(b"<p " + b" ".join(b"a%d=1" % n for n in range(300_000)) + b">The army.</p>"), LETTER
    ),
    "deep JSON": ("a.jsonl", lambda: b'{"body": ' + b"[" * 500_000 + b"]" * 500_000 + b"}\n", LETTER),
    "deep HTML": ("a.html", lambda: page(b"<div>" * 100_000 + b"The army captured Rabia."), LETTER),
    "half a character": ("a.jsonl", lambda: line(b"The army \\ud800 captured Rabia on Sunday."), ARTICLE),
    "text from right to left": ("a.jsonl", lambda: line("The army \u202ecaptured\u2066 Rabia\u200f."), ARTICLE),
    "a wrong encoding": (
        "a.html",
        lambda: page(f"<p>{SAID} – “it fell”</p>".encode("cp1252") * 20).replace(b"utf-8", b"utf-16"),
        ARTICLE,
    ),
    "nothing but NUL": ("a.jsonl", lambda: b"\x00" * 1_000_000, LETTER),
    "10,000 names of a place": ("a.jsonl", lambda: line(b"Rabia, " * 10_000), ARTICLE),
}  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    seconds: float
    megabytes: float
    exit_code: int
    said: str


def ingested(folder: Path, name: str, raw: bytes) -> Cost:
    (folder / name).write_bytes(raw)
    command = [sys.executable, "-m", "streams.edges.cli", "ingest", "--log", str(folder / "log.db"), str(folder / name)]
    command += ["--outlet", "afp", "--published-at", "2016-01-24"]
    told = subprocess.run([sys.executable, "-S", "-c", MEASURED, *command], capture_output=True, check=True).stdout
    exit_code, seconds, kilobytes, said = json.loads(told)
    return Cost(seconds, kilobytes / 1024, exit_code, said)


MEASURED = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
said = process.stdout.read().decode()
_, status, usage = os.wait4(process.pid, 0)
seconds = usage.ru_utime + usage.ru_stime
print(json.dumps([os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss, said]))
"""
"""Runs a command from a small process: from the tests' own it would begin with their memory."""


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Cost:
    """The cost of an article of one line, and of a page, whichever is more."""
    folder = tmp_path_factory.mktemp("usual")
    both = [ingested(folder, "a.jsonl", line()), ingested(folder, "a.html", page(f"<p>{SAID}</p>".encode() * 9))]
    return Cost(max(one.seconds for one in both), max(one.megabytes for one in both), 0, "")


@pytest.mark.parametrize("what", CASES)
def test_what_is_sent_to_harm_costs_little_and_is_not_lost(what: str, usual: Cost, tmp_path: Path) -> None:
    name, made, becomes = CASES[what]
    raw = made()
    cost = ingested(tmp_path, name, raw)
    assert cost.exit_code in (0, 1), cost.said
    assert "Traceback" not in cost.said
    assert cost.seconds <= usual.seconds + SECONDS
    assert cost.megabytes <= usual.megabytes + MEGABYTES + OF_KEPT * (len(raw) >> 20)
    with closing(SqliteLog(tmp_path / "log.db", read_only=True)) as log:
        articles = list(iterate(log, "articles"))
        letters = [decode(DeadLetter, stored.value) for stored in iterate(log, "dead-letters")]
    assert (len(articles), len(letters)) == ((1, 0) if becomes is ARTICLE else (0, 1)), cost.said
    assert all(letter.detail for letter in letters)
    print(f"{what}: {cost.seconds - usual.seconds:.1f} s, {cost.megabytes - usual.megabytes:.0f} MB")
