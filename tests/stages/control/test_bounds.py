"""What a place's state may weigh, however much is said of it."""

from __future__ import annotations

from datetime import date, timedelta

from schemas.vocabulary import Relation

KIBIBYTES = 1024


def size(stage, state) -> int:
    return sum(len(name) + len(row) for name, row in stage.dump(state).items())


def storm(say, count: int, start: int = 0):
    """Claims of all kinds on a much fought-over town, several a day, with districts and many sources."""
    parties = ("syrian-government", "rebels", "islamic-state", "sdf", "hts", "turkey")
    for n in range(start, start + count):
        relation = tuple(Relation)[n * 7 % len(Relation)]
        day = (date(2013, 1, 1) + timedelta(days=n // 3)).isoformat()
        yield say(
            f"{parties[n * 5 % 6]} {relation}",
            day,
            of=parties[(n * 5 + 1) % 6],
            scope=("whole", "part", "surroundings")[n * 11 % 3],
            district=f"Quarter {n % 40}" if n % 4 == 0 else None,
            by=tuple(f"outlet:number-{n * k % 97}" for k in range(1, 6)),
            id=f"3f2504e0-4f89-41d3-9a0c-{n:012d}",
        )


def test_a_state_stays_below_64_kib_however_many_claims_come(stage, say, run) -> None:
    state, _ = run(storm(say, 1500))
    assert size(stage, state) <= 64 * KIBIBYTES
    assert len(state.claims) <= stage.parameters.memory.evidence
    assert len(state.control.timeline) <= stage.parameters.memory.segments


def test_a_claim_changes_few_rows_of_a_large_state(stage, say, run) -> None:
    state, _ = run(storm(say, 170))
    before = stage.dump(state)
    late = say("rebels holds", "2013-03-03", scope="part", id="one-more")
    after = stage.dump(run([late], state)[0])
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert changed <= {"c:one-more", "head"}


def test_retellings_do_not_push_out_what_is_known_first_hand(stage, say, run) -> None:
    first = say("sdf captured", "2016-08-12", of="islamic-state", by=["sohr", "outlet:bbc"])
    retold = [
        say("islamic-state captured", f"2014-01-{day:02d}", printed="2016-09-01", id=f"old-{day}")
        for day in range(1, 29)
    ]
    state, _ = run([first, *retold])
    assert state.control.controller == "sdf"
    assert len(state.retold) <= stage.parameters.memory.retold


def test_of_like_statements_in_a_week_only_the_weightiest_are_kept(stage, say, run) -> None:
    said = [say("rebels holds", "2015-06-03", by=[f"outlet:{n}"]) for n in range(30)]
    state, _ = run(said)
    assert len(state.claims) == stage.parameters.memory.alike
