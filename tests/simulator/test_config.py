import argparse
from dataclasses import FrozenInstanceError

import pytest

from simulator.command import add_arguments
from simulator.common.settings import Budget, Capacity, FaultRule
from simulator.config import SimulatorConfig, demo, quiet, real
from simulator.options import OptionError, configure
from simulator.registry import kind, names


def configured(*arguments: str) -> SimulatorConfig:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return configure(parser.parse_args(arguments))


def test_an_api_is_a_module_that_is_found_by_its_name() -> None:
    assert {"anilist", "github", "gitlab", "jikan", "pr0gramm", "videos"} <= set(names())
    assert [kind(name).name for name in names()] == list(names())
    with pytest.raises(KeyError, match=r"no simulated API 'gopher'; known: .*github.*pr0gramm"):
        kind("gopher")


def test_presets_differ_in_what_they_enforce() -> None:
    assert real().api("github").limits.budget == Budget(5000, 3600)
    assert real().api("github").limits.anonymous == Budget(60, 3600)
    assert real().api("github").limits.points == Budget(900, 60)
    assert real().api("github").limits.concurrency == 100
    assert real().api("pr0gramm").limits.budget == Budget(120, 60, "sliding")
    for api in quiet().apis:
        assert (api.faults, api.steps, api.capacity) == ((), (), Capacity())
    for api in demo().apis:
        assert api.limits.budget is not None
        assert api.limits.budget.per <= 20
        assert api.faults


def test_settings_never_change() -> None:
    with pytest.raises(FrozenInstanceError):
        quiet().seed = 2  # type: ignore[misc]  # the point of the test


def test_an_api_that_is_not_served_is_named() -> None:
    with pytest.raises(KeyError, match="serves no 'pr0gramm'; it serves github"):
        quiet(apis=["github"]).api("pr0gramm")


def test_without_options_it_is_the_real_limits() -> None:
    assert configured() == real()


def test_options_choose_a_preset_apis_seed_and_year() -> None:
    config = configured("--demo", "--api", ", ".join(names()), "--seed", "5", "--year", "2020")

    assert (config.seed, config.year) == (5, 2020)
    assert config.apis == demo().apis
    assert [api.name for api in configured("--quiet", "--api", "pr0gramm").apis] == ["pr0gramm"]


def test_latency_and_workers_are_for_all_or_for_one() -> None:
    config = configured("--quiet", "--latency", "80", "--workers", "github:12")

    assert config.api("github").capacity == Capacity(workers=12, latency=0.08)
    assert config.api("pr0gramm").capacity == Capacity(latency=0.08)
    assert configured("--demo", "--workers", "0").api("github").capacity.workers is None


def test_a_pace_that_was_asked_for_is_kept() -> None:
    assert demo().api("rest").steps
    assert configured("--demo", "--workers", "3").api("rest").steps == ()


def test_faults_are_added_with_their_rate() -> None:
    config = configured("--quiet", "--fault", "502=0.02", "--fault", "github:reset=0.1", "--fault", "github:stall")

    assert config.api("pr0gramm").faults == (FaultRule(fault="502", rate=0.02),)
    assert [(rule.fault, rule.rate) for rule in config.api("github").faults] == [
        ("502", 0.02),
        ("reset", 0.1),
        ("stall", 1.0),
    ]


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("github=300/15s", Budget(300, 15)),
        ("github=300/2m", Budget(300, 120)),
        ("github=5000/1h", Budget(5000, 3600)),
        ("github=3/500ms", Budget(3, 0.5)),
        ("github=3/1.5", Budget(3, 1.5)),
        ("pr0gramm=10/1s", Budget(10, 1, "sliding")),
    ],
)
def test_a_budget_is_requests_in_a_time(text: str, budget: Budget) -> None:
    limits = configured("--budget", text).api(text.partition("=")[0]).limits

    assert limits.budget == budget
    assert limits.anonymous is None


def test_sizes_reach_the_api_that_has_them() -> None:
    config = configured("--items", "5000", "--repos", "7")

    assert config.api("pr0gramm").sizes.items == 5000
    assert config.api("github").sizes.repos == 7
    assert configured("--api", "github", "--items", "5").apis == real(apis=["github"]).apis


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--api", "gopher"), "--api gopher: there is no simulated API 'gopher'"),
        (("--fault", "flood=1"), "--fault flood=1: there is no fault 'flood'"),
        (("--fault", "502=often"), "--fault 502=often: could not convert string to float"),
        (("--fault", "502=7"), "between 0 and 1"),
        (("--workers", "gopher:3"), "--workers gopher:3: the simulator serves no 'gopher'"),
        (("--workers", "-1"), "at least 1 worker, not -1"),
        (("--latency", "-5"), "never below 0"),
        (("--budget", "github"), "--budget github: write API=REQUESTS/TIME, such as github=300/15s"),
        (("--budget", "gopher=1/1s"), "serves no 'gopher'"),
        (("--budget", "github=0/1s"), "at least 1 request"),
        (("--items", "-1"), "--items -1: it is never below 0"),
    ],
)
def test_an_option_that_means_nothing_says_which_and_why(arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(OptionError) as caught:
        configured(*arguments)

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
