"""Whether what was promised is so: from what went in, what clients and targets got, and the log. It trusts no counter.

Raw JSON is read here, not records: a fault of the contract's own code would otherwise hide itself.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from streams.edges.feed.cursor import KINDS
from streams.edges.sim.reader import FeedClient
from streams.edges.sim.receiver import about
from streams.edges.sim.simulation import HEAL_S, Simulation
from streams.pipeline import Pipeline, products
from streams.shells.log import Entry, Lane, Stored, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Limits, Runner
from streams.shells.state_hash import exact_hash, state_hash


def breaches(simulation: Simulation) -> list[str]:
    """Everything that is not as it was promised, in words; nothing if all is."""
    looks = (_healed, _nothing_lost, _letters_exact, _once, _any_order, _feed, _webhooks)
    return [breach for look in looks for breach in look(simulation)]


def _healed(simulation: Simulation) -> Iterator[str]:
    if simulation.healed_after_s is None:
        yield f"liveness: something was left to do {HEAL_S:g} s after the last fault"


def _nothing_lost(simulation: Simulation) -> Iterator[str]:
    """Accepted articles stand in the log as often as was acknowledged, and each one was folded or is a dead letter."""
    log = simulation.log
    there = Counter(stored.key for stored in iterate(log, "articles"))
    told = Counter[str]()
    for one in simulation.given:
        if one.kind != "piece":
            told[one.key] += one.acked
    for key, times in told.items():
        if there[key] < times:
            yield f"conservation: {key} was acknowledged {times} times and stands {there[key]} times in the log"
    buried = Counter((letter["topic"], letter["partition"], letter["offset"]) for letter in _letters(log))
    for stored in iterate(log, "articles"):
        known, dead = bool(log.rows("extract", stored.key)), buried[stored.topic, stored.partition, stored.offset]
        if not known and not dead:
            yield f"conservation: {stored.key} at {stored.partition}/{stored.offset} became nothing, and no dead letter"
        if dead > 1:
            yield f"single effect: {stored.key} at {stored.partition}/{stored.offset} became {dead} dead letters"


def _letters_exact(simulation: Simulation) -> Iterator[str]:
    """What cannot be read is kept byte for byte, with a reason."""
    letters = list(_letters(simulation.log))
    kept = {urlsafe_b64decode(letter["raw"]) for letter in letters if letter["reason"] and letter["detail"]}
    for one in simulation.given:
        if one.kind in ("piece", "record") and one.acked and one.raw not in kept:
            yield f"dead letters: the {len(one.raw)} bytes of {one.key} are in none"
    conflicts = [one for one in simulation.given if one.kind == "conflict" and one.acked]
    for one in conflicts:
        taken_back = any(other.key == one.key and other.kind == "retraction" for other in simulation.given)
        revised = any(other.key == one.key and b'"revision":2' in other.raw for other in simulation.given)
        if not taken_back and not revised and not any(one.key in orjson.dumps(letter).decode() for letter in letters):
            yield f"dead letters: nobody was told that {one.key} has two texts"


def _once(simulation: Simulation) -> Iterator[str]:
    """The log is, byte for byte, what an undisturbed run makes of the same articles in the same order."""
    ended, stages = simulation.log, simulation.stages
    undisturbed = _run([_entry(stored) for stored in iterate(ended, "articles")], stages, ended.partitions("articles"))
    ends, expected = ended.heads(), undisturbed.heads()
    for lane in (lane for lane in expected if lane.topic in products(stages) and lane.topic != "dead-letters"):
        if ends[lane] != expected[lane]:
            yield f"single effect: {_differ(ended, undisturbed, lane)}"
    names = [stage.name for stage in stages]
    if exact_hash(ended, names, ended.marks()) != exact_hash(undisturbed, names, undisturbed.marks()):
        yield "replay: the stored state is not that of an undisturbed run"


def _any_order(simulation: Simulation) -> Iterator[str]:
    """Knowledge is a function of the set of articles: once each, in other orders, ends in the same hash."""
    stages, log = simulation.stages, simulation.log
    expected = state_hash(log, stages)
    unlike = {(stored.key, stored.value): _entry(stored) for stored in iterate(log, "articles")}
    printed = {one.key: one.printed for one in simulation.given}
    # A sort keeps the order of equals: which of two conflicting texts came first is told by the log alone.
    ordered = sorted(unlike.values(), key=lambda one: (printed[one.key], one.key))
    if state_hash(_run(ordered, stages, 1), stages) != expected:
        yield "order: in the order of publication, once each, the state comes out different"


def _feed(simulation: Simulation) -> Iterator[str]:
    for client in simulation.clients:
        yield from _slice(simulation.log, client)


def _slice(log: MemoryLog, client: FeedClient) -> Iterator[str]:
    """What a client was sent is the log's slice: each record once, in order, with its bytes."""
    got: dict[Lane, list[tuple[int, bytes]]] = {}
    for topic, partition, offset, data in client.received:
        got.setdefault(Lane(topic, partition), []).append((offset, data))
    for topic in (KINDS[kind].name for kind in client.kinds):
        for partition in range(log.partitions(topic)):
            there = [
                (one.offset, orjson.dumps(orjson.loads(one.value))) for one in log.read(topic, partition, 0, 10**6)
            ]
            if (found := got.pop(Lane(topic, partition), [])) != there:
                yield f"feed: {client.name} has {_missed(found, there)} of {topic}/{partition}"
    if got:
        yield f"feed: {client.name} was sent {', '.join(lane.topic for lane in got)}, which it did not ask for"


