"""`frontwire replay --compare`: what another version of the rules says of the same articles."""

from __future__ import annotations

from pathlib import Path

import orjson
from rich.text import Text

from streams.edges.cli import screen
from streams.edges.compare.comparison import Comparison
from streams.edges.compare.page import page_of
from streams.edges.compare.telling import Quoted, Section, as_json, place_of, sections

MOST = 15
"""Changes of one kind that are printed; the page and the JSON have them all."""


def tell(found: Comparison, *, page: Path | None, json: bool) -> None:
    """Print a comparison, or write it as a page."""
    if page:
        page.write_text(page_of(found), encoding="utf-8")
        screen.err().print(f"Wrote {page}.", soft_wrap=True)
    if json:
        screen.lines([orjson.dumps(as_json(found))])
    elif not page:
        _print(found)


def _print(found: Comparison) -> None:
    out = screen.out()
    before, after = found.versions
    table = screen.table(f"{screen.plural(found.articles, 'article')}", ">before", ">after")
    for name, (was, now) in found.counts.items():
        table.add_row(name, f"{was:,}", f"{now:,}")
    out.print(table)
    for stage, version in after.items():
        if version != before.get(stage):
            out.print(f"{stage}: {before.get(stage)} → {version}", style="dim", soft_wrap=True)
    if found.equal:
        out.print("Both versions say the same.", style="green")
    for section in sections(found):
        _print_section(section)


def _print_section(section: Section) -> None:
    out = screen.out()
    out.print(Text(f"\n{section.title} ({len(section.told):,})", style="bold"))
    for told in section.told[:MOST]:
        out.print(screen.foreign(f"  {told.head}"), soft_wrap=True)
        for line in told.lines:
            out.print(screen.foreign(f"    {line}", style="dim"), soft_wrap=True)
        for quoted in told.quoted:
            _print_quoted(quoted)
    if len(section.told) > MOST:
        more = len(section.told) - MOST
        out.print(f"  and {more:,} more; --html FILE or --json tells of all", style="dim")


def _print_quoted(quoted: Quoted) -> None:
    style = {"-": "red", "+": "green", "~": "yellow"}.get(quoted.sign, "")
    words = " ".join(quoted.mention.evidence.text.split())
    screen.out().print(
        screen.foreign(f"    {quoted.sign} {words}", style=style),
        screen.foreign(f"({place_of(quoted.mention)})", style="dim"),
        soft_wrap=True,
    )
