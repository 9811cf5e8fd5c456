"""What is asked for is found by how its id begins; what has ended says what became of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.article import Article, Retraction
from schemas.codec import encode
from schemas.event import Event
from schemas.mention import Withdrawal
from schemas.record import Place
from schemas.vocabulary import EventType, Modality, PlacePrecision, RevisionKind
from streams.edges.cli import screen
from streams.edges.cli.explain_subject import NothingToExplain, about
from streams.edges.cli.revisions import present_events
from streams.pipeline import pipeline
from streams.shells.log import Entry
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Runner
from streams.theatres.theatre import load_theatre

OLD, HEIR, GONE = "aaaa1111-0000", "bbbb2222-0000", "aaaa3333-0000"
SEEN = datetime(2017, 10, 29, tzinfo=UTC)
RAQQA = Place(
    place_id="ocha:C5710", name="Raqqa", admin1="Raqqa", lat=35.9, lon=39, precision=PlacePrecision.TOWN, text="Raqqa"
)


def revision(event_id: str, number: int, kind: RevisionKind, supersedes: tuple[str, ...] = ()) -> Entry:
    event = Event(
        event_id=event_id, revision=number, kind=kind, supersedes=supersedes, place=RAQQA, when=None, actors=(),
        targets=(), modality=Modality.REPORTED, mention_ids=(f"m-{event_id}",), outlets=("o",), root_sources=("o",),
        copies=0, confidence=0.5, first_seen=SEEN, last_seen=SEEN, event_type=EventType.SHELLING, killed=None,
        wounded=None, tolls=(), main=True,
    )  # fmt: skip
    return Entry("events", RAQQA.key, encode(event), 0)


@pytest.fixture
def log() -> MemoryLog:
    log = MemoryLog()
    log.append(
        [
            revision(OLD, 1, RevisionKind.NEW),
            revision(HEIR, 1, RevisionKind.NEW),
            revision(OLD, 2, RevisionKind.MERGE),
            revision(HEIR, 2, RevisionKind.REVISE, (OLD,)),
            revision(GONE, 1, RevisionKind.NEW),
            revision(GONE, 2, RevisionKind.RETRACT),
            revision(HEIR, 3, RevisionKind.REVISE),
        ]
    )
    return log


def test_only_what_has_not_ended_is_there_in_its_last_revision(log: MemoryLog) -> None:
    assert [(event.event_id, event.revision) for event in present_events(log)] == [(HEIR, 3)]


def test_what_was_joined_says_into_what(log: MemoryLog) -> None:
    with pytest.raises(NothingToExplain, match=f"joined into {HEIR}"):
        about(log, OLD[:8])


def test_what_was_retracted_is_explained_by_the_word_of_its_outlet(log: MemoryLog) -> None:
    article = Article(article_id="a1", outlet="reuters", title=None, body="Raqqa was shelled.", published_at=SEEN)
    taken_back = Retraction(retracts="a1", reason="another town was meant", published_at=SEEN)
    gone = Withdrawal(withdraws=f"m-{GONE}", article_id="a1", revision=1, published_at=SEEN)
    log.append([Entry("articles", "a1", encode(one), 0) for one in (article, taken_back)])
    log.append([Entry("mentions", RAQQA.key, encode(gone), 0)])
    told = about(log, GONE[:8])
    out = screen.out()
    with out.capture() as captured:
        told.print(out)
    assert told.as_json()["reports"] == []
    assert "Retracted: nothing that said so stands any more" in captured.get()
    assert "reuters retracted the article, 29 Oct 2017: another town was meant" in " ".join(captured.get().split())


def test_a_report_whose_article_was_corrected_says_by_which_revision(log: MemoryLog) -> None:
    corrected = Article(article_id="a1", outlet="reuters", title=None, body="Nothing.", published_at=SEEN, revision=2)
    gone = Withdrawal(withdraws=f"m-{GONE}", article_id="a1", revision=1, published_at=SEEN)
    log.append([Entry("articles", "a1", encode(corrected), 0), Entry("mentions", RAQQA.key, encode(gone), 0)])
    (taken_back,) = about(log, GONE[:8]).as_json()["taken_back"]
    assert taken_back == {"mention_id": f"m-{GONE}", "retraction": None, "revision": 2}


def test_what_is_told_of_the_area_around_is_shown_beside_the_town_and_the_other_way(log: MemoryLog) -> None:
    said = "An Islamic State car bomb killed at least 26 displaced civilians in {} on Friday, activists said."
    for number, where in enumerate(("al-Jafra in Deir ez-Zor province", "Deir ez-Zor province")):
        article = Article(
            article_id=f"near-{number}", outlet="bbc", title=None, body=said.format(where),
            published_at=datetime(2017, 11, 17, 12, tzinfo=UTC),
        )  # fmt: skip
        log.append([Entry("articles", article.article_id, encode(article), 0)])
    Runner(log, pipeline(load_theatre())).run_once()
    town, area = (e for e in present_events(log) if e.event_type is EventType.EXPLOSION)
    for one, other in ((town, area), (area, town)):
        assert [found["id"] for found in about(log, one.event_id).as_json()["elsewhere"]] == [other.event_id]


def test_an_id_is_found_by_its_first_characters_with_all_its_revisions(log: MemoryLog) -> None:
    told = about(log, HEIR[:4]).as_json()
    assert told["record"]["event_id"] == HEIR
    assert [one["kind"] for one in told["history"]] == ["new", "revise", "revise"]


def test_a_beginning_of_two_ids_is_not_enough(log: MemoryLog) -> None:
    log.append([revision("bbbb4444-0000", 1, RevisionKind.NEW)])
    with pytest.raises(NothingToExplain, match="begins 2 ids"):
        about(log, "bbbb")


@pytest.mark.parametrize("name", ["cccc5555", "Nowhere-at-all"])
def test_what_is_not_there_is_told(log: MemoryLog, name: str) -> None:
    with pytest.raises(NothingToExplain):
        about(log, name)
    with pytest.raises(NothingToExplain, match="frontwire events --place"):
        about(log, "Raqqa")
