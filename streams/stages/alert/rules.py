"""Rules: on what an alert is raised, how grave it is, and what it says.

Rules are data: those that ship with a theatre stand in its `alerts.yaml`, an operator's own in a file of the same form.
A mistake in either is told with its line before anything runs.
"""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from schemas.errors import TheatreError
from schemas.vocabulary import ChangeKind, EventType
from streams.theatres.pack import Pack
from streams.theatres.theatre import Theatre

PATH = "alerts.yaml"
Severity = Literal["info", "minor", "major", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "minor", "major", "critical")
"""From least to most grave."""
FIELDS = ("place", "governorate", "what", "who", "against", "killed", "days", "sources", "before", "now")
"""What a text may name, as `$place` or `${place}`."""


def _known_fields(text: str) -> str:
    template = Template(text)
    if not template.is_valid():
        raise ValueError("a $ stands before no name; write $$ for the sign itself")
    if unknown := sorted(set(template.get_identifiers()) - set(FIELDS)):
        raise ValueError(f"${unknown[0]} is no field; the fields are {', '.join(FIELDS)}")
    return text


Text = Annotated[str, AfterValidator(_known_fields)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Near(_Part):
    """Within a distance of a point."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    km: float = Field(gt=0)


class Where(_Part):
    """Which places count; all of them if nothing is said. What is said must all hold."""

    within: tuple[str, ...] = ()
    """Place ids: these places and what lies under them."""
    near: Near | None = None
    inside: tuple[tuple[float, float], ...] = ()
    """Corners of a polygon as [longitude, latitude], in order, as in GeoJSON."""

    @model_validator(mode="after")
    def _closed(self) -> Where:
        if 0 < len(self.inside) < 3:
            raise ValueError("a polygon has three corners or more")
        return self


class When(_Part):
    """What a record must show; what is not said does not matter."""

    type: tuple[EventType, ...] = ()
    """Event types; on events only."""
    change: tuple[ChangeKind, ...] = ()
    """Kinds of change; on control changes only."""
    party: tuple[str, ...] = ()
    """Parties, as actor or target of an event, or on either side of a change."""
    min_killed: int = Field(default=0, ge=0)
    """Least number of dead that is certain: the lower end of the range."""
    min_confidence: float = Field(default=0, ge=0, le=1)
    min_root_sources: int = Field(default=0, ge=0)
    """Independent witnesses."""
    main: bool | None = None
    """Only what an article is there to report, or only background."""


class Escalation(_Part):
    """A graver level of the same rule."""

    when: When
    severity: Severity


class Rule(_Part):
    """One rule."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    """Lower-case words joined by hyphens; part of every alert's id, so that renaming a rule makes new alerts."""
    about: str = ""
    """One sentence for people."""
    watch: Literal["events", "changes"]
    """Events, or changes of control."""
    where: Where = Where()
    when: When = When()
    severity: Severity = "minor"
    escalate: tuple[Escalation, ...] = ()
    cooldown_hours: float = Field(default=0, ge=0)
    """Known time after an alert of this rule in which a place raises no other, unless it is graver."""
    title: Text = "$what in $place"
    text: Text = "$what in $place, $governorate ($days). Killed: $killed. Independent sources: $sources."

    @model_validator(mode="after")
    def _of_one_kind(self) -> Rule:
        for part in (self.when, *(level.when for level in self.escalate)):
            if self.watch == "changes" and (part.type or part.min_killed or part.main is not None):
                raise ValueError("type, min_killed and main are of events; this rule watches changes")
            if self.watch == "events" and part.change:
                raise ValueError("change is of control changes; this rule watches events")
        return self


class RuleFile(_Part):
    """A file of rules."""

    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _named_once(self) -> RuleFile:
        names = [rule.name for rule in self.rules]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two rules are called {twice[0]!r}")
        return self


_SHAPE = TypeAdapter(RuleFile)


def theatre_rules(theatre: Theatre) -> tuple[Rule, ...]:
    """The rules that ship with a theatre. Raises TheatreError with the line of a mistake."""
    return _checked(theatre, theatre.pack) if PATH in theatre.pack.paths() else ()


def own_rules(theatre: Theatre, path: Path, content: bytes) -> tuple[Rule, ...]:
    """An operator's rules.

    Args:
        theatre: Theatre whose places and parties they name.
        path: Where they were read, for messages.
        content: The file's bytes.

    Raises:
        TheatreError: With the line of a mistake.
    """
    return _checked(theatre, Pack(str(path.parent), ((PATH, content),), ""))


def json_schema() -> dict[str, Any]:
    """JSON Schema of a file of rules, for editors."""
    return _SHAPE.json_schema()


def _checked(theatre: Theatre, pack: Pack) -> tuple[Rule, ...]:
    rules = pack.rows(PATH, _SHAPE).rules
    parties = {actor.party for actor in theatre.actors}
    for rule in rules:
        for place_id in rule.where.within:
            if theatre.gazetteer.get(place_id) is None:
                raise TheatreError(
                    f"rule {rule.name}: no place {place_id!r}; `frontwire theatre resolve NAME` finds ids"
                )
        for part in (rule.when, *(level.when for level in rule.escalate)):
            if unknown := sorted(set(part.party) - parties):
                known = ", ".join(sorted(parties))
                raise TheatreError(f"rule {rule.name}: there is no party {unknown[0]!r}; there are {known}")
    return rules
