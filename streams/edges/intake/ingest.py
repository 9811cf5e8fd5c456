"""Articles into the log, and what is refused onto `dead-letters`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from schemas.article import Article, Retraction
from schemas.codec import encode
from schemas.dead_letter import DeadLetter
from schemas.errors import RefusedArticle
from schemas.topics import ARTICLES, DEAD_LETTERS
from schemas.vocabulary import Reason
from streams.edges.intake.articles import ArticleReader
from streams.edges.intake.sources import MAX_PIECE_BYTES, Piece, Refusal
from streams.shells.log import Entry, Headers, Log

BATCH_RECORDS = 500
BATCH_BYTES = 8 << 20
"""A batch goes into the log when it has either: one durable write for many articles, in bounded memory."""

LogTime = Literal["now", "published"]


@dataclass(slots=True)
class Tally:
    """What became of what was read."""

    taken: int = 0
    """Articles appended."""
    repeated: int = 0
    """Articles among them that stand in the log already, under the same id, and do not say that they are a revision."""
    retracted: int = 0
    """Retractions appended."""
    refused: Counter[Reason] = field(default_factory=Counter)
    """Dead letters by reason."""

    @property
    def appended(self) -> int:
        """Records that went onto the articles topic."""
        return self.taken + self.retracted


class Ingest:
    """A run of intake: give it pieces, and flush it at the end."""

    def __init__(
        self,
        log: Log,
        reader: ArticleReader,
        clock: Callable[[], datetime],
        *,
        log_time: LogTime = "now",
        is_known: Callable[[str], bool] = lambda key: False,
        on_refusal: Callable[[Refusal], None] = lambda refusal: None,
        headers: Headers = (),
        most_kept: int = MAX_PIECE_BYTES,
    ) -> None:
        """Prepare.

        Args:
            log: Where articles and dead letters go.
            reader: Reads pieces.
            clock: The time now, at the edge.
            log_time: `now` for the time of arrival; `published` to write articles as if they had arrived when they
                were printed, which makes the log of an archive the same on every day it is read in.
            is_known: Whether an article id stands in the log.
            on_refusal: Told of each dead letter.
            headers: Put on each article.
            most_kept: Bytes of a refused piece that its dead letter holds at most.
        """
        self.tally = Tally()
        self._log, self._reader, self._clock = log, reader, clock
        self._log_time, self._is_known, self._on_refusal = log_time, is_known, on_refusal
        self._headers, self._most_kept = headers, most_kept
        self._batch: list[Entry] = []
        self._waiting: set[str] = set()
        self._bytes = 0

    def take(self, found: Iterable[Piece | Refusal]) -> None:
        """Read pieces into the log, one batch after the other; the last one waits for `flush`."""
        for piece in found:
            self._add(self._entry_of(piece))

    def flush(self) -> None:
        """Append what waits. What was appended is durable."""
        if self._batch:
            self._log.append(self._batch)
        self._batch, self._bytes = [], 0
        self._waiting.clear()

    def _entry_of(self, piece: Piece | Refusal) -> Entry:
        now = self._clock()
        if isinstance(piece, Refusal):
            return self._dead_letter(piece, now)
        try:
            read = self._reader.read(piece, now)
        except RefusedArticle as refused:
            return self._dead_letter(piece.refused(refused.reason, refused.detail), now)
        arrived = milliseconds(read.published_at if self._log_time == "published" else now)
        return Entry(ARTICLES.name, self._counted(read), encode(read), arrived, self._headers)

    def _counted(self, read: Article | Retraction) -> str:
        """The key of what was read, which counts from now on as taken."""
        if isinstance(read, Retraction):
            self.tally.retracted += 1
            return read.retracts
        self.tally.taken += 1
        self.tally.repeated += self._waits_or_stands(read.article_id) and read.revision == 1
        return read.article_id

    def _waits_or_stands(self, article_id: str) -> bool:
        known = article_id in self._waiting or self._is_known(article_id)
        self._waiting.add(article_id)
        return known

    def _dead_letter(self, refusal: Refusal, now: datetime) -> Entry:
        self.tally.refused[refusal.reason] += 1
        self._on_refusal(refusal)
        letter = DeadLetter(
            topic=ARTICLES.name,
            partition=None,
            offset=None,
            origin=refusal.origin,
            raw=refusal.raw[: self._most_kept],
            reason=refusal.reason,
            detail=refusal.detail + self._cut(refusal),
        )
        return Entry(DEAD_LETTERS.name, ARTICLES.name, encode(letter), milliseconds(now))

    def _cut(self, refusal: Refusal) -> str:
        return f" (only the first {self._most_kept:,} bytes are kept)" if len(refusal.raw) > self._most_kept else ""

    def _add(self, entry: Entry) -> None:
        self._batch.append(entry)
        self._bytes += len(entry.value)
        if len(self._batch) >= BATCH_RECORDS or self._bytes >= BATCH_BYTES:
            self.flush()


def milliseconds(moment: datetime) -> int:
    """Log time of a moment: milliseconds since 1970 in UTC."""
    return int(moment.timestamp() * 1000)
