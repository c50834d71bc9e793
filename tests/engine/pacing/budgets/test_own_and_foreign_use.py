"""How much of a budget was used by this client and how much by others."""

from engine.pacing.budgets.configured_window import ConfiguredWindow
from engine.pacing.budgets.header_window import HeaderWindow
from engine.pacing.budgets.window_usage import Shares
from engine.pacing.response.rate_limit_headers import QuotaReading


def test_nothing_is_told_before_a_window_was_seen() -> None:
    shares = Shares()
    shares.sent(0.0, 1.0)

    assert shares.split(99.0) is None


def test_what_went_missing_and_was_not_ours_was_others() -> None:
    shares = Shares()
    shares.begin(100.0, None)
    for at in range(10):
        shares.sent(at, 1.0)
        shares.answered(at, 1.0)

    assert shares.split(70.0) == (10.0, 20.0)


def test_what_is_in_flight_is_never_blamed_on_others() -> None:
    shares = Shares()
    shares.sent(0.0, 1.0)
    shares.begin(100.0, None)
    shares.sent(0.0, 1.0)

    assert shares.split(98.0) == (2.0, 0.0)


def test_what_a_request_really_cost_counts_once_it_is_known() -> None:
    shares = Shares()
    shares.begin(100.0, None)
    for at, took in ((1.0, 0.0), (1.0, 5.0), (2.0, 1.0)):
        shares.sent(at, 1.0)
        shares.answered(at, took)
    shares.answered(0.5, 9.0)

    assert shares.split(90.0) == (6.0, 4.0)


def test_a_header_window_tells_yours_from_others_and_begins_anew_with_the_next() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, QuotaReading(limit=100, remaining=90, resets_at=60.0))
    for at in (1.0, 2.0, 3.0):
        window.sent(at, 1.0)
        window.answered(at, at, 1.0)
    window.learn(3.0, 3.0, QuotaReading(limit=100, remaining=80, resets_at=60.0))
    first = window.quota(4.0)

    window.sent(61.0, 1.0)
    window.answered(61.1, 61.0, 1.0)
    window.learn(61.1, 61.0, QuotaReading(limit=100, remaining=95, resets_at=121.0))

    assert (first.own, first.others) == (3.0, 7.0)
    assert (window.quota(62.0).own, window.quota(62.0).others) == (1.0, 4.0)


def test_nobody_knows_whose_use_it_was_once_the_window_is_over() -> None:
    window = HeaderWindow("core")
    window.learn(0.0, 0.0, QuotaReading(limit=100, remaining=90, resets_at=60.0))

    assert window.quota(61.0).own is None


def test_a_configured_limit_counts_ours_and_knows_no_others() -> None:
    window = ConfiguredWindow("w", 10, 60.0)
    window.sent(0.0, 2.0)

    assert (window.quota(1.0).own, window.quota(1.0).others) == (2.0, None)
