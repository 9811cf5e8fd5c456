"""Writes `kubernetes/topics.yaml` and `kubernetes/users.yaml` from the registry of topics and the stages.

Topics and changelogs are as the first worker would make them; users have the least rights that their part works with.

    python deploy/manifests.py
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from schemas.topics import ALERTS, ARTICLES, DEAD_LETTERS, DELIVERIES, TOPICS
from streams.pipeline import Pipeline, pipeline
from streams.shells.changelog import changelog_name
from streams.shells.kafka_log import changelog_settings, topic_settings
from streams.shells.workers import WorkerSettings
from streams.theatres.theatre import load_theatre

FOLDER = Path(__file__).with_name("kubernetes")
CLUSTER = GROUP = "frontwire"
REPLICAS = 3

Rights = Mapping[str, str]
"""Topic to what may be done besides describing it: `R`, `W`, `RW` or nothing."""


def topics(stages: Pipeline) -> Iterator[dict[str, Any]]:
    """The topics as Strimzi takes them."""
    for topic in TOPICS.values():
        yield _topic(topic.name, topic.kafka_partitions, topic_settings(topic))
    lease_ms = WorkerSettings("", Path()).lease_ms
    for stage in stages:
        count = stage.inputs[0].kafka_partitions
        yield _topic(changelog_name(GROUP, stage.name), count, changelog_settings(lease_ms))


def users(stages: Pipeline) -> Iterator[dict[str, Any]]:
    """The users as Strimzi takes them: intake, worker, reader (commands and feed), delivery."""
    read = {topic.name for stage in stages for topic in stage.inputs}
    written = {topic.name for stage in stages for topic in stage.outputs} | {DEAD_LETTERS.name}
    worker = {name: "R" * (name in read) + "W" * (name in written) for name in TOPICS}
    yield _user("intake", {ARTICLES.name: "W", DEAD_LETTERS.name: "RW"})
    yield _user("worker", worker, changelogs="RW", groups=[GROUP])
    yield _user("reader", dict.fromkeys(TOPICS, "R"), changelogs="R")
    yield _user("delivery", {ALERTS.name: "R", DELIVERIES.name: "RW"})


def written() -> dict[Path, str]:
    """The files."""
    stages = pipeline(load_theatre())
    return {FOLDER / "topics.yaml": _yaml(topics(stages)), FOLDER / "users.yaml": _yaml(users(stages))}


def _topic(name: str, partitions: int, config: dict[str, str]) -> dict[str, Any]:
    return _resource("KafkaTopic", name, {"partitions": partitions, "replicas": REPLICAS, "config": config})


def _user(part: str, rights: Rights, *, changelogs: str = "", groups: Iterable[str] = ()) -> dict[str, Any]:
    rules = [_rule({"type": "topic", "name": name}, may) for name, may in rights.items()]
    if changelogs:
        rules.append(_rule({"type": "topic", "name": f"{GROUP}-", "patternType": "prefix"}, changelogs))
    rules += [_rule({"type": "group", "name": group}, "R") for group in groups]
    access = {"authentication": {"type": "scram-sha-512"}, "authorization": {"type": "simple", "acls": rules}}
    return _resource("KafkaUser", f"{CLUSTER}-{part}", access)


def _rule(about: dict[str, str], may: str) -> dict[str, Any]:
    return {"resource": about, "operations": ["Describe", *({"R": "Read", "W": "Write"}[one] for one in may)]}


def _resource(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"strimzi.io/cluster": CLUSTER}}
    return {"apiVersion": "kafka.strimzi.io/v1beta2", "kind": kind, "metadata": metadata, "spec": spec}


def _yaml(documents: Iterable[dict[str, Any]]) -> str:
    return "# Written by deploy/manifests.py; do not edit.\n" + yaml.safe_dump_all(documents, sort_keys=False)


if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text)
