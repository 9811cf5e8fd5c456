"""Erasing an article: from the log, the state, the snapshots and the projection, with a record that says so.

Its content is overwritten where it stands, and the record in its place keeps offset, key and times. The chain of a lane
is a hash over contents, so a note of the chain before and after the record goes on the topic `erasures`: there `verify`
takes the chain up again, and nothing else of the lane has to change.

What followed from the article is made anew without it: a generation is built from the articles that are left, takes
over, and all others are dropped. It is what the log would hold had the article never come, and a replay proves that.
Last the file is written anew, so that no free page keeps the old bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from shutil import rmtree

from schemas.article import Article
from schemas.codec import decode, encode
from schemas.dead_letter import DeadLetter
from schemas.errors import DecodeError, LogError
from schemas.topics import ARTICLES, DEAD_LETTERS
from schemas.vocabulary import Reason
from streams.pipeline import Pipeline
from streams.shells import sqlite_erasing
from streams.shells.batch import STAGE
from streams.shells.log import Stored, iterate
from streams.shells.runner import DEFAULTS, Limits, Progress
from streams.shells.snapshots import folder_of
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.shells.takeover import take_over, unfinished

WORDS = "[erased]"
"""What stands in the place of a text that was erased."""


def erase(path: Path, article_ids: Sequence[str], reason: str, at: datetime) -> int:
    """Overwrite articles where they stand, and write down that it was done; what followed from them is still there.

    Args:
        path: The log.
        article_ids: Their ids.
        reason: Who asked for it, or on what ground.
        at: Log time of the erasure.

    Returns:
        Records that were overwritten, dead letters with such an id included; an article erased before counts for none.

    Raises:
        LogError: If the log has no article of one of the ids; nothing was erased.
    """
    with closing(open_log(path)) as log:
        found = list(_found(log, set(article_ids)))
        if missing := sorted(set(article_ids) - {stored.key for stored, _ in found}):
            raise LogError(f"{path} has no article {missing[0]!r}; frontwire export articles shows their ids")
        left = [(stored, instead) for stored, instead in found if not stored.erased]
        return sqlite_erasing.overwrite(log, left, reason, at)


def is_unfinished(path: Path) -> bool:
    """Whether something that followed from an erased article may be left: an erasure was cut off."""
    with closing(open_log(path, read_only=True)) as log:
        return sqlite_erasing.is_pending(log.connection())


def rebuild(
    path: Path,
    stages: Pipeline,
    *,
    limits: Limits = DEFAULTS,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> None:
    """Make what follows from the articles that are left, drop everything else, and write the file anew.

    Cut off anywhere, it goes on when it is called again.

    Raises:
        LogInUse: If another process builds the same.
    """
    with closing(open_log(path)) as log:
        begun = unfinished(log, {stage.name: stage.version for stage in stages})
        number = log.begin_generation() if begun is None else begun
    take_over(path, number, stages, limits=limits, on_progress=on_progress)
    with closing(open_log(path)) as log:
        for other in log.generations():
            if other != number:
                log.drop_generation(other)
        sqlite_erasing.finish(log)
    rmtree(folder_of(path), ignore_errors=True)
    for beside in path.parent.glob(f"{path.name}.feed*"):  # The projection of the feed, which is made anew.
        beside.unlink(missing_ok=True)


def _found(log: SqliteLog, ids: set[str]) -> list[tuple[Stored, bytes]]:
    """Records that hold the content of these articles, each with the bytes that take its place."""
    articles = [(one, _nothing_said(one)) for one in iterate(log, ARTICLES.name) if one.key in ids]
    letters = [(one, _nothing_kept(one, ids)) for one in iterate(log, DEAD_LETTERS.name)]
    return [*articles, *((one, instead) for one, instead in letters if instead is not None)]


def _nothing_said(stored: Stored) -> bytes:
    try:
        published = decode(Article, stored.value).published_at
    except DecodeError:
        published = stored.known_at
    said = Article(article_id=stored.key, outlet=WORDS, title=None, body=WORDS, published_at=published)
    return encode(said)


def _nothing_kept(stored: Stored, ids: set[str]) -> bytes | None:
    if STAGE in dict(stored.headers):  # Made again without it.
        return None
    letter = decode(DeadLetter, stored.value)
    if letter.key not in ids:
        return None
    return encode(letter.model_copy(update={"raw": WORDS.encode(), "detail": WORDS, "reason": Reason.EMPTY}))