def _missed(found: Sequence[tuple[int, bytes]], there: Sequence[tuple[int, bytes]]) -> str:
    seen = Counter(offset for offset, _ in found)
    missing = [offset for offset, _ in there if not seen[offset]]
    twice = [offset for offset, times in seen.items() if times > 1]
    return f"missed {missing[:5]}, repeated {twice[:5]}, of {len(there)} records got {len(found)}"


def _webhooks(simulation: Simulation) -> Iterator[str]:
    """Each alert reaches each target at least once, always under one id, or is shown as exhausted."""
    for receiver in simulation.receivers:
        for lost in receiver.lacks(simulation.log):
            yield f"webhooks: {receiver.target.name} never got {lost}, and nothing says so"
        ids: dict[str, set[tuple[str, bytes]]] = {}
        for message_id, body in receiver.received:
            ids.setdefault(about(body), set()).add((message_id, body))
        for alert, sent in ids.items():
            if len(sent) > 1:
                yield f"webhooks: {receiver.target.name} got {alert} in {len(sent)} forms; the id must be one"


def _letters(log: MemoryLog) -> Iterator[dict[str, Any]]:
    for stored in iterate(log, "dead-letters"):
        yield orjson.loads(stored.value)


def _entry(stored: Stored) -> Entry:
    return Entry(stored.topic, stored.key, stored.value, stored.timestamp, stored.headers)


def _run(entries: Sequence[Entry], stages: Pipeline, partitions: int) -> MemoryLog:
    log = MemoryLog(partitions=partitions)
    log.append(entries)
    Runner(log, stages, limits=Limits()).run_once()
    return log


def _differ(ended: MemoryLog, expected: MemoryLog, lane: Lane) -> str:
    one, other = (log.read(*lane, 0, 10**6) for log in (ended, expected))
    unlike = (
        at for at, pair in enumerate(zip(one, other, strict=False)) if len({_bytes(stored) for stored in pair}) > 1
    )
    at = next(unlike, None)
    place = "one of them goes on" if at is None else f"the first that differs is {at}"
    return f"{lane.topic}/{lane.partition} has {len(one)} records, {len(other)} without the faults; {place}"


def _bytes(stored: Stored) -> tuple[Any, ...]:
    return stored.key, stored.value, stored.headers, stored.timestamp
