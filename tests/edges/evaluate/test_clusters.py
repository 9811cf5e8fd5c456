"""Scores of merging: on known labels, and on a small gold of our own."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from streams.edges.evaluate.clusters import b_cubed, evaluate_merging, pair_rate, read_clusters
from streams.edges.evaluate.gold import UnreadableGold
from streams.edges.evaluate.report import merging_lines
from streams.theatres.theatre import load_theatre

STRIKE = {"type": "air_strike", "town": "Saraqib", "place": "Saraqib", "governorate": "Idlib", "actor": "russia"}
STRIKE |= {"date": ["2016-08-11", "2016-08-11"], "killed": [12, 12], "target": "civilians", "main": True}
BODIES = {
    "a": "Russian jets bombed Saraqib on Thursday, killing 12 civilians.",
    "b": "At least 12 civilians were killed in a Russian air strike on the town of Saraqib on Thursday.",
    "c": "Rebels shelled Fuah on Thursday, killing two civilians.",
}


def test_scores_of_known_labels() -> None:
    items = [("x", "1"), ("x", "1"), ("x", "2"), ("y", "2")]
    assert b_cubed(items) == pytest.approx((0.75, (2 / 3 + 2 / 3 + 1 / 3 + 1) / 4))
    rate = pair_rate(items)
    assert (rate.matched, rate.predicted, rate.gold) == (1, 2, 3)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    gold = [
        {"article_id": "a", "events": [{"id": "e1", **STRIKE}]},
        {"article_id": "b", "events": [{"id": "e1", **STRIKE}]},
    ]
    shelling = {
        **STRIKE,
        "id": "e1",
        "type": "shelling",
        "town": "Fuah",
        "place": "Fuah",
        "actor": "rebels",
        "killed": [2, 2],
    }
    gold.append({"article_id": "c", "events": [shelling]})
    articles = [
        {
            "article_id": name,
            "outlet": f"outlet-{name}",
            "title": None,
            "body": body,
            "published_at": "2016-08-12T10:00:00Z",
        }
        for name, body in BODIES.items()
    ]
    clusters = [{"cluster": "k1", "members": ["a/e1", "b/e1"]}]
    paths = {name: tmp_path / f"{name}.jsonl" for name in ("gold", "articles", "clusters")}
    for name, rows in (("gold", gold), ("articles", articles), ("clusters", clusters)):
        paths[name].write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return paths


def test_two_reports_of_one_strike_are_joined_as_the_reader_joined_them(files: dict[str, Path]) -> None:
    result = evaluate_merging(files["gold"], [files["articles"]], files["clusters"], load_theatre("syria"))
    for score in (result.own, result.read):
        assert (score.reports, score.f1, score.pairs.recall, score.compared.recall) == (3, 1.0, 1.0, 1.0)
    assert any("blocking lets 1 of 1 meet" in line for line in merging_lines(result, 5))


def test_a_pair_that_was_not_joined_is_written_out_with_its_reasons(files: dict[str, Path]) -> None:
    files["clusters"].write_bytes(orjson.dumps({"cluster": "k1", "members": ["a/e1", "b/e1", "c/e1"]}))
    result = evaluate_merging(files["gold"], [files["articles"]], files["clusters"], load_theatre("syria"))
    assert result.own.pairs.recall == pytest.approx(1 / 3)
    assert sum("missed" in line and "other place" in line for line in merging_lines(result, 5)) == 4


def test_a_file_that_holds_no_clusters_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clusters.jsonl"
    path.write_text('{"cluster": "k1"}')
    with pytest.raises(UnreadableGold, match="no file of clusters"):
        read_clusters(path)
