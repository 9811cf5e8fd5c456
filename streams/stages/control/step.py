"""The control stage: claims about a place in, its state of control and each change of it out.

Held apart are claim and assessment: what is said stays on `claims`, what is believed goes on `control`, and each belief
names the claims that decide it. The model is in `chains` and `weighing`, its figures in the theatre's `control.yaml`,
what is kept and what is not in `state`, questions as of a day in `asof`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from schemas.control import ControlChange, TownControl, WeighedClaim
from schemas.event import Claim
from schemas.record import Place
from schemas.topics import CLAIMS, CONTROL, CONTROL_CHANGES, Topic
from schemas.vocabulary import ChangeKind, PlacePrecision
from streams.stages.control.changes import Change, changes, standing
from streams.stages.control.evidence import Evidence, read_claim
from streams.stages.control.parameters import Parameters, load_parameters
from streams.stages.control.rows import digest, dump, load
from streams.stages.control.state import TownState, admit, refolded
from streams.stages.control.town import Reading, bare, bearing, read_state, unsaid, weighed, write
from streams.stages.stage import Output, Rows
from streams.theatres.theatre import Theatre

RULES = "2"
"""Version of the model: changes with every change that gives other records."""

_AREAS = frozenset({PlacePrecision.DISTRICT, PlacePrecision.GOVERNORATE, PlacePrecision.COUNTRY})
"""Precisions of places that are no town: what is said of them moves no town's control."""


class ControlStage:
    """Folds the claims about a place into who holds it. Implements `streams.stages.stage.Stage`."""

    name = "control"
    inputs: tuple[Topic, ...] = (CLAIMS,)
    outputs: tuple[Topic, ...] = (CONTROL, CONTROL_CHANGES)

    def __init__(self, theatre: Theatre, parameters: Parameters | None = None) -> None:
        """A stage for a theatre; with other parameters than its own only to see what they would do."""
        self.parameters = parameters or load_parameters(theatre)
        self.version = f"{RULES}+{theatre.version}"

    def initial(self, key: str) -> TownState:
        """A place of which nothing is known."""
        return TownState(key)

    def step(self, state: TownState, record: Claim, known_at: datetime) -> tuple[TownState, tuple[Output, ...]]:
        """The state with one claim's latest revision in it, and what changed by it.

        Args:
            state: The place's evidence so far.
            record: A revision of a claim about the place.
            known_at: Log time of the article that caused it.

        Returns:
            The next state, the same object if the claim changes nothing; the new `TownControl` if it differs from the
            last, and a `ControlChange` for each difference that someone brought about or that puts us right.
        """
        if not self._is_town(record.place):
            return state, ()
        item = read_claim(record, self.parameters)
        after = admit(state, item, self.parameters)
        if after is state:
            return state, ()
        return self._written(state, replace(after, place=_place(state.place, record.place)), item, known_at)

    def dump(self, state: TownState) -> Rows:
        """A row for each claim, one for the base, one for the rest."""
        return dump(state)

    def load(self, key: str, rows: Rows) -> TownState:
        """The state that `dump` made these rows of, folded again."""
        state = refolded(load(key, rows), self.parameters)
        if state.place is None or (not state.frame.stretches and not state.retold):
            return state
        reading = read_state(state, self.parameters)
        if not reading.past:
            return state
        control = write(replace(state, revision=state.revision - 1), state.place, reading, self.parameters)
        return replace(state, past=reading.past, control=control)

    def digest(self, state: TownState) -> Any:
        """The evidence and the state of control that it amounts to, without revisions and ids."""
        return digest(state, self.parameters)

    def _is_town(self, place: Place) -> bool:
        return place.precision not in _AREAS or place.place_id in self.parameters.enclaves

    def _written(
        self, before: TownState, after: TownState, item: Evidence, known_at: datetime
    ) -> tuple[TownState, tuple[Output, ...]]:
        reading = read_state(after, self.parameters)
        if after.place is None or not (reading.past or before.past):
            return replace(after, past=reading.past), ()
        control = write(after, after.place, reading, self.parameters) if reading.past else unsaid(after, after.place)
        if before.control is not None and control.model_copy(update={"revision": before.revision}) == before.control:
            return replace(after, past=reading.past, control=before.control), ()
        written = replace(after, past=reading.past, control=control, revision=control.revision)
        found = changes(before.past, reading.past, self.parameters.shift_days)
        told = tuple(self._change(change, control, reading, item, known_at) for change in found)
        outputs = ((CONTROL, control), *((CONTROL_CHANGES, change) for change in told))
        return written, tuple(Output(topic, after.key, record) for topic, record in outputs)

    def _change(
        self, change: Change, control: TownControl, reading: Reading, item: Evidence, known_at: datetime
    ) -> ControlChange:
        return ControlChange(
            place=control.place,
            change=change.kind,
            from_=standing(change.before),
            to=standing(change.after),
            at=date.fromordinal(change.day),
            known_at=known_at,
            evidence=self._evidence(change, control, reading, item),
        )

    def _evidence(
        self, change: Change, control: TownControl, reading: Reading, item: Evidence
    ) -> tuple[WeighedClaim, ...]:
        """What decides the state after a change; for a correction, the claim that made it."""
        if change.kind is not ChangeKind.CORRECTED and control.evidence:
            return control.evidence
        after = change.after or (reading.past[-1] if reading.past else None)
        weight = bearing(item, after, reading.today, self.parameters) if after else 0.0
        return (weighed(item, weight),)


def _place(known: Place | None, named: Place) -> Place:
    """The place of a state: whatever the order of arrival, the same of all that were named."""
    place = bare(named)
    if known is None or known == place:
        return place
    return min(known, place, key=lambda p: p.model_dump_json())
