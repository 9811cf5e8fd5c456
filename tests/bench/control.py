"""How fast claims fold into who holds a town, how flat that is, and how large a town's state becomes.

Three speeds, as they are three things: reading claims as evidence and filtering it (the fold by itself), and the stage,
which also writes a state of control after each claim. The claims are made: all relations, scopes, parties, many sources
and districts, some of them late, some revised.

    python tests/bench/control.py [CLAIMS]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from time import process_time

from schemas.event import Claim, Voice
from schemas.record import DateRange, Place
from schemas.vocabulary import DatePrecision, Modality, PlacePrecision, Relation, RevisionKind, Scope
from streams.stages.control.evidence import read_claim
from streams.stages.control.fold import EMPTY, advance
from streams.stages.control.step import ControlStage
from streams.theatres.theatre import load_theatre

CLAIMS = 5_000
PARTIES = ("syrian-government", "rebels", "islamic-state", "sdf", "hts", "turkey")
SCOPES = (Scope.WHOLE, Scope.PART, Scope.SURROUNDINGS)
START = date(2013, 1, 1)
PER_DAY = 20
"""Claims of one day: far more than any town ever had."""


def claims(count: int) -> Iterator[Claim]:
    """Claims of one town, mostly in order, one in ten some days late, one in twelve a revision of an earlier one."""
    for n in range(count):
        day = START + timedelta(days=n // PER_DAY - (n % 10 == 0) * (n % 7))
        seen = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=(n % 10 == 0) * (n % 7))
        number = n - 5 if n % 12 == 0 and n > 5 else n
        relation, scope = tuple(Relation)[n * 7 % len(Relation)], SCOPES[n * 11 % 3]
        voices = tuple(
            Voice(root_source=f"outlet:number-{n * k % 97}", party=None, modality=Modality.REPORTED) for k in (1, 2)
        )
        place = Place(
            place_id="ocha:C1007", name="Aleppo", admin1="Aleppo", lat=36.2, lon=37.2, precision=PlacePrecision.TOWN,
            text="Aleppo", district=f"Quarter {n % 40}" if n % 4 == 0 else None,
        )  # fmt: skip
        yield Claim(
            claim_id=f"3f2504e0-4f89-41d3-9a0c-{number:012d}", revision=1 + (number != n), kind=RevisionKind.NEW,
            place=place, when=DateRange(first=day, last=day, precision=DatePrecision.DAY),
            actors=(PARTIES[n * 5 % 6],), from_actors=(PARTIES[(n * 5 + 1) % 6],), relation=relation, scope=scope,
            modality=Modality.REPORTED, mention_ids=(f"m{number}",), outlets=("o",),
            root_sources=tuple(voice.root_source for voice in voices), copies=0, confidence=0.7, first_seen=seen,
            last_seen=seen, voices=voices, self_interested=False, admitted=False,
        )  # fmt: skip


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS
    stage = ControlStage(load_theatre("syria"))
    said = list(claims(count))
    began = process_time()
    evidence = [read_claim(claim, stage.parameters) for claim in said]
    read = process_time()
    evidence.sort(key=lambda item: item.order)
    ordered = process_time()
    advance(EMPTY, evidence, stage.parameters)
    folded = process_time()
    fold = count / (read - began + folded - ordered)
    print(f"claims read as evidence: {count / (read - began):,.0f}/s; filtered: {count / (folded - ordered):,.0f}/s")
    print(f"the fold, reading and filtering: {fold:,.0f} claims/s of processor time")
    _stage(stage, said)


def _stage(stage: ControlStage, said: list[Claim]) -> None:
    state, marks, largest = stage.initial("ocha:C1007"), [process_time()], 0
    tenth = max(1, len(said) // 10)
    for number, claim in enumerate(said, start=1):
        state, _ = stage.step(state, claim, claim.last_seen)
        if number % tenth == 0:
            marks.append(process_time())
            largest = max(largest, sum(len(name) + len(row) for name, row in stage.dump(state).items()))
    rates = [tenth / (end - start) for start, end in pairwise(marks)]
    print(f"the stage, a record after each claim: {len(said) / (marks[-1] - marks[0]):,.0f} claims/s, by tenths:")
    print("  " + ", ".join(f"{rate:,.0f}" for rate in rates))
    print(f"state of the town: at most {largest:,} bytes, {len(state.claims)} claims apart")


if __name__ == "__main__":
    main()
