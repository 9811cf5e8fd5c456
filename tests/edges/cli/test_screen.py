"""What comes from outside is shown, and does nothing to the terminal."""

from __future__ import annotations

import time

import pytest
from rich.text import Text

from streams.edges.cli import screen


def shown(words: str) -> str:
    console = screen.Screen(width=80, force_terminal=False)
    with console.capture() as caught:
        table = screen.table("title", "place")
        table.add_row(Text(words), "Raqqa")
        console.print(table)
    return caught.get()


@pytest.mark.parametrize(
    "words", ["\x1b[2Jgone", "\x1b]0;title\x07", "\u202egnp.exe", "\u2066a\u2069", "\x9b31m", "a\x00b"]
)
def test_nothing_in_a_title_commands_the_terminal_or_turns_its_line(words: str) -> None:
    told = shown(words)
    assert not set(told) & set("\x1b\x07\x9b\x00\u202e\u2066\u2069")
    assert "Raqqa" in told


def test_a_million_combining_marks_are_four_and_soon_done() -> None:
    began = time.perf_counter()
    told = shown("z" + "\u0300" * 1_000_000)
    assert told.count("\u0300") <= 4 * 80
    assert len(told) < 5_000
    assert time.perf_counter() - began < 20


def test_accents_arabic_and_narrow_spaces_stay_as_they_are() -> None:
    words = "Ḥalab\u00a0حَلَب ʿAyn al-ʿArab é\u0301"
    assert words in shown(words)


def test_colours_of_our_own_stay() -> None:
    console = screen.Screen(width=80, force_terminal=True, color_system="standard")
    with console.capture() as caught:
        console.print(screen.party("rebels"))
    assert "\x1b[32m" in caught.get()
