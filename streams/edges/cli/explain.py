"""`frontwire explain`: an event, a claim, a town or an article, down to the sentences that say so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from schemas.control import TownControl
from schemas.errors import FrontwireError
from schemas.event import Event
from schemas.topics import CONTROL
from streams.edges.cli import revisions, screen, session
from streams.edges.cli.evidence import Merged, id_of
from streams.edges.cli.explain_article import explain_article
from streams.edges.cli.explain_merged import AboutMerged, about_merged
from streams.edges.cli.explain_town import AboutTown, about_town
from streams.edges.cli.options import AsJson, LogFile, printed_option
from streams.edges.cli.places import meant_by
from streams.edges.intake.articles import Defaults
from streams.edges.intake.dates import Printed
from streams.shells.log import Store
from streams.stages.merge.step import MergeStage

_ID = re.compile(r"[0-9a-f]{4,8}|[0-9a-f]{8}-[0-9a-f-]*")


class NothingToExplain(FrontwireError):
    """Nothing of that name is in the log."""


def explain(
    subject: Annotated[
        str | None,
        typer.Argument(metavar="ID|TOWN", help="Id of an event or claim, or how it begins; or a town's name or id."),
    ] = None,
    log: LogFile = None,
    article: Annotated[
        str | None,
        typer.Option(
            "--article",
            metavar="FILE|ID",
            help="Explain an article instead, sentence by sentence: those of a file, or the one of an id in the log.",
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the article's explanation as a page.")
    ] = None,
    outlet: Annotated[str | None, typer.Option(metavar="NAME", help="Outlet of an article that does not say.")] = None,
    published_at: Annotated[
        Printed | None, printed_option("--published-at", "When an article was printed that does not say.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain an event, a claim, a town or an article, down to the sentences.

    Of each sentence: outlet, who is behind it, where it stands, and what spoke for joining its report with others. Of a
    town: the claims that decide who holds it, with their weights. Of an article: what was read of each sentence, and
    what was refused and why.
    """
    if (subject is None) == (article is None):
        raise typer.BadParameter("give an id or a town, or --article FILE")
    if article:
        explain_article(article, log, Defaults(outlet, published_at), html, as_json)
        return
    store = session.to_read(log)
    told = _about(store, subject or "")
    screen.json_line(told.as_json()) if as_json else told.print(screen.out())
    store.close()


def _about(store: Store, subject: str) -> AboutMerged | AboutTown:
    merge = MergeStage(session.theatre())
    found = _by_id(store, subject) if _ID.fullmatch(subject) else None
    if found is None:
        return about_town(store, _town(store, subject), revisions.present_claims(store), merge)
    kind = revisions.present_events if isinstance(found, Event) else revisions.present_claims
    return about_merged(store, found, kind(store), merge)


def _by_id(store: Store, start: str) -> Merged | None:
    everything: list[Merged] = [*revisions.present_events(store), *revisions.present_claims(store)]
    found = [one for one in everything if id_of(one).startswith(start)]
    if len(found) > 1:
        ids = ", ".join(id_of(one) for one in found[:5])
        raise NothingToExplain(f"{start} begins {len(found)} ids: {ids}; give more of it")
    return found[0] if found else None


def _town(store: Store, name: str) -> TownControl:
    meant = meant_by(session.theatre().gazetteer, name)
    found = [town for town in revisions.by_key(store, CONTROL, TownControl) if town.place.key in meant]
    if not found:
        raise NothingToExplain(
            f"nothing is known of who holds {name}; what happened there: frontwire events --place {name!r}"
        )
    return max(found, key=lambda town: (len(town.evidence), town.place.key))
