"""A piece of a source into an article or a retraction, or the reason why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal, TypeVar, cast
from urllib.parse import urlsplit

import orjson
from pydantic import ValidationError

from schemas.article import MAX_BODY_CHARS, Article, Retraction
from schemas.codec import canonical, mark_of
from schemas.errors import RefusedArticle
from schemas.vocabulary import Reason
from streams.edges.intake.dates import Printed, find_in_text, read_time
from streams.edges.intake.pages import PageReader
from streams.edges.intake.sources import Form, Piece
from streams.edges.intake.text import decode, repair

MAX_ARTICLE_BYTES = 32 << 20
"""Longest JSON that is parsed: the longest body, each of its characters escaped."""

PublishedFrom = Literal["given", "option", "text"]
TEXT_FIELDS = ("article_id", "outlet", "title", "body", "language", "published_at", "published_from", "url")
"""Texts that are read of a JSON article, beside the number of its revision; other fields are dropped."""
RETRACTION_FIELDS = ("retracts", "reason", "outlet", "published_at")
"""Texts that are read of a retraction, beside the number of the last revision that it takes back."""
KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}

R = TypeVar("R", Article, Retraction)
_JSON = (Form.JSON, Form.JSONL)

OutletNames = Callable[[str], str | None]
"""An outlet's id in the theatre, by its id, name, alias or domain; None if it is not known there."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What stands in where an article does not say."""

    outlet: str | None = None
    published_at: Printed | None = None
    language: str = "en"
    title_from_first_line: bool = False
    """Whether plain text begins with its headline."""


@dataclass(frozen=True, slots=True)
class ArticleReader:
    """Reads pieces of any form."""

    outlets: OutletNames
    pages: PageReader
    defaults: Defaults = Defaults()

    def read(self, piece: Piece, now: datetime) -> Article | Retraction:
        """The article that a piece is, or the retraction of one.

        Args:
            piece: Its bytes.
            now: Time at the edge: what was printed after it is refused.

        Raises:
            RefusedArticle: With the reason, and what to do.
        """
        data = _object_of(piece.raw) if piece.form in _JSON else {}
        if mark_of(Retraction) in data:
            return self._retraction(data, now)
        fields = self._fields(piece, data)
        body = repair(fields.get("body") or "")
        _check_body(body)
        title = repair(fields.get("title") or "").strip() or None
        printed, origin = self._printed(fields, title, body)
        _check_time(printed, now)
        outlet = self._outlet(fields)
        return _record(
            Article,
            article_id=fields.get("article_id") or derived_id(outlet, printed.at, title, body),
            outlet=outlet,
            title=title,
            body=body,
            language=(fields.get("language") or self.defaults.language).lower().replace("_", "-").split("-")[0],
            published_at=printed.at,
            published_from=origin,
            url=fields.get("url") or None,
            revision=1 if data.get("revision") is None else data["revision"],
        )

    def _retraction(self, data: dict[str, Any], now: datetime) -> Retraction:
        fields = _texts(data, RETRACTION_FIELDS)
        outlet = (fields.get("outlet") or self.defaults.outlet or "").strip() or None
        said = fields.get("published_at")
        printed = read_time(said) if said else self.defaults.published_at or Printed(now, exact=True)
        _check_time(printed, now)
        return _record(
            Retraction,
            retracts=fields.get("retracts"),
            revision=data.get("revision"),
            reason=repair(fields.get("reason") or "").strip(),
            outlet=outlet and (self.outlets(outlet) or outlet),
            published_at=printed.at,
        )

    def _fields(self, piece: Piece, data: dict[str, Any]) -> dict[str, str]:
        if piece.form is Form.HTML:
            return self._of_page(piece.raw)
        return self._of_text(piece.raw) if piece.form is Form.TEXT else _of_json(data)

    def _of_text(self, raw: bytes) -> dict[str, str]:
        text = decode(raw)[0].strip() if raw.strip() else ""
        if not self.defaults.title_from_first_line:
            return {"body": text}
        title, _, body = text.partition("\n")
        return {"title": title, "body": body.lstrip()}

    def _of_page(self, raw: bytes) -> dict[str, str]:
        page = self.pages.read(raw)
        text, title = page.text or "", page.title or ""
        # Extraction often gives the headline twice; the body's offsets should not count it.
        body = text[len(title) :].lstrip() if title and text.startswith(title + "\n") else text
        fields = {"title": title, "body": body, "language": page.language, "url": page.url, "site": page.site}
        written = "published_at" if page.published_from == "given" else "published_in_text"
        return {name: value for name, value in {**fields, written: page.published}.items() if value}

    def _printed(self, fields: dict[str, str], title: str | None, body: str) -> tuple[Printed, PublishedFrom]:
        if fields.get("published_at"):
            return read_time(fields["published_at"]), _provenance(fields)
        if self.defaults.published_at:
            return self.defaults.published_at, "option"
        written = fields.get("published_in_text")
        found = read_time(written) if written else find_in_text(title, body)
        if found:
            return found, "text"
        detail = "published_at is missing, and no date heads the text. Give --published-at, or the field"
        raise RefusedArticle(Reason.NO_PUBLICATION_DATE, detail)

    def _outlet(self, fields: dict[str, str]) -> str:
        given = (fields.get("outlet") or self.defaults.outlet or "").strip()
        if given:
            return self.outlets(given) or given
        domain = _domain(fields.get("url") or "")
        names = (fields.get("site"), *_with_parents(domain or ""))
        known = next((known for name in names if name and (known := self.outlets(name))), None)
        if known or domain:
            return known or cast(str, domain)
        raise RefusedArticle(Reason.SCHEMA, "outlet is missing. Give --outlet, or the field outlet or url")


