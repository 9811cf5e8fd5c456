"""What the theatre calls its actors and outlets, for those who show records to people."""

from __future__ import annotations

from streams.edges.feed.answers import ActorName, OutletName, TheatreNames
from streams.theatres.pack import read_pack


def theatre_names(theatre: str) -> TheatreNames:
    """Names of a theatre's actors, outlets and primary sources. Raises TheatreError if there is no such pack."""
    pack = read_pack(theatre)
    actors, outlets = pack.yaml("actors.yaml"), pack.yaml("outlets.yaml")
    quoted = [*outlets["outlets"], *outlets["primary_sources"]]
    return TheatreNames(
        name=theatre,
        actors=[ActorName(id=one["id"], name=one["name"], side=one["side"]) for one in actors["actors"]],
        outlets=[OutletName(id=one["id"], name=one["name"], lean=one["lean"]) for one in quoted],
    )
