"""Cues: forms of verbs, tokens with their offsets, the longest phrase of each layer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.stages.extract.cues import compile_lexicon, inflect, scan, tokens
from streams.stages.extract.equipment import EVENTS
from streams.theatres.theatre import load_theatre


@pytest.mark.parametrize(
    ("verb", "past", "ing", "third"),
    [
        ("capture", "captured", "capturing", "captures"),
        ("hit/hit/hit", "hit", "hitting", "hits"),
        ("flee/fled/fled", "fled", "fleeing", "flees"),
        ("repel", "repelled", "repelling", "repels"),
        ("target", "targeted", "targeting", "targets"),
        ("die", "died", "dying", "dies"),
        ("carry", "carried", "carrying", "carries"),
        ("stone to death", "stoned to death", "stoning to death", "stones to death"),
    ],
)
def test_verbs_are_inflected_by_rule(verb: str, past: str, ing: str, third: str) -> None:
    forms = dict(inflect(verb))
    assert (forms["past"], forms["ing"], forms["s"]) == (past, ing, third)


def test_hyphens_and_apostrophes_part_tokens() -> None:
    assert tokens("Rebel-held Aleppo’s air-strikes")[0] == ["rebel", "held", "aleppo", "s", "air", "strikes"]


@given(st.text(max_size=200))
def test_tokens_stand_where_their_offsets_say(text: str) -> None:
    words, starts = tokens(text)
    for word, start in zip(words, starts, strict=True):
        assert (
            len(text[start : start + len(word)].lower()) >= len(word) or text[start : start + len(word)].lower() == word
        )


def test_the_longest_phrase_of_a_layer_wins_and_layers_do_not_hide_each_other() -> None:
    lexicon = compile_lexicon(load_theatre("syria").table(EVENTS))
    cues = scan(lexicon, tokens("an offensive to retake the town after air strikes")[0])
    kinds = {(cue.kind, cue.type) for cue in cues}
    assert ("trigger", "armed_clash") in kinds
    assert ("refusal", "planned") in kinds
    assert [cue.last - cue.first for cue in cues if cue.type == "air_strike" and cue.kind == "trigger"] == [2]
