"""The extract stage: an article in, mentions out, keyed by place. Open here.

reading → document (sentences, names) → events (candidates) → gathering → mentions; claims beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from schemas.article import Article, Retraction
from schemas.codec import encode
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention, Withdrawal
from schemas.topics import ARTICLES, DEAD_LETTERS, MENTIONS, Topic
from schemas.vocabulary import Reason
from streams.stages.extract.extracting import extract
from streams.stages.stage import Output, Rows
from streams.theatres.theatre import Theatre

RULES = "2"
"""Version of the rules. It counts up with every change that lets the same article give other mentions."""
FOR_EVER = 2**31
"""Stands for the last revision that a retraction takes back where it takes back all that may come."""


@dataclass(frozen=True, slots=True)
class ExtractState:
    """What is known of one article id: its last word, whatever came before it and in whatever order."""

    revision: int = 0
    """Revision that was read; 0 if none stands."""
    digest: str | None = None
    """Digest of the text that stood under that revision first."""
    retracted: int = 0
    """Revision up to which the article was taken back; 0 if it was not."""
    told: tuple[tuple[str, str], ...] = ()
    """The mentions that stand: what follows the article id in the mention's, and the key it went to."""
    printed: str = ""
    """When the revision that stands was printed, as ISO 8601 in UTC; empty without mentions."""


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
        """What an article or a retraction changes of what its id says.

        The last word counts: the highest revision, unless it was retracted. Whatever an earlier one said and the last
        one does not is withdrawn. The same again gives nothing, nor does what came before the last word. Another text
        under the same revision becomes a dead letter: which of the two is true is not for a program to guess.
        """
        if isinstance(record, Retraction):
            return _retracted(state, record)
        article: Article = record
        if article.revision <= state.retracted or article.revision < state.revision:
            return state, ()
        digest = digest_of(article)
        if article.revision == state.revision:
            same = digest == state.digest
            return state, () if same else (Output(DEAD_LETTERS, ARTICLES.name, _conflict(article, state)),)
        mentions = [
            mention.model_copy(update={"revision": article.revision}) for mention in extract(article, self._theatre)
        ]
        told = tuple((_number(mention), mention.place.key) for mention in mentions)
        printed = article.published_at.isoformat() if told else ""
        after = ExtractState(article.revision, digest, state.retracted, told, printed)
        said = tuple(Output(MENTIONS, mention.place.key, mention) for mention in mentions)
        # What is told anew comes first: what the article still says, if under another number, is never unsaid between.
        return after, (*said, *_withdrawn(article.article_id, state, frozenset(told)))

    def dump(self, state: ExtractState) -> Rows:
        """One row; none for an unseen id."""
        if state == ExtractState():
            return {}
        return {"said": orjson.dumps([state.revision, state.digest, state.retracted, state.printed, *state.told])}

    def load(self, key: str, rows: Mapping[str, bytes]) -> ExtractState:
        """The state that `dump` made these rows of."""
        if "said" not in rows:
            return ExtractState()
        revision, digest, retracted, printed, *told = orjson.loads(rows["said"])
        return ExtractState(revision, digest, retracted, tuple((number, place) for number, place in told), printed)

    def digest(self, state: ExtractState) -> Any:
        """The last word: the same for any order of arrival, as conflicting texts never replace the first."""
        return [state.revision, state.digest, state.retracted]


def _retracted(state: ExtractState, record: Retraction) -> tuple[ExtractState, tuple[Output, ...]]:
    until = FOR_EVER if record.revision is None else record.revision
    if until <= state.retracted:
        return state, ()
    if until < state.revision:
        return replace(state, retracted=until), ()
    return ExtractState(retracted=until), tuple(_withdrawn(record.retracts, state, frozenset()))


def _withdrawn(article_id: str, state: ExtractState, kept: frozenset[tuple[str, str]]) -> Iterator[Output]:
    """What takes back the mentions that stood, but for those whose id is told again of the same place."""
    for number, key in state.told:
        if (number, key) not in kept:
            withdrawal = Withdrawal(
                withdraws=f"{article_id}#{number}",
                article_id=article_id,
                revision=state.revision,
                published_at=datetime.fromisoformat(state.printed),
            )
            yield Output(MENTIONS, key, withdrawal)


def _number(mention: Mention) -> str:
    return mention.mention_id.rpartition("#")[2]


def digest_of(article: Article) -> str:
    """Digest of all that extraction reads of an article: 32 hexadecimal digits."""
    read = (article.article_id, article.outlet, article.title or "", article.body, article.published_at.isoformat())
    digest = blake2b(digest_size=16)
    for part in read:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d " % len(raw) + raw)
    return digest.hexdigest()


def _conflict(article: Article, state: ExtractState) -> DeadLetter:
    return DeadLetter(
        topic=ARTICLES.name,
        partition=None,
        key=article.article_id,
        raw=encode(article),
        reason=Reason.CONFLICT,
        detail=f"another text stands under {article.article_id!r} as revision {state.revision}, digest {state.digest}; "
        "give this one a higher revision if it corrects that one, else an id of its own",
    )
