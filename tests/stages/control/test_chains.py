"""The arithmetic of one chain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.stages.control.chains import Chain, at_day, between, expired, logit, probability, pushed, stated, unheard
from streams.stages.control.parameters import Calibration, ChainParameters

KIND = ChainParameters(prior=0.05, half_life_days=240, enter=0.6, leave=0.4)


def after(*pushes: tuple[int, float], limit: float = 9.0) -> Chain:
    chain = unheard(KIND)
    for day, weight in pushes:
        chain = pushed(chain, weight, limit if weight > 0 else -limit, day, day, KIND, 3.5)
    return chain


def test_half_of_what_was_known_is_gone_after_the_half_life() -> None:
    chain = after((100, 9.0))
    sure = at_day(chain, 100, KIND)
    assert at_day(chain, 340, KIND) - KIND.prior == pytest.approx((sure - KIND.prior) / 2)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_waiting_in_steps_is_waiting_at_once(first: int, second: int) -> None:
    chain = after((100, 9.0))
    step = chain._replace(log_odds=logit(at_day(chain, 100 + first, KIND)), day=100 + first)
    assert at_day(step, 100 + first + second, KIND) == pytest.approx(at_day(chain, 100 + first + second, KIND))


def test_evidence_carries_no_further_than_its_limit_however_often_it_comes() -> None:
    assert after(*[(100, 2.0)] * 50, limit=0.5).log_odds == 0.5


def test_evidence_does_not_lower_what_lies_beyond_its_limit() -> None:
    sure = after((100, 9.0))
    assert pushed(sure, 2.0, 0.5, 100, 100, KIND, 3.5).log_odds == sure.log_odds


def test_a_chain_between_the_thresholds_stays_as_it_is() -> None:
    middling = logit(0.5) - logit(KIND.prior)
    assert not after((100, middling)).on
    assert after((100, 9.0), (100, -3.4)).on


def test_a_chain_is_off_on_the_first_day_on_which_it_has_worn_off() -> None:
    chain = after((100, 9.0))
    assert at_day(chain, chain.until, KIND) < KIND.leave <= at_day(chain, chain.until - 1, KIND)
    assert not expired(chain, KIND).on


def test_what_was_so_before_and_after_a_short_silence_was_so_all_the_time() -> None:
    fight = ChainParameters(prior=0.02, half_life_days=10, enter=0.55, leave=0.35)
    assert between(fight, 10) > 0.9
    assert between(fight, 200) < 0.1


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_calibration_keeps_the_order_and_the_range(a: float, b: float) -> None:
    calibration = Calibration(slope=3.0, backing=0.5, offset=2.6, top=0.97, half_life_days=480)
    low, high = sorted((a, b))
    assert 0 < stated(low, 4.0, calibration) <= stated(high, 4.0, calibration) <= 0.97
    assert probability(logit(a)) == pytest.approx(a)
