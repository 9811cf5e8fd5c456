"""The stages in the order of the flow, as data for both shells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streams.stages.alert.step import AlertStage
from streams.stages.control.step import ControlStage
from streams.stages.extract.step import ExtractStage
from streams.stages.match.step import MatchStage
from streams.stages.merge.step import MergeStage
from streams.stages.stage import Stage
from streams.theatres.alert_rules import Rule
from streams.theatres.theatre import Theatre

Pipeline = Sequence[Stage[Any]]
"""Stages; each comes after those that write what it reads."""


def pipeline(theatre: Theatre, rules: tuple[Rule, ...] | None = None) -> Pipeline:
    """All stages, built for a theatre: extract, merge, control, match, alert.

    Args:
        theatre: What is particular to the war.
        rules: Alert rules; those that ship with the theatre if None.
    """
    alerting = MatchStage(theatre, rules), AlertStage(theatre, rules)
    return ExtractStage(theatre), MergeStage(theatre), ControlStage(theatre), *alerting


def following(stages: Pipeline, topic: str) -> Pipeline:
    """The stages that a topic reaches, directly or through others."""
    reached, found = {topic}, []
    for stage in stages:
        if any(one.name in reached for one in stage.inputs):
            reached.update(one.name for one in stage.outputs)
            found.append(stage)
    return found


def sources(stages: Pipeline) -> list[str]:
    """Topics that these stages read and do not write."""
    written = {topic.name for stage in stages for topic in stage.outputs}
    return [*dict.fromkeys(topic.name for stage in stages for topic in stage.inputs if topic.name not in written)]


def products(stages: Pipeline) -> list[str]:
    """Topics that these stages write: what a replay makes again."""
    return [*dict.fromkeys(topic.name for stage in stages for topic in stage.outputs)]
