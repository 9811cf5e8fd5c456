"""Gold files: one article a line, with the events and the control claims that a reader found in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from schemas.article import Article
from schemas.errors import FrontwireError

T = TypeVar("T", bound=BaseModel)


class UnreadableGold(FrontwireError):
    """A file of the evaluation that is not in its form."""


def _as_tuple(value: Any) -> Any:
    """One actor or several, as a tuple."""
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


Parties = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
Days = tuple[date, date] | None
Bounds = tuple[int | None, int | None] | None


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)

    id: str
    town: str | None = None
    governorate: str | None = None
    actor: Parties = ()
    date: Days = None
    modality: str = "reported"
    evidence: str = ""


class GoldEvent(_Row):
    """An event, as a reader coded it."""

    type: str
    place: str | None = None
    target: Parties = ()
    killed: Bounds = None
    killed_who: str | None = None
    wounded: Bounds = None
    source: str | None = None
    main: bool = False
    shared: bool = False


class GoldClaim(_Row):
    """A control claim, as a reader coded it."""

    relation: str
    scope: str
    from_actor: Parties = ()


class GoldArticle(BaseModel):
    """What a reader found in one article."""

    article_id: str
    events: tuple[GoldEvent, ...] = ()
    control: tuple[GoldClaim, ...] = ()


class Slots(BaseModel):
    """What the crowd said of an article's main event."""

    governorate: str | None = None
    actor: str | None = None
    killed_civilians: int | None = None


class CrowdArticle(BaseModel):
    """An article's crowd slots."""

    article_id: str
    crowd: Slots


_FIELDS = ("article_id", "outlet", "title", "body", "published_at")


def read_gold(path: Path) -> dict[str, GoldArticle]:
    """Gold by article id. Raises UnreadableGold with file and line."""
    articles = (_read(path, number, raw, GoldArticle) for number, raw in _lines(path))
    return {article.article_id: article for article in articles}


def read_crowd(path: Path) -> dict[str, Slots]:
    """Crowd slots by article id; lines without them are left out."""
    found = (row for row in _lines(path) if b'"crowd"' in row[1])
    return {row.article_id: row.crowd for row in (_read(path, number, raw, CrowdArticle) for number, raw in found)}


def read_articles(path: Path) -> Iterator[Article]:
    """Articles of a file of JSON lines; fields that are no article's are left out."""
    for number, raw in _lines(path):
        try:
            data = orjson.loads(raw)
            yield Article.model_validate_json(orjson.dumps({key: data.get(key) for key in _FIELDS}))
        except (orjson.JSONDecodeError, ValidationError) as error:
            raise UnreadableGold(f"{path}:{number}: is no article: {error}") from error


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as lines:
            for number, raw in enumerate(lines, 1):
                if raw.strip():
                    yield number, raw
    except OSError as error:
        raise UnreadableGold(f"{path}: cannot be read: {error.strerror}; name a file of JSON lines") from error


def _read(path: Path, number: int, raw: bytes, shape: type[T]) -> T:
    try:
        return shape.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the line"
        raise UnreadableGold(f"{path}:{number}: {where}: {first['msg']}") from error
