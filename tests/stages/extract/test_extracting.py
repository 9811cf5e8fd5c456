"""Extraction as a whole: offsets, ids, order, and what holds for any text at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article
from schemas.codec import decode, encode
from schemas.mention import Mention
from streams.stages.extract.extracting import extract
from streams.theatres.theatre import load_theatre

PUBLISHED = datetime(2016, 8, 12, 12, tzinfo=UTC)
WORDS = [
    "Jets",
    "shells",
    "rebels",
    "army",
    "killed",
    "12",
    "civilians",
    "in",
    "Aleppo",
    "Idlib",
    "Saraqib",
    "on",
    "Friday",
    "the",
    "town",
    "of",
    "Azaz",
    "said",
    ".",
    ",",
    "and",
    "air",
    "strikes",
    "captured",
    "from",
    "Islamic",
    "State",
    "besieged",
    "car",
    "bomb",
    '"',
    "'",
    "-",
    "2011",
    "since",
    "will",
    "not",
    "the",
    "militants",
    "•",
    "\n",
    "neighbourhood",
    "of",
    "near",
]


def article(body: str, title: str | None = None, article_id: str = "a1") -> Article:
    return Article(article_id=article_id, outlet="reuters", title=title, body=body, published_at=PUBLISHED)


def mentions(body: str, title: str | None = None) -> tuple[Mention, ...]:
    return extract(article(body, title), load_theatre("syria"))


def check(made: tuple[Mention, ...], body: str, title: str | None) -> None:
    for mention in made:
        field = title if mention.evidence.field == "title" else body
        assert field is not None
        assert field[mention.evidence.start : mention.evidence.end] == mention.evidence.text
        assert decode(Mention, encode(mention)) == mention
    assert len({mention.mention_id for mention in made}) == len(made)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60), st.lists(st.sampled_from(WORDS), max_size=12))
def test_any_words_of_war_give_mentions_whose_offsets_slice_back(words: list[str], head: list[str]) -> None:
    body, title = " ".join(words), " ".join(head) or None
    if body.strip():
        check(mentions(body, title), body, title)


@settings(max_examples=80, deadline=None)
@given(st.text(min_size=1, max_size=300))
def test_any_text_at_all_raises_nothing(body: str) -> None:
    if body.strip():
        check(mentions(body), body, None)


def test_ids_count_events_in_the_order_of_their_evidence() -> None:
    made = [m for m in mentions("Jets bombed Douma on Friday. Rebels shelled Fuah on Friday.") if m.event_type]
    assert [m.mention_id for m in made] == ["a1#e1", "a1#e2"]
    assert [m.evidence.start for m in made] == sorted(m.evidence.start for m in made)


def test_the_same_article_gives_the_same_mentions() -> None:
    body = "Shelling killed three people in Salamiyah and Mahardah on Thursday, SANA said."
    assert mentions(body) == mentions(body)


def test_mentions_of_one_shared_toll_bear_one_group() -> None:
    made = [m for m in mentions("Air strikes on Douma and Arbin killed 17 people on Friday.") if m.event_type]
    assert len(made) == 2
    assert len({m.group for m in made}) == 1
    assert all(m.shared for m in made)


def test_a_text_without_a_trigger_gives_nothing() -> None:
    assert mentions("The minister opened a bakery in Tartus. Bread was free.") == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["Aleppo ", "air strikes killed ", "in Aleppo and ", "a" * 50 + " ", ". ", '"', "12 killed in Azaz. "]
)
def test_work_grows_with_length_and_no_faster(unit: str) -> None:
    """Twice the text, at most about twice the calls: counted, not timed."""
    small, large = (_calls((unit * 4000)[:n]) for n in (6000, 24000))
    assert large <= 6 * small + 2000


@pytest.mark.slow
def test_an_archive_in_one_file_takes_time_by_its_length() -> None:
    """Each sentence another event at another place: nothing is compared with all that came before."""
    names = [site.name for site in load_theatre("syria").gazetteer if site.news and ":" not in site.name][:400]
    told = [f"Rebels shelled {name} on Thursday, killing {n % 50 + 2} people. " for n, name in enumerate(names * 2)]
    small, large = (_calls("".join(told[:count])) for count in (200, 800))
    assert large <= 6 * small


def _calls(body: str) -> int:
    import sys

    count = 0

    def tick(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += 1

    mentions("warm up")
    sys.setprofile(tick)
    try:
        mentions(body)
    finally:
        sys.setprofile(None)
    return count


def test_rival_figures_stand_by_their_sources() -> None:
    body = "Shelling of Douma killed ten people on Friday, SANA said. Activists in the town put the toll at 14."
    (event,) = [m for m in mentions(body) if m.event_type]
    assert event.killed is not None
    assert (event.killed.min, event.killed.max) == (10, 14)
    assert [(toll.root_source, toll.killed and toll.killed.min) for toll in event.tolls] == [
        ("sana", 10),
        ("activists", 14),
    ]


def test_a_denial_by_the_alleged_actor_marks_the_event() -> None:
    body = "Russian jets bombed Saraqib on Thursday, activists said. Russia denied that its jets had hit the town."
    (event,) = [m for m in mentions(body) if m.event_type]
    assert event.modality == "denied"


def told_in(body: str, *, outlet: str = "reuters", day: str = "2016-08-15") -> Mention:
    """The first mention of a text printed on a day; 15 August 2016 is a Monday."""
    article = Article(
        article_id="a1",
        outlet=outlet,
        title=None,
        body=body,
        published_at=datetime.fromisoformat(f"{day}T12:00:00+00:00"),
    )
    return extract(article, load_theatre())[0]


def first_day(mention: Mention) -> str:
    assert mention.when is not None
    return str(mention.when.first)


def test_a_lede_of_tuesday_in_a_text_dated_on_monday_was_written_a_day_later() -> None:
    assert first_day(told_in("Jets bombed Saraqib on Tuesday and killed four people.")) == "2016-08-16"


def test_a_lede_of_saturday_in_a_text_dated_on_monday_speaks_of_the_day_before_yesterday() -> None:
    assert first_day(told_in("Jets bombed Saraqib on Saturday and killed four people.")) == "2016-08-13"


def test_a_later_stamp_that_fits_the_ledes_weekday_dates_the_text() -> None:
    body = "Last updated at Aug 182016 BEIRUT Jets bombed Saraqib on Thursday and killed four people."
    assert first_day(told_in(body)) == "2016-08-18"


def test_a_later_stamp_that_fits_no_better_changes_nothing() -> None:
    body = "Last updated at Aug 182016 BEIRUT Jets bombed Saraqib on Sunday and killed four people."
    assert first_day(told_in(body)) == "2016-08-14"


def test_a_partys_agency_claims_what_it_tells_in_its_own_voice() -> None:
    body = "An army unit clashed with terrorists of the Nusra Front in Inkhil on Monday."
    assert told_in(body, outlet="sana").modality == "claimed"
    assert told_in(body, outlet="reuters").modality == "reported"


def test_a_province_named_as_such_is_meant_where_its_name_stands_alone() -> None:
    body = "Much of Idlib province is quiet. Jets carried out strikes on Idlib on Monday."
    assert told_in(body).place.precision == "governorate"


def test_a_city_named_as_such_is_meant_where_its_name_stands_alone() -> None:
    body = "Idlib city, the seat of Idlib province, is quiet. Jets carried out strikes on Idlib on Monday."
    assert told_in(body).place.precision == "town"
