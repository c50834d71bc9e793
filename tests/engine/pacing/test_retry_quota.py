"""A storm of failures spends a quota of retries; successes fill it again."""

import pytest

from engine.pacing.retry_quota import CAPACITY, RetryQuota


def test_a_quota_is_spent_by_35_retries_after_failures() -> None:
    quota = RetryQuota()

    assert [quota.failed() for _ in range(36)] == [True] * 35 + [False]
    assert quota.tokens == CAPACITY - 35 * 14


def test_a_refusal_for_the_rate_costs_less() -> None:
    quota = RetryQuota()

    quota.throttled()

    assert quota.tokens == CAPACITY - 5


def test_a_retry_that_succeeds_gives_back_what_it_cost_and_a_first_try_one() -> None:
    quota = RetryQuota()
    quota.failed()
    quota.throttled()

    quota.succeeded(retried=False)
    assert quota.tokens == CAPACITY - 18
    quota.succeeded(retried=True)
    assert quota.tokens == CAPACITY - 4
    quota.succeeded(retried=True)
    assert quota.tokens == CAPACITY


@pytest.mark.parametrize(("failures", "storm"), [(34, False), (35, True)])
def test_most_of_the_last_results_make_a_storm(failures: int, storm: bool) -> None:
    quota = RetryQuota()

    for _ in range(failures):
        quota.failed()

    assert quota.storm is storm


def test_a_success_ends_a_storm_that_has_just_begun() -> None:
    quota = RetryQuota()
    for _ in range(35):
        quota.failed()

    quota.succeeded(retried=False)

    assert not quota.storm
    assert repr(quota) == "<RetryQuota 11 of 500, 50% fail>"
