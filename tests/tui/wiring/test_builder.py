"""What is built from the settings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint
from math import inf
from pathlib import Path

import pytest

from engine.common.errors import UsageError
from engine.config.overrides import parse_override
from engine.config.settings import load_settings
from engine.model.source import Auth, RateBudget
from engine.storage.history import SourceHistory
from tests.fakes import FakeSource
from tui.cli.arguments import parse_arguments
from tui.cli.subcommands.setup import run_options_of
from tui.wiring.builder import Wiring, chosen
from tui.wiring.configured_source import ConfiguredSource
from tui.wiring.registry import GROUP, Registry
from tui.wiring.source_cards import card, cost, last_run, limits

SHIPPED = [
    EntryPoint("github", "sources.github.source:GitHub", GROUP),
    EntryPoint("pr0gramm", "sources.pr0gramm.source:Pr0gramm", GROUP),
]
NOW = 1_750_000_000.0
TOKEN = {"GITHUB_TOKEN": "s3cret"}


def wiring(folder: Path, *overrides: str, environ: Mapping[str, str] | None = None) -> Wiring:
    settings = load_settings(folder / "config.toml", overrides=map(parse_override, overrides))
    return Wiring(settings=settings, registry=Registry(SHIPPED), environ=environ or {}, version="1.2.3")


def test_a_source_is_made_from_its_options(tmp_path: Path) -> None:
    configured = wiring(tmp_path, 'github.orgs=["python"]', "github.base_url=http://127.0.0.1:1").prepare("github")

    configured.check(NOW)
    assert configured.source.base_url == "http://127.0.0.1:1"


def test_a_table_for_a_source_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match='--set gihub: there is no source "gihub": did you mean "github"'):
        wiring(tmp_path, "gihub.year=2024")


def test_options_that_name_nothing_are_found_before_a_start(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to fetch"):
        wiring(tmp_path).engine(["github"], lambda _: None)


def test_a_required_token_that_is_missing_is_found_before_a_start(tmp_path: Path) -> None:
    configured = wiring(tmp_path).prepare("pr0gramm")
    configured.source.auth = Auth(env=("MY_TOKEN",), required=True, hint="Get one at example.org.")

    with pytest.raises(
        UsageError, match=r"needs a token and found none; set MY_TOKEN, or .* Get one at example\.org\."
    ):
        configured.check(NOW)


def test_a_token_of_the_environment_is_in_no_repr(tmp_path: Path) -> None:
    built = wiring(tmp_path, 'github.orgs=["python"]', "github.base_url=http://127.0.0.1:1", environ=TOKEN)
    prepared = built.prepare("github")

    assert prepared.credential is not None
    parts = [built, prepared, prepared.credential, prepared.credential.read, prepared.read_credentials()]
    parts += [built.job(prepared), built.transport(prepared), built.settings, prepared.settings, prepared.source]
    assert [repr(part) for part in parts if "s3cret" in repr(part)] == []
    assert prepared.credential.read().reveal() == "s3cret"


def test_a_secret_gets_its_prefix_and_stays_hidden(tmp_path: Path) -> None:
    configured = wiring(tmp_path, environ={"GITHUB_TOKEN": "s3cret"}).prepare("github")

    credentials = configured.read_credentials()

    assert credentials is not None
    assert {name: one.reveal() for name, one in credentials.headers.items()} == {"Authorization": "Bearer s3cret"}
    assert "s3cret" not in repr(credentials)


def test_a_rate_of_the_persons_own_replaces_the_documented_one(tmp_path: Path) -> None:
    source = wiring(tmp_path, "pr0gramm.rate=50/5s").prepare("pr0gramm").source

    assert [(one.requests, one.per) for one in source.budgets] == [(50, 5.0)]


def test_a_rate_of_several_lanes_is_one_allowance_for_all_of_them(tmp_path: Path) -> None:
    source = wiring(tmp_path, "github.rate=50/5s", environ=TOKEN).prepare("github").source

    assert [(one.resource, one.requests, one.per, one.shared) for one in source.budgets if one.requests] == [
        ("core", 50, 5.0, "rate"),
        ("graphql", 50, 5.0, "rate"),
    ]
    assert {one.resource: one.per for one in source.budgets if one.cpu_seconds} == {"core": 60.0, "graphql": 60.0}
    assert limits(source.budgets).startswith("50 per 5 s for all lanes together, at most 90 at once; graphql: 50 per 5")


def test_a_table_of_rates_gives_lanes_their_own_and_leaves_the_others(tmp_path: Path) -> None:
    source = wiring(tmp_path, 'github.rate={ core = "2000/1h" }', environ=TOKEN).prepare("github").source

    assert [(one.resource, one.requests, one.per, one.shared) for one in source.budgets if one.requests] == [
        ("core", 2000, 3600.0, ""),
        ("graphql", 2000, 60.0, ""),
    ]


def test_a_rate_takes_the_place_of_all_limits_of_its_lane(tmp_path: Path) -> None:
    source = wiring(tmp_path, "pr0gramm.request_delay=2", "pr0gramm.rate={ list = '5/1s' }").prepare("pr0gramm").source

    assert [(one.resource, one.requests, one.per, one.concurrency) for one in source.budgets] == [
        ("core", 30, 60.0, 10),
        ("list", 5, 1.0, 1),
    ]


def test_a_rate_of_a_lane_that_is_not_there_is_refused(tmp_path: Path) -> None:
    said = r'--set github\.rate\.cor: there is no such lane: did you mean "core"\? There are: core, graphql'
    with pytest.raises(UsageError, match=said):
        wiring(tmp_path, 'github.rate.cor="5/1s"', environ=TOKEN).prepare("github")


@pytest.mark.parametrize("rate", ["fast", "0/5s", "5/", "5/5x", '{ core = "fast" }'])
def test_a_rate_that_is_none_is_refused(tmp_path: Path, rate: str) -> None:
    with pytest.raises(UsageError, match=r"want"):
        wiring(tmp_path, f"pr0gramm.rate={rate}")


def test_what_is_named_is_harvested_once_and_in_its_order(tmp_path: Path) -> None:
    assert chosen(["b", "a", "b"], wiring(tmp_path).settings) == ["b", "a"]


def test_without_names_the_configuration_says_what_to_harvest(tmp_path: Path) -> None:
    assert chosen([], wiring(tmp_path, "pr0gramm.flags=1").settings) == ["pr0gramm"]


def test_without_names_and_configuration_a_name_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name at least one source"):
        chosen([], wiring(tmp_path).settings)


def test_a_card_describes_a_source_that_is_ready(tmp_path: Path) -> None:
    environ = {"FETCHDECK_PR0GRAMM_ME": "s3cret"}
    past = SourceHistory(
        last_started=NOW - 7200, last_state="done", resumable=3, rows={"pr0gramm_item": 40, "pr0gramm_tag": 2}
    )

    one = card(wiring(tmp_path, environ=environ), "pr0gramm", {"pr0gramm": past}, NOW)

    assert one.ready
    assert (one.access, one.last_run, one.resumable, one.rows) == (
        "token from FETCHDECK_PR0GRAMM_ME",
        "2 hours ago, done",
        3,
        42,
    )
    assert "s3cret" not in repr(one)


def test_a_card_says_what_the_next_run_costs_where_nobody_must_be_asked(tmp_path: Path) -> None:
    token = {"GITHUB_TOKEN": "t"}
    known = card(wiring(tmp_path, 'github.repos=["a/b"]', environ=token), "github", {}, NOW)
    unknown = card(wiring(tmp_path, 'github.orgs=["a"]'), "github", {}, NOW)

    assert known.cost.startswith("core 6 or more requests, 0.4s or more (plain 6, 0.4s or more); graphql 2 or more")
    assert unknown.cost == "not known without asking: fetchdeck plan github"
    assert card(wiring(tmp_path), "github", {}, NOW).cost == ""


def test_a_card_of_a_source_that_cannot_tell_has_no_cost(tmp_path: Path) -> None:
    built = wiring(tmp_path)
    configured = replace(built.prepare("pr0gramm"), source=FakeSource())

    assert cost(built, configured, NOW) == ""


def test_a_database_that_cannot_be_read_costs_a_card_its_cost(tmp_path: Path) -> None:
    (tmp_path / "h.db").write_bytes(b"no database at all, but long enough to look like one" * 50)
    built = wiring(tmp_path, f"database={tmp_path / 'h.db'}")

    assert cost(built, built.prepare("pr0gramm"), NOW) == ""


def test_a_card_says_what_is_missing(tmp_path: Path) -> None:
    one = card(wiring(tmp_path), "github", {}, NOW)

    assert not one.ready
    assert one.problem.startswith("nothing to fetch: set orgs")
    assert one.access.startswith("no token (FETCHDECK_GITHUB_TOKEN or GITHUB_TOKEN or GH_TOKEN): reviews and hyg")
    assert (one.last_run, one.rows) == ("never", None)


def test_a_card_of_wrong_options_carries_the_problem(tmp_path: Path) -> None:
    one = card(wiring(tmp_path, "github.year=x"), "github", {}, NOW)

    assert not one.ready
    assert one.problem.startswith('--set github.year: got "x", want a whole number from')


@pytest.mark.parametrize(
    ("budgets", "text"),
    [
        ([], "unknown until the first answer"),
        ([RateBudget(requests=5000, per=3600, concurrency=90)], "5,000 per hour, at most 90 at once"),
        ([RateBudget(requests=50, per=5, concurrency=2)], "50 per 5 s, at most 2 at once"),
        ([RateBudget(concurrency=8)], "as the headers say, at most 8 at once"),
        (
            [RateBudget(requests=1, per=1, concurrency=1), RateBudget(resource="graphql", concurrency=2)],
            "1 per second, at most 1 at once; graphql: as the headers say, at most 2 at once",
        ),
    ],
)
def test_limits_are_said_as_far_as_they_are_known(budgets: list[RateBudget], text: str) -> None:
    assert limits(budgets) == text


def test_a_clock_that_went_back_is_no_future_run() -> None:
    past = SourceHistory(last_started=NOW + 60, last_state="stopped", resumable=0, rows={})

    assert last_run(past, NOW) == "now, stopped"


def test_finding_a_secret_does_not_show_in_what_is_prepared(tmp_path: Path) -> None:
    configured = wiring(tmp_path, environ={"GITHUB_TOKEN": "s3cret"}).prepare("github")

    assert isinstance(configured, ConfiguredSource)
    assert configured.credential is not None
    assert configured.credential.place == "GITHUB_TOKEN"


def test_the_command_line_asks_for_another_try_of_what_failed(tmp_path: Path) -> None:
    for words, wanted in ([], False), (["--retry-failed"], True):
        arguments = parse_arguments(["run", "github", *words])
        assert run_options_of(arguments).retry_failed is wanted


@pytest.mark.parametrize(
    ("words", "overrides", "wanted"),
    [([], [], None), ([], ["github.retries=0"], 0), (["--max-retries", "0"], ["github.retries=7"], 0)],
)
def test_the_person_says_how_often_a_request_is_sent_again(
    tmp_path: Path, words: list[str], overrides: list[str], wanted: int | None
) -> None:
    arguments = parse_arguments(["run", "github", *words])
    settings = load_settings(tmp_path / "c.toml", overrides=map(parse_override, overrides))
    built = Wiring(
        settings=settings, registry=Registry(SHIPPED), environ={}, version="1", run_options=run_options_of(arguments)
    )  # fmt: skip

    job = built.job(built.prepare("github"))

    assert job.tuning.retries == wanted


def test_a_number_of_retries_out_of_bounds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--set github\.retries: got -1, want a whole number from 0 to 100"):
        wiring(tmp_path, "github.retries=-1")


def test_github_without_a_token_leaves_graphql_out_and_says_so(tmp_path: Path) -> None:
    built = wiring(tmp_path, 'github.orgs=["python"]')
    configured = built.prepare("github")

    described = card(built, "github", {}, NOW)

    assert [budget.resource for budget in configured.source.budgets] == ["core"]
    assert "GraphQL wants a token" in configured.note
    assert described.access.startswith("no token (FETCHDECK_GITHUB_TOKEN or GITHUB_TOKEN or GH_TOKEN): reviews and hyg")
    assert built.job(configured).note == configured.note


@pytest.mark.parametrize(
    ("overrides", "environ"),
    [
        ([], {"GITHUB_TOKEN": "s3cret"}),
        (["github.graphql=false"], {}),
        (["github.reviews=false", "github.hygiene=false"], {}),
    ],
)
def test_there_is_nothing_to_say_where_nothing_is_different(
    tmp_path: Path, overrides: list[str], environ: dict[str, str]
) -> None:
    assert wiring(tmp_path, *overrides, environ=environ).prepare("github").note == ""


@pytest.mark.parametrize(
    ("overrides", "options", "on_screen", "patience"),
    [
        ((), (), True, inf),
        ((), (), False, 3600.0),
        (("patience=10m",), (), True, 600.0),
        (("patience=unlimited",), (), False, inf),
        (("patience=10m",), ("--patience", "2h"), False, 7200.0),
        (("patience=10m",), ("--patience", "unlimited"), False, inf),
    ],
)
def test_patience_is_the_persons_else_an_hour_without_a_screen(
    tmp_path: Path, overrides: Sequence[str], options: Sequence[str], on_screen: bool, patience: float
) -> None:
    run_options = run_options_of(parse_arguments(["run", "github", *options]))
    settings = load_settings(tmp_path / "config.toml", overrides=map(parse_override, overrides))

    built = Wiring(settings=settings, registry=Registry(SHIPPED), environ={}, version="1", run_options=run_options)

    assert built.patience(on_screen=on_screen) == patience


def test_a_patience_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'patience: got "soon", want a duration such as 20s, .* or "unlimited"'):
        wiring(tmp_path, "patience=soon")
