"""What a mention costs in the changelog does not grow with all that its town has been through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from statistics import mean

import orjson

from schemas.article import Article
from schemas.codec import decode, encode
from schemas.mention import Mention
from streams.pipeline import pipeline
from streams.shells.changelog import row_entries
from streams.shells.live_states import LiveStates
from streams.shells.log import Entry, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Runner
from streams.theatres.theatre import load_theatre

ROUNDS = 12
APART = timedelta(days=97)


def later(mention: Mention, turn: int) -> Mention:
    """The same news, so much later: another event of the same town."""
    when = mention.when and mention.when.model_copy(
        update={"first": mention.when.first + turn * APART, "last": mention.when.last + turn * APART}
    )
    about = {"mention_id": f"{mention.mention_id}-{turn}", "article_id": f"{mention.article_id}-{turn}"}
    return mention.model_copy(update={**about, "published_at": mention.published_at + turn * APART, "when": when})


def sizes(key: str, mentions: list[Mention]) -> Iterator[float]:
    """Bytes that go into the changelog for a mention, a mean for each round."""
    (merge,) = (stage for stage in pipeline(load_theatre()) if stage.name == "merge")
    log = MemoryLog()
    live = LiveStates(log, [merge], limit_bytes=256_000_000)
    for turn in range(ROUNDS):
        spent = []
        for mention in mentions:
            state, _ = merge.step(live.get(merge, key), later(mention, turn), datetime(2020, 1, 1, tzinfo=UTC))
            dumped = live.dump({(merge.name, key): state})
            live.keep(dumped)
            spent.append(sum(len(name) + len(value or b"") for name, value in row_entries(dumped[0].change)))
        yield mean(spent)


def test_a_mention_s_changelog_is_as_short_after_years_of_war_as_at_its_beginning() -> None:
    log = MemoryLog()
    lines = map(orjson.loads, files("streams.theatres.syria").joinpath("examples.jsonl").read_bytes().splitlines())
    for line in lines:
        article = decode(Article, orjson.dumps({name: line[name] for name in Article.model_fields if name in line}))
        log.append([Entry("articles", article.article_id, encode(article), 1_500_000_000_000)])
    Runner(log, pipeline(load_theatre())[:1]).run_once()
    told = [(stored.key, decode(Mention, stored.value)) for stored in iterate(log, "mentions")]
    (busiest, _), *_ = Counter(key for key, _ in told).most_common(1)
    spent = list(sizes(busiest, [mention for key, mention in told if key == busiest]))
    first, last = mean(spent[:4]), mean(spent[-4:])
    assert last < 1.3 * first
