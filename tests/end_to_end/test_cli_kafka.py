"""The command puts articles onto a real broker as it puts them into a file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.article import Article
from schemas.codec import decode
from schemas.dead_letter import DeadLetter
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import iterate

pytestmark = pytest.mark.kafka

ARTICLE = {"outlet": "daily", "published_at": "2016-01-24", "body": "The army captured the town of Rabia on Sunday."}
HUGE = 40_000_000


def test_articles_and_dead_letters_go_onto_the_broker(kafka: str, tmp_path: Path) -> None:
    news, prefix = tmp_path / "news.jsonl", f"{tmp_path.name}-"
    lines = [json.dumps({**ARTICLE, "article_id": str(number)}) for number in range(20)]
    news.write_text("\n".join([*lines, '{"half', '{"body": "' + "x" * HUGE + '"}']))
    command = [sys.executable, "-m", "streams.edges.cli", "ingest", str(news), "--json"]
    done = subprocess.run([*command, "--broker", kafka, "--prefix", prefix], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert (told["articles"], told["dead_letters"]) == (20, 2)
    with KafkaLog(kafka, prefix=prefix) as log:
        articles = {decode(Article, stored.value).article_id for stored in iterate(log, "articles")}
        letters = [decode(DeadLetter, stored.value) for stored in iterate(log, "dead-letters")]
    assert articles == {str(number) for number in range(20)}
    assert [letter.raw[:6] for letter in letters] == [b'{"half', b'{"body']
    assert "the first 20,000,000 bytes are kept" in letters[1].detail
