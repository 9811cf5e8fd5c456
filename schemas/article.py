"""Articles and what takes them back: the only source of truth. Every other record can be rebuilt from these."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from schemas.record import Instant, Record

MAX_BODY_CHARS = 5_000_000
"""Longest body that is read. Longer ones are no news articles, and become dead letters."""


class Article(Record):
    """One outlet's text, as printed."""

    schema_version: Literal[2] = 2  # type: ignore[assignment]
    article_id: str = Field(min_length=1, max_length=512)
    """Id given by whoever delivered it, else derived from outlet, time and text."""
    outlet: str = Field(min_length=1, max_length=256)
    """Outlet that printed it, by its id in the theatre pack where it is known there."""
    title: str | None
    """Headline, null if the text has none of its own."""
    body: str = Field(min_length=1, max_length=MAX_BODY_CHARS)
    """The text. All evidence offsets count its characters (Unicode code points)."""
    language: str = "en"
    """ISO 639-1 code."""
    published_at: Instant
    """When it was printed. Required, and never guessed from the clock."""
    published_from: Literal["given", "option", "text"] = "given"
    """Where the time comes from: the article's own data, an option of intake, or a date found in the text."""
    url: str | None = None
    """Where it stands."""
    revision: int = Field(default=1, ge=1)
    """Counts the texts that its outlet has printed under this id; the highest one is its last word."""

    @field_validator("body")
    @classmethod
    def _has_words(cls, body: str) -> str:
        if not body.strip():
            raise ValueError("the body has no words")
        return body


class Retraction(Record):
    """An outlet's word that an article of its own no longer stands."""

    retracts: str = Field(min_length=1, max_length=512)
    """Id of the article."""
    revision: int | None = Field(default=None, ge=1)
    """Last revision that is taken back; null for the article as such, whatever revisions are still to come."""
    reason: str
    """Why, in the outlet's words or those of whoever enters it; may be empty."""
    outlet: str | None = None
    """Who says so, null if not stated."""
    published_at: Instant
    """When it was said, or reached intake where it does not say."""
