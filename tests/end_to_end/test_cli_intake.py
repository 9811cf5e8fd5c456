"""Whatever is given to `frontwire ingest`: it is taken, or refused with a reason and kept, and the next one is read."""

from __future__ import annotations

import base64
import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import decode
from schemas.dead_letter import DeadLetter

COMMAND = [sys.executable, "-m", "streams.edges.cli"]
STORY = "".join(f"<p>Planes struck the market of the town on the {day} day, residents said.</p>" for day in "12345")
HUGE = 50_000_000


def article(**fields: Any) -> bytes:
    given = {"outlet": "daily", "published_at": "2016-01-24", "body": "The army captured the town of Rabia on Sunday."}
    return json.dumps(given | fields).encode()


@dataclass(frozen=True)
class Case:
    """A file, and what its refusal says."""

    raw: Callable[[], bytes]
    reason: str
    told: str


def _noise(count: int) -> bytes:
    return random.Random(7).randbytes(count)


BAD = {
    "empty.jsonl": Case(lambda: b"", "empty", "nothing in it"),
    "blank.txt": Case(lambda: b"\n \n", "empty", "nothing in it"),
    "half.jsonl": Case(lambda: article()[:50], "not_json", "written to the end"),
    "wrong-type.jsonl": Case(lambda: article(body=["x"]), "schema", "body is a list"),
    "no-object.json": Case(lambda: b"[17]", "schema", "not a list"),
    "no-body.jsonl": Case(lambda: b'{"text": "x"}', "schema", "the fields it has: text"),
    "no-words.jsonl": Case(lambda: article(body=" \u200b "), "no_text", "no words"),
    "no-date.jsonl": Case(lambda: article(published_at=None), "no_publication_date", "--published-at"),
    "no-date.html": Case(
        lambda: f"<html><body>{STORY}</body></html>".encode(), "no_publication_date", "--published-at"
    ),
    "future.jsonl": Case(lambda: article(published_at="2999-01-01"), "future_date", "2999"),
    "two-days.jsonl": Case(lambda: article(published_at="05/04/2016"), "schema", "two different days"),
    "no-outlet.txt": Case(lambda: b"24 January 2016\nThe army left.", "schema", "--outlet"),
    "noise.bin": Case(lambda: _noise(5000), "encoding", "binary"),
    "paper.pdf": Case(lambda: b"%PDF-1.7 ...", "encoding", "a PDF"),
    "half.jsonl.gz": Case(lambda: gzip.compress(article(), mtime=0)[:-20], "encoding", "ends early"),
    "bomb.jsonl.gz": Case(lambda: gzip.compress(b"x" * (40 << 20), mtime=0), "too_large", "swells"),
    "huge.jsonl": Case(lambda: article(body="x" * HUGE), "too_large", "50,0"),
    "huge.txt": Case(lambda: b"some words " * (HUGE // 11), "too_large", "characters"),
    "huge.html": Case(lambda: b"<html><body>" + b"<p>some words</p>" * 200_000, "too_large", "bytes"),
    "endless.html": Case(
        lambda: b"<html><body><p " + b" ".join(b"a%d=1" % number for number in range(150_000)) + b">x",
        "failed",
        "more than 5 s",
    ),
    "feed.xml": Case(lambda: b"<?xml version='1.0'?><rss></rss>", "schema", "XML"),
}


def frontwire(*words: str | Path, log: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"FRONTWIRE_LOG": str(log), "COLUMNS": "100"}
    done = subprocess.run([*COMMAND, *map(str, words)], input=stdin, capture_output=True, env=environment, timeout=180)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each bad file, and a good one behind it."""
    folder = tmp_path_factory.mktemp("bad")
    for number, (name, case) in enumerate(BAD.items()):
        (folder / f"{number:02}-{name}").write_bytes(case.raw())
        (folder / f"{number:02}-{name}-good").write_bytes(article(article_id=f"after {name}"))
    return folder


@pytest.fixture(scope="module")
def log(folder: Path) -> Path:
    log = folder.parent / "bad.db"
    done = frontwire("ingest", folder, log=log)
    assert done.returncode == 0, done.stderr.decode()
    return log


@pytest.fixture(scope="module")
def letters(log: Path) -> dict[str, DeadLetter]:
    """The dead letters by the name of their file."""
    found = [decode(DeadLetter, line) for line in frontwire("export", "dead-letters", log=log).stdout.splitlines()]
    named = {Path(letter.origin or "").name[3:]: letter for letter in found}
    return {name.partition(":")[0].partition("#")[0]: letter for name, letter in named.items()}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_kept_with_its_bytes_and_the_reason(name: str, letters: dict[str, DeadLetter]) -> None:
    letter, case = letters[name], BAD[name]
    assert letter.reason == case.reason
    assert case.told in letter.detail
    assert letter.raw == case.raw()
    assert (letter.topic, letter.offset) == ("articles", None)


def test_the_article_after_each_is_taken(log: Path) -> None:
    taken = [json.loads(line)["article_id"] for line in frontwire("export", "articles", log=log).stdout.splitlines()]
    assert sorted(taken) == sorted(f"after {name}" for name in BAD)


def test_each_refusal_is_told_where_it_happens(tmp_path: Path) -> None:
    news = tmp_path / "news.jsonl"
    news.write_bytes(b"\n".join([article(), article()[:30], article(title="again")]))
    done = frontwire("ingest", news, log=tmp_path / "log.db")
    assert f"{news}:2: not_json" in done.stderr.decode()
    assert "Took 2 articles" in done.stdout.decode()


def test_a_log_in_the_folder_that_is_taken_in_is_no_article(tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_bytes(article())
    for _ in range(2):
        done = frontwire("ingest", tmp_path, "--json", log=tmp_path / "log.db")
        assert json.loads(done.stdout)["dead_letters"] == 0


def test_nothing_but_refusals_is_a_failure_that_scripts_see(tmp_path: Path) -> None:
    assert frontwire("ingest", "-", log=tmp_path / "log.db", stdin=b"").returncode == 1


def test_a_huge_line_takes_no_more_memory_than_a_few_of_its_size(tmp_path: Path) -> None:
    (tmp_path / "huge.jsonl").write_bytes(article(body="x" * HUGE) + b"\n" + article())
    measured = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", measured, *COMMAND, "ingest", str(tmp_path / "huge.jsonl"), "--json"]
    environment = os.environ | {"FRONTWIRE_LOG": str(tmp_path / "log.db")}
    *_, peak = subprocess.run(command, capture_output=True, env=environment, check=True).stdout.splitlines()
    assert int(peak) * 1024 < 120e6 + 6 * HUGE


def test_a_page_is_taken_with_its_own_date_and_the_outlet_of_its_address(tmp_path: Path) -> None:
    head = (
        '<meta property="article:published_time" content="2016-01-24T10:00:00Z"><link rel="canonical" '
        'href="https://www.reuters.com/x">'
    )
    (tmp_path / "page.html").write_text(
        f"<html><head><title>T</title>{head}</head><body><h1>T</h1>{STORY}</body></html>"
    )
    log = tmp_path / "log.db"
    assert frontwire("ingest", tmp_path / "page.html", log=log).returncode == 0
    (taken,) = [json.loads(line) for line in frontwire("export", "articles", log=log).stdout.splitlines()]
    assert (taken["outlet"], taken["published_at"], taken["title"]) == ("reuters", "2016-01-24T10:00:00Z", "T")
    assert "market of the town" in taken["body"]


def test_plain_text_is_taken_with_what_the_options_say(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("The town’s fall\nThe army entered.".encode("cp1252"))
    log = tmp_path / "log.db"
    options = ("--outlet", "SANA", "--published-at", "2016-01-24", "--title-line")
    assert frontwire("ingest", tmp_path / "a.txt", *options, log=log).returncode == 0
    (taken,) = [json.loads(line) for line in frontwire("export", "articles", log=log).stdout.splitlines()]
    assert (taken["outlet"], taken["published_from"]) == ("sana", "option")
    assert (taken["title"], taken["body"]) == ("The town’s fall", "The army entered.")


def test_a_dead_letter_is_shown_mended_and_put_back(tmp_path: Path) -> None:
    log = tmp_path / "log.db"
    frontwire("ingest", "-", log=log, stdin=article(published_at=None) + b"\n" + article()[:30])
    shown = frontwire("dead-letters", "show", "0", log=log).stdout.decode()
    assert "no_publication_date" in shown
    assert frontwire("dead-letters", "show", "1", "--raw", log=log).stdout == article()[:30]
    assert frontwire("dead-letters", "put-back", "0", log=log).returncode == 1
    assert frontwire("dead-letters", "put-back", "0", "--published-at", "2016-01-24", log=log).returncode == 0
    (tmp_path / "mended.json").write_bytes(article(article_id="mended"))
    assert frontwire("dead-letters", "put-back", "1", "--from", tmp_path / "mended.json", log=log).returncode == 0
    taken = [json.loads(line) for line in frontwire("export", "articles", log=log).stdout.splitlines()]
    assert [one["published_from"] for one in taken] == ["option", "given"]
    assert taken[1]["article_id"] == "mended"
    listed = [json.loads(line) for line in frontwire("dead-letters", "list", "--json", log=log).stdout.splitlines()]
    assert [one["record"]["reason"] for one in listed] == ["no_publication_date", "not_json", "no_publication_date"]
    assert base64.urlsafe_b64decode(listed[1]["record"]["raw"]) == article()[:30]


def test_a_live_pipe_is_durable_while_it_waits_and_a_live_run_ends_when_told(tmp_path: Path) -> None:
    log = tmp_path / "log.db"
    environment = os.environ | {"FRONTWIRE_LOG": str(log)}
    taking = subprocess.Popen([*COMMAND, "ingest", "-", "--json"], stdin=subprocess.PIPE, env=environment)
    assert taking.stdin is not None
    taking.stdin.write(article(article_id="first") + b"\n")
    taking.stdin.flush()
    _until(lambda: b"first" in _export(log, "articles"))
    running = subprocess.Popen([*COMMAND, "run", "--json"], env=environment, stdout=subprocess.PIPE)
    _until(lambda: b"first" in _export(log, "mentions"))
    taking.stdin.write(article(article_id="second") + b"\n")
    taking.stdin.close()
    _until(lambda: b"second" in _export(log, "mentions"))
    running.terminate()
    told, _ = running.communicate(timeout=60)
    assert (running.returncode, taking.wait(60)) == (0, 0)
    assert json.loads(told)["articles"] == 2


def _export(log: Path, topic: str) -> bytes:
    return frontwire("export", topic, log=log).stdout if log.exists() else b""


def _until(holds: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)
