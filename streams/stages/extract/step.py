"""The extract stage: an article in, mentions out, keyed by place. Open here.

reading → document (sentences, names) → events (candidates) → gathering → mentions; claims beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from schemas.article import Article
from schemas.codec import encode
from schemas.dead_letter import DeadLetter
from schemas.topics import ARTICLES, DEAD_LETTERS, MENTIONS, Topic
from schemas.vocabulary import Reason
from streams.stages.extract.extracting import extract
from streams.stages.stage import Output, Rows
from streams.theatres.theatre import Theatre

RULES = "1"
"""Version of the rules. It counts up with every change that lets the same article give other mentions."""


@dataclass(frozen=True, slots=True)
class ExtractState:
    """What is known of one article id: the digest of the text that stood under it first."""

    digest: str | None = None


class ExtractStage:
    """Articles to mentions, by article id.

    Args:
        theatre: The war whose names and words are read.
    """

    name: str = "extract"
    inputs: tuple[Topic, ...] = (ARTICLES,)
    outputs: tuple[Topic, ...] = (MENTIONS, DEAD_LETTERS)

    def __init__(self, theatre: Theatre) -> None:
        self._theatre = theatre
        self.version: str = f"{RULES}+{theatre.version}"

    def initial(self, key: str) -> ExtractState:
        """No article has been seen under this id."""
        return ExtractState()

    def step(self, state: ExtractState, record: Any, known_at: datetime) -> tuple[ExtractState, tuple[Output, ...]]:
        """The mentions of an article.

        The same article again gives nothing. Another text under the same id becomes a dead letter: which of the two is
        true is not for a program to guess.
        """
        article: Article = record
        digest = digest_of(article)
        if state.digest == digest:
            return state, ()
        if state.digest is not None:
            return state, (Output(DEAD_LETTERS, ARTICLES.name, _conflict(article, state.digest)),)
        mentions = extract(article, self._theatre)
        return ExtractState(digest), tuple(Output(MENTIONS, mention.place.key, mention) for mention in mentions)

    def dump(self, state: ExtractState) -> Rows:
        """One row with the digest; none for an unseen id."""
        return {"digest": state.digest.encode()} if state.digest else {}

    def load(self, key: str, rows: Mapping[str, bytes]) -> ExtractState:
        """The state that `dump` made these rows of."""
        return ExtractState(rows["digest"].decode()) if "digest" in rows else ExtractState()

    def digest(self, state: ExtractState) -> Any:
        """The digest: the same for any order of arrival, as conflicting texts never replace the first."""
        return state.digest


def digest_of(article: Article) -> str:
    """Digest of all that extraction reads of an article: 32 hexadecimal digits."""
    read = (article.article_id, article.outlet, article.title or "", article.body, article.published_at.isoformat())
    digest = blake2b(digest_size=16)
    for part in read:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d " % len(raw) + raw)
    return digest.hexdigest()


def _conflict(article: Article, seen: str) -> DeadLetter:
    return DeadLetter(
        topic=ARTICLES.name,
        partition=None,
        key=article.article_id,
        raw=encode(article),
        reason=Reason.CONFLICT,
        detail=f"another text stands under {article.article_id!r} (digest {seen}); give this one an id of its own",
    )
