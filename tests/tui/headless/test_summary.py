"""What `--json` prints."""

import json
from typing import Any

from engine.config.differences import Difference
from engine.model.outside_wait import Cause, OutsideWait
from engine.model.snapshot import State
from engine.model.source import Avoided
from engine.model.walk import Completeness, WalkEnd, WalkReport
from tests.tui.cli_fakes import deck, group, lane, quota
from tui.common.config_watch import ConfigEdit
from tui.headless.summary import summarize, to_json


def printed(*groups: Any, **changes: Any) -> Any:
    arguments: dict[str, Any] = {"version": "1.2.3", "interrupted": False, "rows": {}, "durations": {}} | changes
    return json.loads(to_json(summarize(deck(*groups), **arguments)))


def test_the_summary_says_what_came_of_a_harvest() -> None:
    summary = printed(group())

    assert {key: value for key, value in summary.items() if key != "sources"} == {
        "version": "1.2.3",
        "database": "/rows.db",
        "state": "done",
        "exit_code": 0,
        "duration": 20.0,
    }


def test_what_the_file_of_the_configuration_has_become_is_there_if_it_differs() -> None:
    broken = ConfigEdit(at=5.0, problem="c.toml: sources: got 3")
    changed = ConfigEdit(at=6.0, changes=(Difference(key="theme", old=None, new='"midnight"'),))

    assert printed(edit=broken)["configuration"] == {
        "noticed_at": 5.0,
        "problem": "c.toml: sources: got 3",
        "changes": [],
    }
    assert printed(edit=changed)["configuration"] == {
        "noticed_at": 6.0,
        "problem": None,
        "changes": [{"key": "theme", "old": None, "new": '"midnight"'}],
    }


def test_a_source_has_all_its_numbers() -> None:
    one = group(
        state=State.STOPPED,
        reason="20 s are over",
        retries=3,
        throttled=2,
        failed=1,
        notes=4,
        walks=WalkReport(
            whole=2,
            cut=1,
            named=(
                WalkEnd(walk="items", completeness=Completeness.CUT, reason="no progress", place="page 3", arrived=30),
            ),
        ),
        avoided=9,
        done=5000,
        rows=17_000,
        avoided_by=(Avoided(8, "batched"), Avoided(1, "unchanged")),
    )

    summary = printed(one, rows={"github": {"repo": 5}}, durations={"github": 19.98765}, changes={"github": {"new": 2}})

    assert summary["exit_code"] == 3
    assert summary["sources"]["github"] == {
        "state": "stopped",
        "reason": "20 s are over",
        "completeness": "cut",
        "walks": {"whole": 2, "unconfirmed": 0, "bounded": 0, "cut": 1},
        "cut": [
            {"walk": "items", "part": "", "reason": "no progress", "place": "page 3", "arrived": 30, "total": None}
        ],
        "requests": 1204,
        "run_requests": 5000,
        "rows": {"repo": 5},
        "written": 31022,
        "new": 17000,
        "retries": 3,
        "throttled": 2,
        "failed": 1,
        "notes": 4,
        "skipped": 9,
        "changes": {"new": 2},
        "avoided": {"batched": 8, "unchanged": 1},
        "bytes": 4096,
        "duration": 19.988,
        "budget": [{"resource": "core", "name": "core", "limit": 5000, "remaining": 3780, "resets_in": 60}],
        "waits": [],
    }


def test_what_is_unknown_is_null() -> None:
    one = group(lanes=(lane(quotas=(quota(limit=None, remaining=None, resets_in=None),)),))

    source = printed(one)["sources"]["github"]

    assert source["duration"] is None
    assert source["budget"][0] == {
        "resource": "core",
        "name": "core",
        "limit": None,
        "remaining": None,
        "resets_in": None,
    }


def test_budgets_of_every_lane_are_listed() -> None:
    lanes = (lane(), lane(resource="graphql", quotas=(quota(name="points"),)))

    budget = printed(group(lanes=lanes))["sources"]["github"]["budget"]

    assert [(one["resource"], one["name"]) for one in budget] == [("core", "core"), ("graphql", "points")]


def test_only_a_demo_tells_what_the_simulator_counted() -> None:
    assert "simulator" not in printed(group())
    assert printed(group(), simulator={"violations": {}})["simulator"] == {"violations": {}}


def test_the_summary_is_one_line() -> None:
    text = to_json(summarize(deck(group(reason="a\nb")), version="1", interrupted=False, rows={}, durations={}))

    assert "\n" not in text


def test_what_a_source_waits_for_is_listed() -> None:
    wait = OutsideWait(cause=Cause.OFFLINE, words="the host refuses connections", since=1000.0, next_try=1020.5)

    (waits,) = printed(group(outside=(wait,)))["sources"]["github"]["waits"]

    assert waits == {"cause": "offline", "words": "the host refuses connections", "since": 1000.0, "next_try": 1020.5}
