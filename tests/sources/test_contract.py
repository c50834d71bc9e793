"""What every source promises the engine, checked for each entry point of pyproject.toml."""

import importlib
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody
from engine.model.capabilities import Estimator
from engine.model.source import Memory, Page, Request, Source
from sources.common import links
from sources.github import reviews as github_reviews
from tests.sources.cases import CASES, Case
from tests.sources.driver import STARTED, Driver, respond

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
ENTRY_POINTS: dict[str, str] = PROJECT["entry-points"]["fetchdeck.sources"]
CAP = 200
"""Pages a walk may have in the tests: the real cap is 25 times as many, and as much more work for the same end."""
every_source = pytest.mark.parametrize("name", sorted(ENTRY_POINTS))


def _class(name: str) -> Any:
    module, _, attribute = ENTRY_POINTS[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def _source(name: str, case: Case) -> Source:
    kind = _class(name)
    source: Source = kind(msgspec.convert(case.options, kind.Options))
    return source


def _first_pages(source: Source, case: Case) -> list[tuple[Request, Page]]:
    """Play the seeds and what follows from them, each once, without the follow-ups of those."""
    seeds = list(source.seed(case.memory))
    pages = [(request, source.parse(request, case.answer(request), case.memory)) for request in seeds]
    more = [request for _, page in pages for request in page.more]
    return pages + [(request, source.parse(request, case.answer(request), case.memory)) for request in more]


@every_source
def test_a_source_has_a_case_here(name: str) -> None:
    assert name in CASES


@every_source
def test_a_source_says_what_it_is(name: str) -> None:
    source = _source(name, CASES[name])

    assert source.name == _class(name).name == name
    assert source.base_url.startswith("https://")
    assert not source.base_url.endswith("/")
    assert source.summary
    assert source.terms
    assert source.scope()
    assert source.scope() == _source(name, CASES[name]).scope()


@every_source
def test_options_are_strict_frozen_and_by_keyword(name: str) -> None:
    config = _class(name).Options.__struct_config__

    assert (config.forbid_unknown_fields, config.frozen) == (True, True)
    assert all(field.encode_name.islower() for field in msgspec.structs.fields(_class(name).Options))


@every_source
def test_every_page_names_requests_of_its_own_and_of_known_budgets(name: str) -> None:
    source = _source(name, CASES[name])
    resources = {budget.resource for budget in source.budgets}

    for _, page in _first_pages(source, CASES[name]):
        keys = [request.key for request in page.more]
        assert len(keys) == len(set(keys))
        assert {request.resource for request in page.more} <= resources
        assert all(request.url.startswith(("/", source.base_url)) for request in page.more)


@every_source
def test_requests_survive_the_disk_and_hold_no_secret(name: str) -> None:
    source = _source(name, CASES[name])

    for request, _ in _first_pages(source, CASES[name]):
        text = msgspec.json.encode(request)
        assert msgspec.json.decode(text, type=Request) == request
        assert not any(word in text.lower() for word in (b"authorization", b"cookie", b"token", b"bearer"))
    assert not {"authorization", "cookie"} & {header.lower() for header in source.headers}


@every_source
def test_the_same_answer_means_the_same_page_twice(name: str) -> None:
    case = CASES[name]
    source = _source(name, case)

    for request, page in _first_pages(source, case):
        assert source.parse(request, case.answer(request), case.memory) == page


@every_source
def test_rows_fit_the_declared_tables(name: str) -> None:
    source = _source(name, CASES[name])
    tables = {table.name: table for table in source.tables}
    kinds: dict[str, type | tuple[type, ...]] = {"text": str, "integer": int, "real": float}
    met: dict[str, set[str]] = {}

    for _, page in _first_pages(source, CASES[name]):
        for record in page.records:
            met.setdefault(record.table, set()).update(record.data)
            columns = {column.name: column.type for column in tables[record.table].columns}
            assert set(record.data) <= set(columns)
            assert all(record.data[key] is not None for key in tables[record.table].key)
            assert all(v is None or isinstance(v, kinds[columns[k]]) for k, v in record.data.items())
            assert not record.raw or msgspec.json.decode(record.raw)
    assert met == {name: {column.name for column in table.columns} for name, table in tables.items()}


@every_source
def test_a_walk_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for module in (links, github_reviews):
        monkeypatch.setattr(module, "PAGE_CAP", CAP)
    case, pages = CASES[name], 0
    source = _source(name, case)
    driver = Driver(source, lambda request: case.endless(request, pages))
    driver.begin()
    driver.memory = case.memory
    budget = 8 * (CAP + 1)

    while driver.land(1):
        pages += 1
        assert pages <= budget

    assert driver.notes


@every_source
def test_a_page_that_comes_again_ends_the_walk(name: str) -> None:
    case = CASES[name]
    driver = Driver(_source(name, case), case.repeated)
    driver.begin()

    driver.land(60)

    assert driver.pending == []
    assert driver.notes


@every_source
def test_no_request_ever_leaves_the_origin(name: str) -> None:
    case = CASES[name]
    source = _source(name, case)
    foreign = '<https://evil.test/next?page=2>; rel="next", <//evil.test/x>; rel="last"'

    def lured(request: Request) -> Any:
        return respond(case.answer(request).body, link=foreign)

    driver = Driver(source, lured)
    driver.begin()
    driver.land(60)

    assert driver.pending == []
    assert all(each.url.startswith(("/", source.base_url + "/")) for each in driver.sent)


@every_source
def test_an_estimate_names_its_bounds_and_why_before_a_run_and_after_it(name: str) -> None:
    case = CASES[name]
    source = _source(name, case)
    driver = Driver(source, case.answer)
    assert isinstance(source, Estimator)

    for _ in range(2):
        memory = driver.remember(STARTED, full=False)
        probes = source.probes(memory)
        estimates = source.estimate(memory, {})
        lanes = {budget.resource for budget in source.budgets} or {"core"}
        assert len({probe.key for probe in probes}) == len(probes)
        assert {probe.resource for probe in probes} | {each.resource for each in estimates} <= lanes
        assert all(probe.url.startswith("/") and probe.method == "GET" for probe in probes)
        assert all(0 <= each.requests_low <= (each.requests_high or each.requests_low) for each in estimates)
        assert all(each.naive_requests >= 0 and each.why for each in estimates)
        driver.begin()
        driver.land(60)


@every_source
@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"[]", b"{}", b"[null]", b'{"data": 7}', b'"x"', b"\xff"])
def test_a_probe_that_is_answered_with_nonsense_teaches_nothing_and_breaks_nothing(name: str, body: bytes) -> None:
    source = _source(name, CASES[name])
    memory = Memory(started=STARTED)
    assert isinstance(source, Estimator)

    known: dict[str, int] = {}
    for probe in source.probes(memory):
        with suppress(BadBody):
            known |= source.learn(probe, respond(body, url=source.base_url))

    assert all(each.requests_low >= 0 for each in source.estimate(memory, known))
