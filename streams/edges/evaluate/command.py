"""`python -m streams.edges.evaluate`: extraction over articles, scored against gold and against the crowd."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from schemas.article import Article
from schemas.errors import FrontwireError
from schemas.mention import Mention
from streams.edges.evaluate.clusters import Merging
from streams.edges.evaluate.crowd import CrowdScore, score_crowd
from streams.edges.evaluate.gold import Slots, read_articles, read_crowd, read_gold
from streams.edges.evaluate.report import cluster_rates, crowd_lines, lines
from streams.edges.evaluate.scoring import Rate, Score, score
from streams.stages.extract.extracting import extract
from streams.theatres.theatre import Theatre, load_theatre


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 if done, 2 if a file cannot be used."""
    options = _options().parse_args(arguments)
    try:
        result, crowd = evaluate(options.gold, options.articles, options.crowd, load_theatre(options.theatre))
    except FrontwireError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        sys.stdout.write(as_json(result, crowd) + "\n")
    else:
        written = [*lines(result, options.show), *(crowd_lines(crowd) if crowd else ())]
        sys.stdout.write("\n".join(written) + "\n")
    return 0


def evaluate(
    gold: Path, articles: Iterable[Path], crowd: Iterable[Path], theatre: Theatre
) -> tuple[Score, CrowdScore | None]:
    """Extract the articles and score them.

    Args:
        gold: Gold file.
        articles: Files of articles; those that the gold or the crowd speaks of are read.
        crowd: Files of articles with crowd slots; none for no such score.
        theatre: The theatre to read with.

    Raises:
        UnreadableGold: If a file is not in its form.
    """
    wanted = read_gold(gold)
    slots: dict[str, Slots] = {}
    for path in crowd:
        slots |= read_crowd(path)
    texts: dict[str, Article] = {}
    for path in dict.fromkeys((*articles, *crowd)):
        texts |= {text.article_id: text for text in read_articles(path)}
    mentions = _mentions(
        (text for text in texts.values() if text.article_id in wanted or text.article_id in slots), theatre
    )
    result = score({key: value for key, value in wanted.items() if key in texts}, mentions, theatre)
    known = {key: value for key, value in slots.items() if key in texts}
    return result, score_crowd(known, mentions, theatre) if known else None


def _mentions(articles: Iterable[Article], theatre: Theatre) -> list[Mention]:
    return [mention for article in articles for mention in extract(article, theatre)]


def as_json(result: Score, crowd: CrowdScore | None, merging: Merging | None = None) -> str:
    """A score as one line of JSON, for programs."""
    data: dict[str, object] = {
        "articles": result.articles,
        "events": _rate(result.events),
        "main_recall": round(result.main.recall, 3),
        "claims": _rate(result.claims),
        "slots": {name: round(right / asked, 3) for name, (right, asked) in result.slots.items()},
    }
    if crowd is not None:
        slots = {"governorate": crowd.governorate, "actor": crowd.actor, "killed_civilians": crowd.killed_civilians}
        data["crowd"] = {name: round(right / asked, 3) if asked else None for name, (right, asked) in slots.items()}
    if merging is not None:
        data["merging"] = {"own": cluster_rates(merging.own), "extracted": cluster_rates(merging.read)}
    return orjson.dumps(data).decode()


def _rate(rate: Rate) -> dict[str, float | int]:
    return {
        "precision": round(rate.precision, 3),
        "recall": round(rate.recall, 3),
        "f1": round(rate.f1, 3),
        "matched": rate.matched,
        "predicted": rate.predicted,
        "gold": rate.gold,
    }


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="evaluate", description="Score extraction against gold and crowd slots.")
    parser.add_argument("--gold", type=Path, required=True, help="gold file, one article a line")
    parser.add_argument("--articles", type=Path, action="append", default=[], help="articles as JSON lines; may repeat")
    parser.add_argument("--crowd", type=Path, action="append", default=[], help="articles with crowd slots; may repeat")
    parser.add_argument("--theatre", default="syria", help="theatre pack to read with")
    parser.add_argument("--show", type=int, default=20, help="how many misses and false ones to write out")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    return parser
