"""The few SVG shapes that the pictures are made of, and how each party looks in them."""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, pi, sin
from xml.sax.saxutils import escape, quoteattr

COLOURS = {
    "syrian-government": "#b3372c",
    "rebels": "#2f7d54",
    "islamic-state": "#33363b",
    "sdf": "#e3b21c",
    "hts": "#7f5aa8",
    "turkey": "#1d8590",
}
"""The same as on the feed's map, so that nobody has to learn two keys."""

OTHER = "#737a85"
"""Colour of a party that has none of its own."""

INK, FAINT, PAPER, LAND = "#22262b", "#8a919b", "#ffffff", "#f2efe6"

Point = tuple[float, float]


def colour(party: str | None) -> str:
    """A party's colour; that of all others for one without."""
    return COLOURS.get(party or "", OTHER)


def rect(x: float, y: float, width: float, height: float, fill: str, *, opacity: float = 1, note: str = "") -> str:
    """A filled rectangle, with a note that shows when it is pointed at."""
    shape = f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"'
    return f'{shape} fill-opacity="{opacity:.2f}">{_title(note)}</rect>'


def line(start: Point, end: Point, stroke: str, *, width: float = 1, dashed: bool = False) -> str:
    """A straight line."""
    dashes = ' stroke-dasharray="3 3"' if dashed else ""
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {ends} stroke="{stroke}" stroke-width="{width}"{dashes}/>'


def text(x: float, y: float, words: str, *, size: int = 11, fill: str = INK, anchor: str = "start") -> str:
    """Words; `anchor` is `start`, `middle` or `end`."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}">{escape(words)}</text>'
    )


def path(rings: Iterable[Iterable[Point]], fill: str, stroke: str) -> str:
    """An area with its holes."""
    ways = " ".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in ring) + "Z" for ring in rings)
    return f'<path d="{ways}" fill="{fill}" stroke="{stroke}" fill-rule="evenodd"/>'


def disc(x: float, y: float, radius: float, fill: str, *, opacity: float = 1, hollow: bool = False) -> str:
    """A disc; hollow, a ring of the same colour."""
    inside = "none" if hollow else fill
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{inside}" fill-opacity="{opacity:.2f}"'
        f' stroke="{fill}" stroke-width="1.5"/>'
    )


def pie(x: float, y: float, radius: float, parts: Iterable[tuple[str, float]]) -> str:
    """A disc in pieces: colour and share of each, the shares adding up to one at most."""
    turn, pieces = -pi / 2, []
    for fill, share in parts:
        end = turn + 2 * pi * min(share, 0.9999)
        (x1, y1), (x2, y2) = ((x + radius * cos(at), y + radius * sin(at)) for at in (turn, end))
        arc = f"A{radius:.1f},{radius:.1f} 0 {int(share > 0.5)} 1 {x2:.1f},{y2:.1f}"
        pieces.append(f'<path d="M{x:.1f},{y:.1f}L{x1:.1f},{y1:.1f}{arc}Z" fill="{fill}"/>')
        turn = end
    return "".join(pieces)


def noted(shapes: str, note: str) -> str:
    """Shapes that show a note when they are pointed at."""
    return f"<g>{_title(note)}{shapes}</g>"


def document(width: float, height: float, shapes: Iterable[str], title: str) -> str:
    """A whole picture, as the text of a file.

    Args:
        width: Pixels.
        height: Pixels.
        shapes: What is drawn, in order.
        title: What it shows, for those who hear it read out.
    """
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}"'
        f' viewBox="0 0 {width:.0f} {height:.0f}" font-family="system-ui, sans-serif" role="img"'
        f" aria-label={quoteattr(title)}>"
    )
    return "\n".join([head, rect(0, 0, width, height, PAPER), *shapes, "</svg>", ""])


def _title(note: str) -> str:
    return f"<title>{escape(note)}</title>" if note else ""
