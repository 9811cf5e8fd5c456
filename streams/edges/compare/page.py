"""A comparison as one HTML page that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from streams.edges.compare.comparison import Comparison
from streams.edges.compare.telling import Quoted, Section, Told, place_of, sections

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0 } th, td { text-align: left; padding: .1rem 1rem .1rem 0 }
td.n { text-align: right } nav a { margin-right: 1rem } h2 { margin-top: 2.5rem }
article { margin: 1rem 0; border-left: 3px solid #8884; padding-left: .8rem } h3 { margin: 0; font-size: 1rem }
ul { margin: 0; padding-left: 1.2rem; font-size: .9rem } .spot { color: #777; font-size: .8rem }
blockquote { margin: .4rem 0 0 } .lost { text-decoration: line-through #a00 } .gained { border-bottom: 2px solid #080 }
.changed { border-bottom: 2px dotted #c80 } code { font-size: .85rem }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd } a { color: #8bf } }
"""
_CLASSES = {"-": "lost", "+": "gained", "~": "changed", " ": "same"}


def page_of(found: Comparison) -> str:
    """The page. Every text of an article in it is escaped."""
    told = sections(found)
    links = "".join(f'<a href="#s{at}">{escape(one.title)} ({len(one.told):,})</a>' for at, one in enumerate(told))
    body = "\n".join(_section(at, one) for at, one in enumerate(told)) or "<p>Both versions say the same.</p>"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Two versions of the rules</title><style>{_STYLE}</style></head>\n<body>"
        f"<h1>Two versions of the rules, {found.articles:,} articles</h1>\n{_tables(found)}\n<nav>{links}</nav>\n"
        f"{body}\n</body></html>\n"
    )


def _tables(found: Comparison) -> str:
    before, after = found.versions
    stages = [[name, before.get(name, "-"), after.get(name, "-")] for name in {**before, **after}]
    counts = [[name, f"{was:,}", f"{now:,}"] for name, (was, now) in found.counts.items()]
    return _table(("stage", "before", "after"), stages, "") + _table(("", "before", "after"), counts, "n")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = "".join(
        f"<tr><th>{escape(first)}</th>{''.join(f'<td class={kind!r}>{escape(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    return f"<table><tr>{top}</tr>{lines}</table>"


def _section(at: int, section: Section) -> str:
    inner = "\n".join(map(_told, section.told))
    return f'<section id="s{at}"><h2>{escape(section.title)} ({len(section.told):,})</h2>\n{inner}</section>'


def _told(told: Told) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in told.lines)
    listed = f"<ul>{items}</ul>" if items else ""
    return f"<article><h3>{escape(told.head)}</h3>{listed}{''.join(map(_quoted, told.quoted))}</article>"


def _quoted(quoted: Quoted) -> str:
    words = f'<span class="{_CLASSES[quoted.sign]}">{escape(quoted.mention.evidence.text)}</span>'
    spot = f"{place_of(quoted.mention)}, {quoted.mention.rule}"
    return f'<blockquote>{words} <span class="spot">{escape(spot)}</span></blockquote>'
