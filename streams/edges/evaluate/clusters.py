"""How well merging tells which reports are one event, against clusters that a reader made.

B-cubed (Bagga and Baldwin 1998) asks of each report how pure and how whole its cluster is; pairs ask of each two
reports whether they are rightly together. Reports that no cluster names stand alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import orjson

from schemas.mention import Mention
from schemas.vocabulary import MentionKind
from streams.edges.evaluate.gold import GoldArticle, UnreadableGold, read_articles, read_gold
from streams.edges.evaluate.gold_mentions import gold_mentions
from streams.edges.evaluate.matching import Judge, pairs
from streams.edges.evaluate.scoring import Rate
from streams.stages.extract.extracting import extract
from streams.stages.merge.step import MergeStage
from streams.theatres.theatre import Theatre

Labels = Mapping[str, str]
"""Report to the cluster that it stands in."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two reports that merging and the reader judge otherwise."""

    one: Mention
    other: Mention
    missed: bool
    """True if they are one event and were not joined; false if they are two and were."""
    why: str
    """The reasons of merging, or that it never compares what has other keys."""


@dataclass(frozen=True, slots=True)
class ClusterScore:
    """How well reports were joined."""

    reports: int
    precision: float
    """B-cubed, 0..1, and so are the next two."""
    recall: float
    pairs: Rate
    compared: Rate
    """Pairs of the reader's clusters that blocking lets meet: `matched` of `gold`."""
    faults: tuple[Pairing, ...]

    @property
    def f1(self) -> float:
        """Harmonic mean of B-cubed precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def read_clusters(path: Path) -> dict[str, str]:
    """Cluster by report, `ARTICLE/e1`. Raises UnreadableGold if the file is not in its form."""
    try:
        rows: list[dict[str, Any]] = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
        return {member: row["cluster"] for row in rows for member in row["members"]}
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise UnreadableGold(f"{path} is no file of clusters: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Merging:
    """How well reports are joined: those that a reader wrote, and those that extraction reads."""

    own: ClusterScore
    """On the gold's own mentions: merging by itself."""
    read: ClusterScore
    """On extracted mentions, over those that match the gold."""


def evaluate_merging(gold: Path, articles: Iterable[Path], clusters: Path, theatre: Theatre) -> Merging:
    """Merge the gold's own mentions, and those that are extracted from its articles, and score both.

    Raises:
        UnreadableGold: If a file is not in its form.
    """
    wanted, labels = read_gold(gold), read_clusters(clusters)
    found = (text for path in articles for text in read_articles(path))
    texts = {text.article_id: text for text in found if text.article_id in wanted}
    known = {key: value for key, value in wanted.items() if key in texts}
    own = [mention for key, article in known.items() for mention in gold_mentions(article, texts[key], theatre)]
    read = [mention for text in texts.values() for mention in extract(text, theatre)]
    return Merging(score_gold(labels, own, theatre), score_clusters(known, labels, read, theatre))


def score_clusters(
    gold: Mapping[str, GoldArticle], clusters: Labels, mentions: Sequence[Mention], theatre: Theatre
) -> ClusterScore:
    """Merge the event mentions, and hold the clusters of those that the gold knows against the reader's."""
    merge, judge = MergeStage(theatre), Judge(theatre)
    told = [mention for mention in mentions if mention.kind is MentionKind.EVENT]
    found = merged(told, merge)
    known: dict[str, Mention] = {}
    for article_id, article in gold.items():
        read = [mention for mention in told if mention.article_id == article_id]
        for event, mention in pairs(article.events, read, judge.events_agree, judge.event_likeness):
            known[f"{article_id}/{event.id}"] = mention
    return _scored(known, clusters, found, merge)


def score_gold(clusters: Labels, mentions: Sequence[Mention], theatre: Theatre) -> ClusterScore:
    """The same where the mentions are the gold's own, named as its clusters name them."""
    merge = MergeStage(theatre)
    return _scored({mention.mention_id: mention for mention in mentions}, clusters, merged(mentions, merge), merge)


def merged(mentions: Iterable[Mention], merge: MergeStage) -> dict[str, str]:
    """The event that each mention ends in: merged by place, in canonical order."""
    states: dict[str, Any] = {}
    for mention in sorted(mentions, key=lambda mention: (mention.published_at, mention.mention_id)):
        key = mention.place.key
        states[key], _ = merge.step(states.get(key) or merge.initial(key), mention, mention.published_at)
    records = (record for state in states.values() for record in merge.records(state))
    return {id_: f"{record.place.key} {number}" for number, record in enumerate(records) for id_ in record.mention_ids}


def _scored(known: Mapping[str, Mention], clusters: Labels, found: Labels, merge: MergeStage) -> ClusterScore:
    items = [(clusters.get(name, name), found.get(one.mention_id, one.mention_id)) for name, one in known.items()]
    precision, recall = b_cubed(items)
    faults, meeting = [], 0
    for (name, one), (other_name, other) in combinations(known.items(), 2):
        same = clusters.get(name, name) == clusters.get(other_name, other_name)
        together = found.get(one.mention_id) == found.get(other.mention_id, other.mention_id)
        meeting += same and merge.meet(one, other)
        if same != together:
            faults.append(Pairing(one, other, same, _why(one, other, merge)))
    rate = pair_rate(items)
    return ClusterScore(len(items), precision, recall, rate, Rate(meeting, meeting, rate.gold), tuple(faults))


def b_cubed(items: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """Precision and recall, 0..1, of the right and the found cluster of each report."""
    right, found, both = Counter(a for a, _ in items), Counter(b for _, b in items), Counter(items)
    if not items:
        return 0.0, 0.0
    precision = sum(both[item] / found[item[1]] for item in items) / len(items)
    return precision, sum(both[item] / right[item[0]] for item in items) / len(items)


def pair_rate(items: Sequence[tuple[str, str]]) -> Rate:
    """How many pairs of reports are rightly together, of those that are and of those that should be."""
    counts = (Counter(items), Counter(b for _, b in items), Counter(a for a, _ in items))
    return Rate(*(sum(n * (n - 1) // 2 for n in count.values()) for count in counts))


def _why(one: Mention, other: Mention, merge: MergeStage) -> str:
    if one.place.key != other.place.key:
        return f"other place: {one.place.name} ({one.place.precision}), {other.place.name} ({other.place.precision})"
    decision = merge.compare(one, other)
    return ", ".join(f"{name} {points:+g}" for name, points in decision.reasons) + f" = {decision.score:+g}"
