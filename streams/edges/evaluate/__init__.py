"""Evaluation: what extraction reads, against what people read in the same articles.

Gold files (events and control claims by reading) are scored by matching one to one; crowd slots (governorate, actor,
killed civilians of an article's main event) by asking whether any main mention agrees. What was missed and what was
made up is grouped by kind and by likely cause, since a list of errors says more than a figure.
"""

from __future__ import annotations

from streams.edges.evaluate.command import main
from streams.edges.evaluate.scoring import Score, score

__all__ = ["Score", "main", "score"]
