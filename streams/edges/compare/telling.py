"""A comparison as sections of entries, which the terminal and the page show alike; and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_jsonable_python

from schemas.control import Standing
from schemas.event import Event
from schemas.mention import Mention
from streams.edges.cli.events import days, toll, where
from streams.edges.cli.explain_article import in_words
from streams.edges.cli.revisions import Merged, id_of
from streams.edges.compare.comparison import Because, Comparison
from streams.edges.compare.mentions import MentionChange
from streams.edges.compare.merged import MergedChange
from streams.edges.compare.towns import Stretch, TownChange, by_standing, standing


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence, with where it stands and what it is for the change."""

    sign: str
    """`-` read before only, `+` read after only, `~` read otherwise, a blank where it was read the same."""
    mention: Mention


@dataclass(frozen=True, slots=True)
class Told:
    """One change."""

    head: str
    lines: tuple[str, ...]
    quoted: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Changes of one kind."""

    title: str
    told: tuple[Told, ...]


_MENTIONS = {"lost": "Mentions lost", "gained": "Mentions gained", "changed": "Mentions read otherwise"}
_MERGED = {
    "split": "split",
    "joined": "joined",
    "regrouped": "grouped otherwise",
    "lost": "lost",
    "gained": "gained",
    "changed": "that say something else",
}
_TOWNS = {
    "holder": "Towns whose holder differs",
    "past": "Towns whose past differs",
    "grounds": "Towns held by the same, on other grounds",
}
_SIGNS = {"lost": "-", "gained": "+", "changed": "~"}


def sections(found: Comparison) -> list[Section]:
    """Every change, the gravest first: towns, then events and claims, then mentions. Empty ones are left out."""
    of_merged, of_towns = found.because
    reason = {id(town): because for town, because in zip(found.towns, of_towns, strict=True)}
    made = [
        Section(_TOWNS[kind], tuple(_town(town, reason[id(town)]) for town in towns))
        for kind, towns in by_standing(found.towns).items()
    ]
    both = list(zip(found.merged, of_merged, strict=True))
    for of in ("event", "claim"):
        for kind, words in _MERGED.items():
            some = tuple(_merged(one, because) for one, because in both if (one.of, one.what) == (of, kind))
            made.append(Section(f"{of.capitalize()}s {words}", some))
    for kind, title in _MENTIONS.items():
        made.append(Section(title, tuple(_mention(one) for one in found.mentions.changes if one.what == kind)))
    return [section for section in made if section.told]


def as_json(found: Comparison) -> dict[str, Any]:
    """The whole comparison for programs: records as they are, without the sketches of their wording."""
    of_merged, of_towns = found.because
    return {
        "equal": found.equal,
        "articles": found.articles,
        "versions": {"before": dict(found.versions[0]), "after": dict(found.versions[1])},
        "counts": {name: {"before": before, "after": after} for name, (before, after) in found.counts.items()},
        "mentions": [_mention_json(change) for change in found.mentions.changes],
        "events": [_merged_json(*one) for one in zip(found.merged, of_merged, strict=True) if one[0].of == "event"],
        "claims": [_merged_json(*one) for one in zip(found.merged, of_merged, strict=True) if one[0].of == "claim"],
        "towns": [_town_json(*one) for one in zip(found.towns, of_towns, strict=True)],
    }


def held(state: Standing | None) -> str:
    """Who holds a place, in a few words."""
    if state is None:
        return "nothing known"
    besieged = f", besieged by {' + '.join(state.besieged_by)}" if state.besieged_by else ""
    return f"{state.status} by {state.controller}{besieged}" if state.controller else f"{state.status}{besieged}"


def place_of(mention: Mention) -> str:
    """Where a sentence stands."""
    evidence = mention.evidence
    return f"{mention.outlet}, {mention.published_at:%Y-%m-%d}, {mention.article_id} {evidence.field} {evidence.start}"


def _mention(change: MentionChange) -> Told:
    lines = [f"was {in_words(change.before)}"] if change.what == "changed" and change.before else []
    fields = [f"differs in {', '.join(change.fields)}"] if change.fields else []
    return Told(in_words(change.mention), (*lines, *fields), _quoted([change]))


def _merged(change: MergedChange, because: Because) -> Told:
    lines = [f"{sign} {_record(one)}" for sign, side in (("-", change.before), ("+", change.after)) for one in side]
    fields = [f"differs in {', '.join(change.fields)}"] if change.fields else []
    return Told(f"{change.first.place.name}: {_act(change.first)}", (*lines, *fields), _behind(because))


def _record(one: Merged) -> str:
    figures = [f"{word} {toll(found)}" for word in ("killed", "wounded") if (found := getattr(one, word, None))]
    reports = f"{len(one.mention_ids)} reports" if len(one.mention_ids) > 1 else "1 report"
    told = [_act(one), where(one).plain, days(one).plain, " + ".join(one.actors)]
    parts = [*(part for part in told if part), *figures, reports, f"confidence {one.confidence:.2f}"]
    return f"{id_of(one)[:8]} {', '.join(parts)}"


def _act(one: Merged) -> str:
    return (one.event_type if isinstance(one, Event) else one.relation).replace("_", " ")


def _town(change: TownChange, because: Because) -> Told:
    before, after = standing(change.before), standing(change.after)
    head = f"{change.town.place.name}: {held(before)}" + (f" → {held(after)}" if before != after else "")
    fields = [f"differs in {', '.join(change.fields)}"] if change.fields else []
    return Told(head, (*map(_stretch, change.stretches), *fields), _behind(because))


def _stretch(one: Stretch) -> str:
    return f"{one.first} to {one.last or 'now'}: {held(one.before)} → {held(one.after)}"


def _behind(because: Because) -> tuple[Quoted, ...]:
    return (*_quoted(because.mentions), *(Quoted(" ", mention) for mention in because.reports))


def _quoted(changes: Iterable[MentionChange]) -> tuple[Quoted, ...]:
    return tuple(Quoted(_SIGNS[change.what], change.mention) for change in changes)


def _mention_json(change: MentionChange) -> dict[str, Any]:
    sides = {"before": _plain(change.before), "after": _plain(change.after)}
    return {"what": change.what, "fields": change.fields, **sides}


def _merged_json(change: MergedChange, because: Because) -> dict[str, Any]:
    sides = {"before": to_jsonable_python(change.before), "after": to_jsonable_python(change.after)}
    return {"what": change.what, "fields": change.fields, **sides, "because": list(_because_json(because))}


def _town_json(change: TownChange, because: Because) -> dict[str, Any]:
    return {
        "place_id": change.town.place.key,
        "name": change.town.place.name,
        "holder_differs": change.holder_differs,
        "fields": change.fields,
        "stretches": [to_jsonable_python(one) for one in change.stretches],
        "before": to_jsonable_python(change.before),
        "after": to_jsonable_python(change.after),
        "because": list(_because_json(because)),
    }


def _because_json(because: Because) -> Iterator[dict[str, Any]]:
    for change in because.mentions:
        yield _mention_json(change)
    for mention in because.reports:
        yield {"what": "same", "fields": (), "before": _plain(mention), "after": _plain(mention)}


def _plain(mention: Mention | None) -> dict[str, Any] | None:
    if mention is None:
        return None
    found: dict[str, Any] = mention.model_dump(mode="json", exclude={"wording"})
    return found
