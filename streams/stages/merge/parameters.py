"""The figures that merging works by, read from the theatre's `merge.yaml`, each with its origin there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from schemas.errors import TheatreError
from schemas.vocabulary import EventType, Relation
from streams.theatres.theatre import Theatre

PATH = "merge.yaml"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Everything in merging that is a number or a list and not a rule."""

    lateness_days: int
    """Days of publication within which the order of arrival does not matter."""
    horizon_days: int
    """Days after its last report in which an event still takes in further ones, beyond the lateness."""
    landmarks: int
    """Closed events of one place and family that stay open to retellings, the most reported ones."""
    views: int
    """Differently worded reports of an event that a new one is compared with, the earliest ones."""
    candidates: int
    """Events that a report is compared with where more are near: the ones most like it, then the latest opened."""
    same: float
    """Points from which two reports are one event."""
    hopeless: float
    """Points with the report that opened an event below which its other views are not looked at."""
    points: Mapping[str, float]
    """Points for and against, by reason."""
    families: Mapping[str, str]
    """Event type or relation to the family within which reports are compared."""
    akin: Mapping[tuple[str, str], float]
    """Points for two types that can be one event, in either order; a type with itself where it is rarer than most."""
    alike: Mapping[str, frozenset[str]]
    """The acts that an act may be by another name, itself among them: of one family and, if events, akin."""
    slack_days: Mapping[str, int]
    """Days by which event times are widened before they must overlap, by family."""
    undated_days: Mapping[str, int]
    """Days before publication that an undated report speaks of: `main` and `background`."""
    copy_share: float
    """Part of the shorter text's shingles that the other one must hold to be its copy."""
    copy_share_known: float
    """The same where both outlets are known to reprint the same agency, or one the other."""
    sentence_share: float
    """Part of the shorter sentence's trigrams that the other one must have to be reworded from it."""
    reliability: Mapping[str, float]
    """Probability that what one root source of a type says is so."""
    discount: Mapping[str, float]
    """Factors on reliability, by what weakens it."""


def load_parameters(theatre: Theatre) -> Parameters:
    """The figures of a theatre: the lateness that all its stages share, and its merge.yaml.

    Raises:
        TheatreError: If the file is missing or does not hold together.
    """
    return read_parameters(theatre.table(PATH), int(theatre.parameter("lateness_days")))


def read_parameters(data: Mapping[str, Any], lateness_days: int) -> Parameters:
    """The figures that the parsed merge.yaml gives.

    Raises:
        TheatreError: If one is missing, unknown or without origin.
    """
    wanted = {field.name for field in fields(Parameters)} - {"lateness_days", "alike"}
    if set(data) != wanted:
        raise TheatreError(f"merge.yaml has to give {sorted(wanted)}; it differs in {sorted(wanted ^ set(data))}")
    values = {name: _value(name, entry) for name, entry in data.items()}
    missing = {word.value for word in (*EventType, *Relation)} - set(values["families"])
    if missing:
        raise TheatreError(f"merge.yaml: families lacks {sorted(missing)}")
    pairs = {tuple(pair.split("+")): points for pair, points in values["akin"].items()}
    values["akin"] = {(x, y): points for a, b in pairs for x, y, points in ((a, b, pairs[a, b]), (b, a, pairs[a, b]))}
    return Parameters(lateness_days=lateness_days, alike=_alike(values["families"], values["akin"]), **values)


def _alike(families: Mapping[str, str], akin: Mapping[tuple[str, str], float]) -> dict[str, frozenset[str]]:
    relations = {relation.value for relation in Relation}
    return {
        act: frozenset(
            other
            for other, its in families.items()
            if its == family and (act == other or act in relations or (act, other) in akin)
        )
        for act, family in families.items()
    }


def _value(name: str, entry: Any) -> Any:
    if not isinstance(entry, dict) or not entry.get("origin"):
        raise TheatreError(f"merge.yaml: {name} has to say its value and its origin")
    return entry["value"]