def derived_id(outlet: str, published_at: datetime, title: str | None, body: str) -> str:
    """The id of an article that came without one: the same for the same text of the same outlet and time."""
    content = canonical([outlet, published_at.isoformat(), title, body])
    return f"{outlet}-{published_at:%Y%m%d}-{blake2b(content, digest_size=8).hexdigest()}"


def _check_body(body: str) -> None:
    if len(body) > MAX_BODY_CHARS:
        detail = f"the body has {len(body):,} characters, above {MAX_BODY_CHARS:,}; split it into its articles"
        raise RefusedArticle(Reason.TOO_LARGE, detail)
    if not body.strip():
        raise RefusedArticle(Reason.NO_TEXT, "there are no words in its body")


def _check_time(printed: Printed, now: datetime) -> None:
    if printed.lies_ahead_of(now):
        detail = f"published_at is {printed.at:%Y-%m-%d %H:%M} UTC, and it is {now:%Y-%m-%d %H:%M} now; correct it"
        raise RefusedArticle(Reason.FUTURE_DATE, detail)


def _domain(url: str) -> str | None:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") or None
    except ValueError:
        return None


def _with_parents(domain: str) -> list[str]:
    """A domain and those above it: `ara.reuters.com`, `reuters.com`."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def _provenance(fields: dict[str, str]) -> PublishedFrom:
    origin = fields.get("published_from")
    return cast(PublishedFrom, origin) if origin in ("option", "text") else "given"


def _record(kind: type[R], **fields: Any) -> R:
    try:
        return kind(**fields)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise RefusedArticle(Reason.SCHEMA, f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error


def _object_of(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_ARTICLE_BYTES:
        detail = f"it has {len(raw):,} bytes, above {MAX_ARTICLE_BYTES:,}; split it into its articles"
        raise RefusedArticle(Reason.TOO_LARGE, detail)
    data = _parsed(raw)
    if not isinstance(data, dict):
        detail = f"an article is a JSON object, not {KINDS.get(type(data), 'a text or null')}"
        raise RefusedArticle(Reason.SCHEMA, detail)
    return data


def _texts(data: dict[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Those of these fields that an object has."""
    fields = {name: data[name] for name in names if data.get(name) is not None}
    for name, value in fields.items():
        if not isinstance(value, str):
            raise RefusedArticle(Reason.SCHEMA, f"{name} is {KINDS[type(value)]}, and should be text in quotes")
    return fields


def _of_json(data: dict[str, Any]) -> dict[str, str]:
    fields = _texts(data, TEXT_FIELDS)
    if "body" not in fields:
        has = ", ".join(map(str, list(data)[:12])) or "none"
        raise RefusedArticle(Reason.SCHEMA, f"body is missing; the fields it has: {has[:200]}")
    return fields


def _parsed(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return _parsed_slowly(raw, error)


def _parsed_slowly(raw: bytes, fault: orjson.JSONDecodeError) -> Any:
    """JSON in another encoding than UTF-8, or with halves of characters in it, both of which news exports have."""
    text, encoding = decode(raw)
    try:
        if encoding != "utf-8":
            return orjson.loads(text.lstrip("\ufeff"))
        if "surrogate" in str(fault):
            return json.loads(text)
    except (orjson.JSONDecodeError, ValueError, RecursionError) as error:
        raise _no_json(error) from error
    raise _no_json(fault) from fault


def _no_json(fault: Exception) -> RefusedArticle:
    detail = f"it is not whole JSON ({fault}); was it written to the end? Give one object an article"
    return RefusedArticle(Reason.NOT_JSON, detail)
