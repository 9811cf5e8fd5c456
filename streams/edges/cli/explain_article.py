"""An article explained sentence by sentence: the names found, the mentions read, and the triggers refused and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from schemas.article import Article
from schemas.codec import decode
from schemas.errors import FrontwireError
from schemas.mention import Mention
from schemas.topics import ARTICLES
from streams.edges.cli import screen, session
from streams.edges.cli.article_page import page_of
from streams.edges.cli.events import toll
from streams.edges.intake.articles import ArticleReader, Defaults
from streams.edges.intake.pages import PageReader
from streams.edges.intake.sources import Refusal, pieces
from streams.stages.extract.document import Sentence
from streams.stages.extract.events import Reading, readings
from streams.stages.extract.extracting import extract
from streams.stages.extract.reading import read
from streams.theatres.theatre import Theatre


class NoArticle(FrontwireError):
    """There is no article to explain."""


@dataclass(frozen=True, slots=True)
class Read:
    """What one sentence was read as."""

    sentence: Sentence
    mentions: tuple[Mention, ...]
    refused: tuple[tuple[str, str], ...]
    """Words that could have told of an event, and the reason why they do not."""

    def in_words(self) -> list[str]:
        """The mentions, a line each."""
        return [in_words(mention).plain for mention in self.mentions]


@dataclass(frozen=True, slots=True)
class AboutArticle:
    """An article with all that was read of it."""

    article: Article
    sentences: tuple[Read, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "article_id": self.article.article_id,
            "outlet": self.article.outlet,
            "published_at": to_jsonable_python(self.article.published_at),
            "sentences": [_sentence_as_json(one) for one in self.sentences],
        }

    def print(self, out: Console) -> None:
        """The same for people."""
        article = self.article
        out.print(Text(article.title or article.article_id, style="bold"))
        printed = f"{article.outlet}, {article.published_at:%-d %b %Y %H:%M} UTC, {article.article_id}"
        out.print(Text(printed, style="dim"))
        for one in self.sentences:
            _print_sentence(out, one)
        count = sum(len(one.mentions) for one in self.sentences)
        out.print(
            Text(
                f"\n{screen.plural(count, 'mention')} in {screen.plural(len(self.sentences), 'sentence')}", style="dim"
            )
        )


def explain_article(source: str, log: Path | None, defaults: Defaults, html: Path | None, as_json: bool) -> None:
    """Explain the articles of a file, or the one of an id in the log, on the screen or as a page.

    Raises:
        NoArticle: If there is neither such a file nor such an id, or the file holds none that can be read.
    """
    theatre = session.theatre()
    told = [about_article(article, theatre) for article in _articles(source, log, defaults)]
    if html:
        html.write_text(page_of(told), encoding="utf-8")
        screen.err().print(f"Wrote {html}: {screen.plural(len(told), 'article')}.", soft_wrap=True)
    for one in () if html else told:
        screen.lines([orjson.dumps(one.as_json())]) if as_json else one.print(screen.out())


def about_article(article: Article, theatre: Theatre) -> AboutArticle:
    """What an article was read as."""
    document = read(article, theatre)
    mentions = extract(article, theatre)
    read_as = {reading.line.sentence.index: reading for reading in readings(document)}
    return AboutArticle(
        article,
        tuple(
            Read(sentence, _of(sentence, mentions), _refused(read_as.get(sentence.index)))
            for sentence in document.sentences
        ),
    )


def _articles(source: str, log: Path | None, defaults: Defaults) -> Iterator[Article]:
    if not Path(source).exists():
        yield _stored(source, log)
        return
    with PageReader() as pages:
        reader = ArticleReader(session.outlet_names(), pages, defaults)
        for piece in pieces(source):
            if isinstance(piece, Refusal):
                raise NoArticle(f"{piece.origin}: {piece.detail}")
            yield reader.read(piece, session.now())


def _stored(article_id: str, log: Path | None) -> Article:
    path = session.log_path(log)
    found = next(session.to_read(log).latest(ARTICLES.name, article_id), None) if path.exists() else None
    if found is None:
        raise NoArticle(f"there is no file {article_id}, and no article of that id in {path}")
    return decode(Article, found.value)


def _of(sentence: Sentence, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    spot = (sentence.field, sentence.start)
    return tuple(mention for mention in mentions if (mention.evidence.field, mention.evidence.start) == spot)


def _refused(reading: Reading | None) -> tuple[tuple[str, str], ...]:
    if reading is None:
        return ()
    line = reading.line
    spans = ((line.starts[one.cue.first], one.cue.last - 1, one.reason) for one in reading.refused)
    return tuple(
        (line.sentence.text[start : line.starts[last] + len(line.words[last])], reason) for start, last, reason in spans
    )


def _sentence_as_json(one: Read) -> dict[str, Any]:
    sentence = one.sentence
    return {
        "field": sentence.field,
        "start": sentence.start,
        "end": sentence.end,
        "text": sentence.text,
        "repeats": sentence.repeats,
        "places": [to_jsonable_python(hit) for hit in sentence.places],
        "actors": [to_jsonable_python(hit) for hit in sentence.actors],
        "sources": [to_jsonable_python(hit) for hit in sentence.sources],
        "mentions": [to_jsonable_python(mention) for mention in one.mentions],
        "refused": [{"words": words, "reason": reason} for words, reason in one.refused],
    }


def _print_sentence(out: Console, one: Read) -> None:
    sentence = one.sentence
    shown = Text(sentence.text, style="dim" if sentence.repeats else "")
    for hit in sentence.actors:
        shown.stylize("yellow", hit.start, hit.end)
    for source in sentence.sources:
        shown.stylize("magenta", source.start, source.end)
    for place in sentence.places:
        shown.stylize("cyan", place.start, place.end)
    out.print(Padding(Text(f"{sentence.field} {sentence.start}-{sentence.end} ", style="dim") + shown, (1, 0, 0, 0)))
    for mention in one.mentions:
        out.print(Padding(Text("read  ", style="bold green") + in_words(mention), (0, 0, 0, 2)))
    for words, reason in one.refused:
        told = Text(f"{words!r}: {reason or 'no event'}")
        out.print(Padding(Text("left  ", style="bold red") + told, (0, 0, 0, 2)))


def in_words(mention: Mention) -> Text:
    """A mention on one line."""
    kind = mention.event_type or mention.relation or ""
    told = Text(f"{mention.mention_id.rpartition('#')[2]} {kind.replace('_', ' ')}, {mention.place.name}")
    told += Text(f", {mention.place.district}" if mention.place.district else "")
    told += Text(f", {mention.when.first}..{mention.when.last}" if mention.when else ", no day")
    told += Text(", ") + _parties(mention.actors) if mention.actors else Text("")
    told += Text(" → ") + _parties(mention.targets) if mention.targets else Text("")
    told += Text(" from ") + _parties(mention.from_actors) if mention.from_actors else Text("")
    for name, figure in (("killed", mention.killed), ("wounded", mention.wounded)):
        told += Text(f", {name} {toll(figure)}" if figure else "")
    voice = f"; {mention.modality} by {mention.source or 'the outlet'} ({mention.root_source})"
    return told + Text(f"{voice}; {'main' if mention.main else 'background'}; {mention.rule}", style="dim")


def _parties(names: Sequence[str]) -> Text:
    return Text(", ").join(map(screen.party, names))
