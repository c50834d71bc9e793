"""The workloads at a tiny scale: every way finds the same rows, and fetchdeck's asks for no more."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.workloads.__main__ import main, same
from bench.workloads.cases import CASES, anime, github, gitlab, pr0gramm, pr0gramm_limited, videos
from bench.workloads.plain.client import Plain, each
from bench.workloads.workload import Outcome, Workload, addresses, ours, plain
from simulator.common.settings import FaultRule
from simulator.config import quiet
from simulator.testing import Running, running

TINY: list[Callable[[], Workload]] = [
    lambda: pr0gramm(items=5, latency=0.0),
    lambda: pr0gramm_limited(items=5, latency=0.0),
    lambda: github(pulls=12, latency=0.0),
    lambda: gitlab(groups=2, subgroups=2, projects=2, latency=0.0),
    lambda: anime(limits=False, pace={"rate": "1000/1s"}),
    lambda: videos(channels=2, latency=0.0),
]


@pytest.mark.parametrize("make", TINY, ids=[make.__name__ for make in CASES])
def test_every_way_finds_the_same_rows_and_ours_asks_no_more(make: Callable[[], Workload], tmp_path: Path) -> None:
    workload = make()
    if workload.source == "videos":
        pytest.importorskip("yt_dlp", reason="needs the extra `videos`")

    with running(workload.config) as simulator:
        url, bases = addresses(simulator, workload.config)
        one, many = plain(workload, 1, url, bases), plain(workload, workload.workers, url, bases)
        mine = ours(workload, tmp_path, url, bases)

    assert same([*one, *many, *mine])
    assert len(mine) == workload.runs
    assert all(outcome.rows and not outcome.refused for outcome in (*one, *many, *mine))
    assert mine[-1].requests <= one[-1].requests == many[-1].requests


def test_the_tree_costs_the_plain_way_171_requests_and_ours_30(tmp_path: Path) -> None:
    workload = gitlab(latency=0.0)

    with running(workload.config) as simulator:
        url, bases = addresses(simulator, workload.config)
        (one,) = plain(workload, 5, url, bases)
        (mine,) = ours(workload, tmp_path, url, bases)

    assert (one.requests, mine.requests) == (171, 30)


@pytest.fixture
def simulator() -> Iterator[Running]:
    with running(quiet(apis=["pr0gramm"])) as server:
        yield server


def test_a_plain_worker_sleeps_a_refusal_off_and_asks_again(simulator: Running) -> None:
    simulator.faults("pr0gramm", FaultRule(fault="429", next=1, wait=1.0))

    async def ask() -> int:
        async with Plain(1) as client:
            return (await client.get(f"{simulator.base_url('pr0gramm')}/items/get", flags=1)).status_code

    assert asyncio.run(ask()) == 200
    assert simulator.stats("pr0gramm")["statuses"] == {"200": 1, "429": 1}


def test_so_many_plain_workers_ask_at_once(simulator: Running) -> None:
    async def ask() -> None:
        async with Plain(3) as client:

            async def one(_: int) -> None:
                await client.get(f"{simulator.base_url('pr0gramm')}/items/get", flags=1)

            await each(one, range(12))

    asyncio.run(ask())

    assert simulator.stats("pr0gramm")["max_concurrency"] <= 3


def test_ways_that_differ_are_told_apart() -> None:
    one = Outcome(seconds=1.0, requests=1, refused=0, rows=frozenset({("item", 1)}))

    assert same([one, replace(one, seconds=2.0)])
    assert not same([one, replace(one, rows=frozenset())])


def test_a_table_is_printed_and_rows_that_differ_are_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    good = pr0gramm(items=2, latency=0.0)
    bad = replace(good, name="less", rows={"item": "select id from pr0gramm_item limit 1"}, sequential=False)

    codes = [main([good]), main([bad])]

    said = capsys.readouterr().out
    assert codes == [0, 1]
    assert [line.partition(" | ")[0] for line in said.splitlines() if line.startswith("| ")] == [
        *("| way", "| plain, one at a time", "| plain, 10 at once", "| fetchdeck"),
        *("| way", "| plain, 10 at once", "| fetchdeck"),
    ]
    assert said.count("The rows are the same in every way.") == 1
    assert said.count("The rows are NOT the same in every way.") == 1
