"""Every pattern that the program compiles, and for each the strings that would take it longest.

`python -m tests.fuzz.patterns` prints all of them as JSON lines: it has to be a process of its own, in which
nothing was compiled yet.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.resources import files
from itertools import islice, product
from pathlib import Path
from pkgutil import walk_packages
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

OURS = ("streams", "schemas")
MANY = 8
"""Repetitions from which on a repeat counts as one that may be long."""
VARIANTS = 4
"""Ways to match that are tried of one part of a pattern."""
UNLIKE = "\x01"
"""Stands in no name, word or number: what comes before it has to be given back."""
_CHARACTERS = "a1 ,.-'\"A\n" + "".join(map(chr, range(33, 127))) + "éß—“٣\ue000\ue001\ue002"


def compiled() -> Iterator[tuple[str, int]]:
    """Pattern and flags of all that our own code compiles: on import, from the pack, and while the sample is read."""
    found: dict[tuple[str, int], None] = {}
    compile_, root = re._compile, str(Path(__file__).parents[2])  # type: ignore[attr-defined]

    def noting(pattern: Any, flags: Any) -> Any:
        made = compile_(pattern, flags)
        frame = sys._getframe(2)
        if frame.f_code.co_filename.startswith(tuple(f"{root}/{name}/" for name in OURS)):
            text = made.pattern if isinstance(made.pattern, str) else made.pattern.decode("latin-1")
            found[text, made.flags] = None
        return made

    re._compile = noting  # type: ignore[attr-defined]
    for name in OURS:
        package = import_module(name)
        for module in walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    _read_the_sample()
    yield from found


def _read_the_sample() -> None:
    from schemas.article import Article
    from schemas.codec import decode
    from streams.pipeline import pipeline
    from streams.theatres.theatre import load_theatre

    extract = pipeline(load_theatre("syria"))[0]
    for line in (files("streams.theatres") / "syria" / "examples.jsonl").read_bytes().splitlines():
        article = decode(Article, line)
        extract.step(extract.initial(article.article_id), article, article.published_at)


def worst(pattern: str, flags: int) -> Iterator[tuple[str, str]]:
    """What to put first and what to repeat, for each part of a pattern that may match at any length."""
    tree = parser.parse(pattern, flags)
    return _repeats(list(tree), "")


def _repeats(parts: Sequence[Any], before: str) -> Iterator[tuple[str, str]]:
    for at, (kind, value) in enumerate(parts):
        lead = before + _one(parts[:at])
        for inner in _inner(kind, value):
            yield from _repeats(inner, lead)
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and value[1] >= MANY:
            for pump in _some(list(value[2])):
                if pump:
                    yield lead, pump
                    # What follows may match the same: then both share it out in every way.
                    yield lead, pump + _one(parts[at + 1 :])[:20]


def _inner(kind: Any, value: Any) -> Iterable[Sequence[Any]]:
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return [list(value[2])]
    if kind is op.SUBPATTERN:
        return [list(value[3])]
    if kind is op.BRANCH:
        return [list(one) for one in value[1]]
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return [list(value[1])] if value[0] > 0 else []
    return [list(value)] if kind is op.ATOMIC_GROUP else []


def _one(parts: Sequence[Any]) -> str:
    return next(_some(parts), "")


def _some(parts: Sequence[Any]) -> Iterator[str]:
    """A few strings that parts of a pattern match."""
    ways = [list(islice(_ways(kind, value), VARIANTS)) or [""] for kind, value in parts]
    return ("".join(one) for one in islice(product(*ways), VARIANTS))


def _ways(kind: Any, value: Any) -> Iterator[str]:
    if kind is op.LITERAL:
        yield chr(value)
    elif kind is op.NOT_LITERAL:
        yield next(one for one in _CHARACTERS if ord(one) != value)
    elif kind is op.ANY:
        yield "a"
    elif kind is op.IN:
        yield from (one for one in _CHARACTERS if _within(one, value))
    elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        yield from (way * max(1, value[0]) for way in _some(list(value[2])))
    elif kind is op.BRANCH:
        yield from (_one(list(one)) for one in value[1])
    elif kind is op.SUBPATTERN:
        yield from _some(list(value[3]))
    elif kind is op.ATOMIC_GROUP:
        yield from _some(list(value))


def _within(one: str, items: Sequence[Any]) -> bool:
    return re.fullmatch(_set(items), one) is not None


def _set(items: Sequence[Any]) -> str:
    negated = items[0][0] is op.NEGATE
    parts = "".join(_item(kind, value) for kind, value in items if kind is not op.NEGATE)
    return f"[{'^' if negated else ''}{parts}]"


_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S", op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _item(kind: Any, value: Any) -> str:
    if kind is op.CATEGORY:
        return _CATEGORIES[value]
    if kind is op.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return re.escape(chr(value))


if __name__ == "__main__":
    for pattern, flags in compiled():
        print(json.dumps([pattern, flags]))
