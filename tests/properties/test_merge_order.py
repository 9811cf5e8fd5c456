"""Merging is a function of the set of mentions: neither order of arrival, nor repetition, nor a restart changes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.event import Claim, Event
from schemas.mention import Evidence, Mention, Wording
from schemas.record import DateRange, Place, Toll
from schemas.vocabulary import DatePrecision, EventType, MentionKind, Modality, PlacePrecision, Relation, Scope
from streams.stages.merge.state import MergeState
from streams.stages.merge.step import MergeStage
from streams.theatres.theatre import load_theatre

START = datetime(2016, 3, 1, tzinfo=UTC)
HISTORY = {"revision", "kind", "supersedes", "late"}
STAGE = MergeStage(load_theatre("syria"))
TYPES = (EventType.AIR_STRIKE, EventType.SHELLING, EventType.SUICIDE_BOMB, EventType.EXPLOSION, EventType.ARMED_CLASH)
TEXTS = tuple(tuple(range(start, start + 40)) for start in (0, 15, 30, 200, 220, 400))
SENTENCES = ("The strike hit the market at noon and killed many who were shopping.", "Shells fell.", "A bomb went off.")


def mention(number: int, day: int, hour: int, draw: st.DrawFn) -> Mention:
    """A mention of one town, from few values, so that many of them meet."""
    is_event = draw(st.integers(0, 4)) > 0
    first = (START + timedelta(days=day - draw(st.sampled_from((0, 0, 1, 2, 9, 40, 150))))).date()
    length = draw(st.sampled_from((0, 0, 0, 1, 5, 30, 90)))
    dated = draw(st.integers(0, 5)) > 0
    killed = draw(st.sampled_from((None, None, (3, 3), (12, None), (14, 14), (40, 60))))
    article = f"a{draw(st.integers(0, 2)) if hour == 12 else number}-{day}"
    return Mention(
        mention_id=f"{article}#m{number:03}",
        article_id=article,
        outlet=draw(st.sampled_from(("reuters", "bbc", "sana", "alaraby", "dailysabah"))),
        published_at=START + timedelta(days=day, hours=hour),
        kind=MentionKind.EVENT if is_event else MentionKind.CLAIM,
        event_type=draw(st.sampled_from(TYPES)) if is_event else None,
        relation=None if is_event else draw(st.sampled_from((Relation.HOLDS, Relation.CAPTURED, Relation.LOST))),
        scope=None if is_event else draw(st.sampled_from((Scope.WHOLE, Scope.PART))),
        place=Place(
            place_id="ocha:C1007", name="Aleppo", admin1="Aleppo", lat=36.2, lon=37.1, precision=PlacePrecision.TOWN,
            text="Aleppo", district=draw(st.sampled_from((None, None, "Salaheddine", "Bustan al-Qasr"))),
        ),
        when=_range(first, length) if dated else None,
        actors=draw(st.sampled_from(((), ("syrian-government",), ("rebels",), ("russia",)))),
        targets=draw(st.sampled_from(((), ("civilians",)))),
        killed=Toll(min=killed[0], max=killed[1]) if killed and is_event else None,
        wounded=None,
        source=None,
        root_source=draw(st.sampled_from(("sohr", "sana", "residents", "outlet:bbc"))),
        modality=draw(st.sampled_from(tuple(Modality))),
        main=draw(st.booleans()),
        evidence=_evidence(draw(st.sampled_from(SENTENCES))),
        rule="drawn",
        wording=Wording(sketch=draw(st.sampled_from(TEXTS))),
    )  # fmt: skip


def _range(first: date, length: int) -> DateRange:
    precision = DatePrecision.DAY if length < 2 else DatePrecision.RANGE
    return DateRange(first=first, last=first + timedelta(days=length), precision=precision)


def _evidence(text: str) -> Evidence:
    return Evidence(start=0, end=len(text), text=text)


@st.composite
def stories(draw: st.DrawFn, days: int, most: int) -> list[Mention]:
    """Mentions of one town over some days, in canonical order."""
    count = draw(st.integers(2, most))
    moments = [(draw(st.integers(0, days)), draw(st.sampled_from((12, 12, 12, 9, 18)))) for _ in range(count)]
    found = [mention(number, day, hour, draw) for number, (day, hour) in enumerate(moments)]
    return sorted(found, key=lambda m: (m.published_at, m.mention_id))


@st.composite
def arrivals(draw: st.DrawFn, days: int, most: int) -> tuple[list[Mention], list[Mention]]:
    """Mentions in canonical order, and as they arrive, each less than the lateness after it was printed."""
    story = draw(stories(days, most))
    lateness = STAGE.judge.parameters.lateness_days
    delay = {m.mention_id: draw(st.integers(0, lateness - 1)) for m in story}
    return story, sorted(story, key=lambda m: (m.published_at + timedelta(days=delay[m.mention_id]), m.mention_id[-3:]))


def run(mentions: Iterable[Mention], state: MergeState | None = None) -> tuple[MergeState, list[Event | Claim]]:
    """The state after some mentions, and every record written."""
    state = state or STAGE.initial("ocha:C1007")
    written: list[Event | Claim] = []
    for each in mentions:
        state, outputs = STAGE.step(state, each, each.published_at)
        written += [output.record for output in outputs]  # type: ignore[misc]
    return state, written


def id_of(record: Event | Claim) -> str:
    return record.event_id if isinstance(record, Event) else record.claim_id


def living(written: Iterable[Event | Claim]) -> dict[str, dict[str, Any]]:
    """What a reader who keeps the last record of each id believes, without the history."""
    last = {id_of(record): record for record in written}
    return {i: r.model_dump(exclude=HISTORY) for i, r in last.items() if r.kind not in ("merge", "retract")}


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=SLOW)


@QUICK
@given(st.data(), st.one_of(stories(days=25, most=24), stories(days=2, most=20)))
def test_any_order_within_the_lateness_ends_in_the_same_events(data: st.DataObject, story: list[Mention]) -> None:
    shuffled = data.draw(st.permutations(story))
    in_order, out_of_order = run(story), run(shuffled)
    assert STAGE.digest(in_order[0]) == STAGE.digest(out_of_order[0])
    assert living(in_order[1]) == living(out_of_order[1])


@QUICK
@given(arrivals(days=400, most=40))
def test_delays_within_the_lateness_do_not_matter_over_years(both: tuple[list[Mention], list[Mention]]) -> None:
    in_order, delayed = run(both[0]), run(both[1])
    assert STAGE.digest(in_order[0]) == STAGE.digest(delayed[0])
    assert living(in_order[1]) == living(delayed[1])


@QUICK
@given(st.data(), stories(days=200, most=24))
def test_a_mention_twice_is_once(data: st.DataObject, story: list[Mention]) -> None:
    state, _ = run(story)
    in_time = [m for m in story if m.published_at > story[-1].published_at - timedelta(days=30)]
    after, written = run(data.draw(st.lists(st.sampled_from(in_time))), state)
    assert after is state
    assert written == []


@QUICK
@given(st.data(), arrivals(days=200, most=24))
def test_a_restart_anywhere_goes_on_as_if_it_had_not_been(
    data: st.DataObject, both: tuple[list[Mention], list[Mention]]
) -> None:
    story = both[1]
    cut = data.draw(st.integers(0, len(story)))
    state, _ = run(story[:cut])
    restarted = STAGE.load(state.key, dict(STAGE.dump(state)))
    ends = run(story[cut:], state), run(story[cut:], restarted)
    assert ends[0][1] == ends[1][1]
    assert dict(STAGE.dump(ends[0][0])) == dict(STAGE.dump(ends[1][0]))


@QUICK
@given(arrivals(days=200, most=24))
def test_the_rows_that_change_are_all_that_changes(both: tuple[list[Mention], list[Mention]]) -> None:
    state = STAGE.initial("ocha:C1007")
    rows: dict[str, bytes] = {}
    for each in both[1]:
        after, _ = STAGE.step(state, each, each.published_at)
        for name, row in STAGE.changes(state, after).items():
            if row is None:
                del rows[name]
            else:
                rows[name] = row
        state = after
        assert rows == dict(STAGE.dump(state))


@QUICK
@given(arrivals(days=120, most=30))
def test_every_record_follows_from_the_ones_before(both: tuple[list[Mention], list[Mention]]) -> None:
    """Revisions of an id count up by one; what ended is named by who took it in; each report stands under one event."""
    _, written = run(both[1])
    revisions: dict[str, int] = {}
    superseded = {old for record in written for old in record.supersedes}
    for record in written:
        assert record.revision == revisions.get(id_of(record), 0) + 1
        revisions[id_of(record)] = record.revision
        if record.kind == "merge":
            assert id_of(record) in superseded
    held: Sequence[str] = [m for record in living(written).values() for m in record["mention_ids"]]
    assert sorted(held) == sorted(m.mention_id for m in both[1])


@pytest.mark.parametrize("order", [1, -1])
def test_an_empty_state_dumps_and_loads(order: int) -> None:
    state = STAGE.initial("ocha:C1007")
    assert STAGE.load("ocha:C1007", dict(list(STAGE.dump(state).items())[::order])) == state
