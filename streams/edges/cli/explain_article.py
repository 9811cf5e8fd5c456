"""An article explained sentence by sentence: the names found, the mentions read, and the triggers refused and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from schemas.article import Article, Retraction
from schemas.errors import FrontwireError
from schemas.mention import Mention
from streams.edges.cli import screen, session
from streams.edges.cli.article_page import page_of
from streams.edges.cli.events import toll
from streams.edges.cli.evidence import last_word
from streams.edges.intake.articles import ArticleReader, Defaults
from streams.edges.intake.pages import PageReader
from streams.edges.intake.sources import Refusal, pieces
from streams.stages.extract.document import Sentence
from streams.stages.extract.trace import SentenceTrace, trace


class NoArticle(FrontwireError):
    """There is no article to explain."""


@dataclass(frozen=True, slots=True)
class AboutArticle:
    """An article with all that was read of it, and all that was not."""

    article: Article
    sentences: tuple[SentenceTrace, ...]
    retraction: Retraction | None = None
    """What takes it back, if anything does: then nothing that was read in it counts."""

    def in_lines(self) -> list[tuple[Sentence, list[str]]]:
        """Each sentence with what became of it, a line each."""
        return [(one.sentence, lines_of(one)) for one in self.sentences]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "article_id": self.article.article_id,
            "outlet": self.article.outlet,
            "published_at": to_jsonable_python(self.article.published_at),
            "revision": self.article.revision,
            "retraction": to_jsonable_python(self.retraction) if self.retraction else None,
            "sentences": [_sentence_as_json(one) for one in self.sentences],
        }

    def print(self, out: Console) -> None:
        """The same for people."""
        article = self.article
        out.print(Text(article.title or article.article_id, style="bold"))
        printed = f"{article.outlet}, {article.published_at:%-d %b %Y %H:%M} UTC, {article.article_id}"
        revision = f", revision {article.revision}" if article.revision > 1 else ""
        out.print(Text(printed + revision, style="dim"))
        if self.retraction:
            said = f"Retracted {self.retraction.published_at:%-d %b %Y}, nothing below counts"
            out.print(Text(": ".join(filter(None, (said, self.retraction.reason))), style="red"))
        for one in self.sentences:
            _print_sentence(out, one)
        count = sum(len(one.mentions) for one in self.sentences)
        out.print(
            Text(
                f"\n{screen.plural(count, 'mention')} in {screen.plural(len(self.sentences), 'sentence')}", style="dim"
            )
        )


Find = Callable[[str], Sequence[Article | Retraction]]
"""Looks up in a log all that stands under an article's id."""


def explain_article(source: str, find: Find, defaults: Defaults, html: Path | None, as_json: bool) -> None:
    """Explain the articles of a file, or the one of an id in the log, on the screen or as a page.

    Raises:
        NoArticle: If there is neither such a file nor such an id, or the file holds none that can be read.
    """
    theatre = session.theatre()
    told = [AboutArticle(one, trace(one, theatre), gone) for one, gone in _articles(source, find, defaults)]
    if html:
        html.write_text(page_of([(one.article, one.in_lines()) for one in told]), encoding="utf-8")
        screen.err().print(f"Wrote {html}: {screen.plural(len(told), 'article')}.", soft_wrap=True)
    for one in () if html else told:
        screen.lines([orjson.dumps(one.as_json())]) if as_json else one.print(screen.out())


def _articles(source: str, find: Find, defaults: Defaults) -> Iterator[tuple[Article, Retraction | None]]:
    if not Path(source).exists():
        yield _stored(source, find)
        return
    with PageReader() as pages:
        reader = ArticleReader(session.outlet_names(), pages, defaults)
        for piece in pieces(source):
            if isinstance(piece, Refusal):
                raise NoArticle(f"{piece.origin}: {piece.detail}")
            read = reader.read(piece, session.now())
            if isinstance(read, Article):
                yield read, None


def _stored(article_id: str, find: Find) -> tuple[Article, Retraction | None]:
    article, retraction = last_word(find(article_id))
    if article is None:
        raise NoArticle(f"there is no file {article_id}, and no article of that id in the log")
    return article, retraction


def _sentence_as_json(one: SentenceTrace) -> dict[str, Any]:
    sentence = one.sentence
    return {
        "field": sentence.field,
        "start": sentence.start,
        "end": sentence.end,
        "text": sentence.text,
        "repeats": sentence.repeats,
        "voice": to_jsonable_python(one.voice),
        "places": [to_jsonable_python(hit) for hit in sentence.places],
        "actors": [to_jsonable_python(hit) for hit in sentence.actors],
        "sources": [to_jsonable_python(hit) for hit in sentence.sources],
        "considered": [to_jsonable_python(found) for found in one.considered],
        "mentions": [to_jsonable_python(mention) for mention in one.mentions],
    }


def _print_sentence(out: Console, one: SentenceTrace) -> None:
    sentence = one.sentence
    shown = Text(sentence.text, style="dim" if sentence.repeats else "")
    for actor in sentence.actors:
        shown.stylize("yellow", actor.start, actor.end)
    for source in sentence.sources:
        shown.stylize("magenta", source.start, source.end)
    for place in sentence.places:
        shown.stylize("cyan", place.start, place.end)
    out.print(Padding(Text(f"{sentence.field} {sentence.start}-{sentence.end} ", style="dim") + shown, (1, 0, 0, 0)))
    for line in lines_of(one):
        style = "bold green" if line.startswith("read") else "bold red"
        out.print(Padding(Text.assemble((line[:6], style), line[6:]), (0, 0, 0, 2)))


def lines_of(one: SentenceTrace) -> list[str]:
    """What became of a sentence, a line each: `read  ` and a mention, `left  ` and a trigger that tells of nothing."""
    left = [found for found in one.considered if found.outcome == "refused"]
    return [
        *(f"read  {in_words(mention)}" for mention in one.mentions),
        *(f"left  {found.words!r}: {found.rule or 'no event'}" for found in left),
    ]


def in_words(mention: Mention) -> str:
    """A mention on one line."""
    place, when = mention.place, mention.when
    parts = [
        f"{mention.mention_id.rpartition('#')[2]} {(mention.event_type or mention.relation or '').replace('_', ' ')}",
        place.name if not place.district else f"{place.district} in {place.name}",
        f"{when.first}..{when.last}" if when else "no day",
    ]
    for word, names in (("by", mention.actors), ("against", mention.targets), ("from", mention.from_actors)):
        parts += [f"{word} {' + '.join(names)}"] if names else []
    for word, figure in (("killed", mention.killed), ("wounded", mention.wounded)):
        parts += [f"{word} {toll(figure)}"] if figure else []
    who = f"{mention.source} ({mention.root_source})" if mention.source else "the outlet itself"
    background = "" if mention.main else ", background"
    return f"{', '.join(parts)}; {mention.modality} by {who}{background}; {mention.rule}"
