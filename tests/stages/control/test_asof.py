"""Questions as of a day, asked of one revision of a state."""

from __future__ import annotations

from datetime import date, timedelta

from schemas.vocabulary import ControlStatus
from streams.stages.control.asof import at


def test_before_the_first_day_of_which_anything_is_known_the_answer_is_unknown(stage, say, control) -> None:
    record = control(say("rebels holds", "2015-06-03"))
    answer = at(record, date(2015, 6, 2), stage.parameters)
    assert (answer.status, answer.confidence, answer.since) == (ControlStatus.UNKNOWN, 0.0, None)


def test_confidence_falls_with_every_month_of_silence(stage, say, control) -> None:
    record = control(say("rebels captured", "2015-06-03"))
    days = [date(2015, 6, 3) + timedelta(days=30 * n) for n in range(8)]
    sure = [at(record, day, stage.parameters).confidence for day in days]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] - sure[-1] > 0.15


def test_the_record_itself_stays_as_it_was_written(stage, say, control) -> None:
    record = control(say("rebels captured", "2015-06-03"))
    assert at(record, date(2018, 1, 1), stage.parameters).status is ControlStatus.UNKNOWN
    assert record.controller == "rebels"
    assert not record.stale


def test_fighting_that_is_no_longer_heard_of_leaves_the_holder(stage, say, control) -> None:
    record = control(say("rebels captured", "2015-06-03"), say("islamic-state contests", "2015-07-01", of="rebels"))
    assert record.status is ControlStatus.CONTESTED
    later = at(record, date(2015, 9, 1), stage.parameters)
    assert (later.status, later.controller) == (ControlStatus.HELD, "rebels")


def test_a_siege_no_longer_heard_of_runs_out(stage, say, control) -> None:
    record = control(say("syrian-government besieges", "2015-06-03", of="rebels"))
    soon, late = (at(record, day, stage.parameters) for day in (date(2015, 10, 1), date(2017, 10, 1)))
    assert (soon.besieged_by, late.besieged_by) == (("syrian-government",), ())


def test_known_time_is_the_revision_one_asks(stage, say, run) -> None:
    claims = [
        say("rebels captured", "2015-06-03"),
        say("islamic-state captured", "2015-06-20", of="rebels", printed="2015-07-05"),
    ]
    _, outputs = run(claims)
    then, now = [output.record for output in outputs if output.topic.name == "control"]
    day = date(2015, 6, 25)
    assert at(then, day, stage.parameters).controller == "rebels"
    assert at(now, day, stage.parameters).controller == "islamic-state"
