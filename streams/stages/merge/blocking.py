"""Which clusters a report is compared with at all: those of its family whose time comes near its own.

Time is blocked by length and place: a stretch of up to 2^n days lies in block `(n, first day >> n)`. What can overlap a
report then lies in two or three blocks of each length, however many clusters the town has. What is never compared:
other families of acts, and times that do not overlap when widened by the family's slack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from streams.stages.merge.cluster import Cluster

Block = tuple[int, int]
Blocks = Mapping[Block, tuple[Cluster, ...]]
"""The clusters of a family by block. Never changed in place."""

SHORTEST = 1
"""Stretches of up to 2^1 days share the finest blocks: most reports speak of a day or two."""


def block_of(span: tuple[int, int]) -> Block:
    """The block of a cluster whose opening report speaks of this stretch of days."""
    level = max(SHORTEST, (span[1] - span[0]).bit_length())
    return level, span[0] >> level


def near(blocks: Blocks, levels: tuple[int, ...], span: tuple[int, int], slack: int) -> Iterator[Cluster]:
    """The clusters that may overlap a stretch of days when it is widened; each once, in no meaningful order."""
    first, last = span[0] - slack, span[1] + slack
    for level in levels:
        # A stretch that begins up to 2^level days earlier may still reach into this one.
        for index in range((first - (1 << level)) >> level, (last >> level) + 1):
            for cluster in blocks.get((level, index), ()):
                if cluster.span[0] <= last and first <= cluster.span[1]:
                    yield cluster
