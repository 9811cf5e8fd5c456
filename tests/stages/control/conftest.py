"""A stage for the Syrian theatre, and claims about a place written in a few words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import pytest

from schemas.codec import decode, encode
from schemas.control import TownControl
from schemas.event import Claim, Voice
from schemas.record import DateRange, Place
from schemas.topics import CONTROL
from schemas.vocabulary import DatePrecision, Modality, PlacePrecision, Relation, RevisionKind, Scope
from streams.stages.control.state import TownState
from streams.stages.control.step import ControlStage
from streams.stages.stage import Output
from streams.theatres.theatre import load_theatre

Say = Callable[..., Claim]
Run = Callable[..., tuple[TownState, list[Output]]]


@pytest.fixture(scope="session")
def stage() -> ControlStage:
    return ControlStage(load_theatre("syria"))


@pytest.fixture
def say() -> Say:
    """Writes a claim: `say("sdf captured", "2017-10-17", by=["sohr"])`."""
    numbers = iter(range(1, 10_000))

    def write(
        words: str,
        when: str | Sequence[str] | None,
        *,
        of: str = "",
        scope: str = "whole",
        by: Sequence[str] = ("sohr",),
        printed: str | None = None,
        id: str | None = None,
        revision: int = 1,
        kind: str = "new",
        modality: str = "reported",
        district: str | None = None,
        share: float | None = None,
        place: str = "Raqqa",
        precision: str = "town",
    ) -> Claim:
        *actors, relation = words.split()
        days = (when, when) if isinstance(when, str) else when
        seen = datetime.fromisoformat(f"{printed or (days[1] if days else '2017-10-30')}T12:00:00").replace(tzinfo=UTC)
        voices = tuple(sorted((_voice(name, modality) for name in by), key=lambda voice: voice.root_source))
        speaking = {voice.party for voice in voices}
        gain, loss = (of.split(), actors) if relation in ("lost", "withdrew") else (actors, of.split())
        claim = Claim(
            claim_id=id or f"claim-{next(numbers)}",
            revision=revision,
            kind=RevisionKind(kind),
            place=_place(place, precision, district),
            when=_range(days) if days else None,
            actors=tuple(sorted(actors)),
            from_actors=tuple(of.split()),
            relation=Relation(relation),
            scope=Scope(scope),
            share=share,
            modality=Modality(modality),
            mention_ids=(f"article#{id or next(numbers)}",),
            outlets=("outlet",),
            root_sources=tuple(voice.root_source for voice in voices),
            copies=0,
            confidence=0.7,
            first_seen=seen,
            last_seen=seen,
            voices=voices,
            self_interested=bool(speaking) and None not in speaking and speaking <= set(gain),
            admitted=not speaking.isdisjoint(loss),
        )
        return decode(Claim, encode(claim))

    return write


@pytest.fixture
def run(stage: ControlStage) -> Run:
    """Folds claims of one place, in the order given; the state and all outputs."""

    def fold(claims: Sequence[Claim], state: TownState | None = None) -> tuple[TownState, list[Output]]:
        state = state or stage.initial("ocha:C5710")
        outputs: list[Output] = []
        for claim in claims:
            state, new = stage.step(state, claim, claim.last_seen)
            outputs.extend(new)
        return state, outputs

    return fold


@pytest.fixture
def control(run: Run) -> Callable[..., TownControl]:
    """The last state of control after claims, as it came off the wire."""

    def last(*claims: Claim) -> TownControl:
        _, outputs = run(claims)
        written = [output.record for output in outputs if output.topic is CONTROL]
        return decode(TownControl, encode(written[-1]))

    return last


def _voice(name: str, modality: str) -> Voice:
    """`sohr`, or `sana@syrian-government` for one who speaks for a party, `rebels!denied` for one who denies."""
    name, _, own = name.partition("!")
    root, _, party = name.partition("@")
    return Voice(root_source=root, party=party or None, modality=Modality(own or modality))


def _place(name: str, precision: str, district: str | None) -> Place:
    return Place(
        place_id="ocha:C5710",
        name=name,
        admin1=None,
        lat=35.95,
        lon=39.01,
        precision=PlacePrecision(precision),
        text=district or name,
        district=district,
    )


def _range(days: Sequence[str]) -> DateRange:
    first, last = (date.fromisoformat(day) for day in days)
    return DateRange(first=first, last=last, precision=DatePrecision.DAY if first == last else DatePrecision.RANGE)
