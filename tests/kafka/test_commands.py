"""Commands say of a cluster what they say of a log in a file."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import pytest
from kafka import KafkaAdminClient
from typer.testing import CliRunner

from schemas.topics import ARTICLES, MENTIONS
from streams.edges.cli import app
from streams.pipeline import Pipeline
from streams.shells.copying import copy
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Entry, iterate
from streams.shells.runner import Runner
from streams.shells.sqlite_log import open_log
from streams.shells.workers import WorkerSettings
from tests.kafka.cluster import records

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

AUDITORS = f"auditors-{os.getpid()}"


def frontwire(*arguments: str) -> str:
    """What a command printed."""
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def both(
    kafka: str, articles: list[Entry], stages: Pipeline, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[str], list[str]]:
    """Options that name a log in a file, and a cluster that it was copied to."""
    folder = tmp_path_factory.mktemp("both")
    path, name = folder / "log.db", f"{folder.name}-{os.getpid()}"
    log = open_log(path)
    log.append(articles)
    Runner(log, stages).run_once()
    copy(log, WorkerSettings(kafka, folder, group=name, prefix=f"{name}-"), stages, partitions=3)
    log.close()
    return ["--log", str(path)], ["--broker", f"kafka://{kafka}", "--prefix", f"{name}-"]


@pytest.mark.parametrize(
    "command",
    [
        ("towns", "--json"),
        ("towns", "--json", "--known-at", "2016-12-31"),
        ("events", "--json", "--min-killed", "1"),
        ("alerts", "list", "--json"),
        ("explain", "Raqqa", "--json"),
        ("export", "claims", "--latest"),
        ("dead-letters", "list", "--json"),
    ],
)
def test_a_cluster_and_a_file_give_the_same_answer(command: tuple[str, ...], both: tuple[list[str], list[str]]) -> None:
    in_a_file, on_a_cluster = (sorted(frontwire(*command, *where).splitlines()) for where in both)
    assert in_a_file == on_a_cluster
    assert in_a_file or command[0] == "dead-letters"


def test_a_cluster_s_states_have_the_hash_of_the_log_that_they_were_copied_from(
    both: tuple[list[str], list[str]],
) -> None:
    file, cluster = both
    group = ["--group", cluster[-1].removesuffix("-")]
    assert frontwire("state-hash", *file) == frontwire("state-hash", *cluster, *group)
    told = json.loads(frontwire("replay", "--json", *cluster, *group))
    assert (told["equal"], told["state_hash"]) == (True, frontwire("state-hash", *file).strip())


def test_a_replay_from_an_offset_is_seen_as_a_consumer_group(both: tuple[list[str], list[str]], kafka: str) -> None:
    _, cluster = both
    told = json.loads(frontwire("replay", "--json", "--from", "mentions:1:20", "--as-group", AUDITORS, *cluster))
    with KafkaLog(kafka, prefix=cluster[-1]) as log:
        ends = {partition: log.bounds(MENTIONS.name, partition)[1] for partition in range(3)}
        assert 0 < told["read"] < len(records(log, MENTIONS))
    offsets = KafkaAdminClient(bootstrap_servers=kafka).list_group_offsets(AUDITORS)[AUDITORS]
    assert {at.partition: found.offset for at, found in offsets.items()} == ends


def test_a_cluster_is_verified_against_what_its_articles_come_to(both: tuple[list[str], list[str]]) -> None:
    _, cluster = both
    told = json.loads(frontwire("verify", "--json", *cluster, "--group", cluster[-1].removesuffix("-")))
    assert (told["recomputed"], told["damage"]) == (True, [])


def test_a_replay_reads_a_cluster_between_two_times(both: tuple[list[str], list[str]], kafka: str) -> None:
    _, cluster = both
    with KafkaLog(kafka, prefix=cluster[-1]) as log:
        times = sorted(stored.timestamp for stored in iterate(log, ARTICLES.name))
    first, end = times[5], times[-5]
    begin, stop = (datetime.fromtimestamp(at / 1000, UTC).isoformat() for at in (first, end))
    told = json.loads(frontwire("replay", "--json", "--from", begin, "--to", stop, *cluster))
    assert told["read"] == sum(first <= at < end for at in times)
