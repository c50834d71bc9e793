"""The coverage maps of the sources: which parts there are, in which state, and what fills one."""

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from engine.model.coverage import HasCoverage, PartState
from engine.model.source import Request
from engine.model.walk import WalkReport
from sources.anime.freshness import Found, cursor
from sources.anime.options import AnimeOptions
from sources.anime.source import Anime
from sources.github.options import GitHubOptions
from sources.github.progress import Progress, cursor_name, mark
from sources.github.source import GitHub
from sources.gitlab.options import GitLabOptions
from sources.gitlab.source import GitLab
from sources.pr0gramm.options import Pr0grammOptions
from sources.pr0gramm.source import Pr0gramm
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from sources.videos.options import VideosOptions
from sources.videos.source import Videos
from tests.sources.cases import CASES
from tests.sources.desk import NOW, coverage_reader, told
from tests.sources.test_contract import ENTRY_POINTS, _source

DAY = 86_400.0
HOUR = 3_600.0
THEN = NOW.timestamp()


@pytest.mark.parametrize("name", sorted(ENTRY_POINTS))
def test_every_source_has_a_map_and_fills_what_is_missing_with_requests_of_its_own(name: str) -> None:
    source = _source(name, CASES[name])
    nothing = coverage_reader()

    assert isinstance(source, HasCoverage)
    parts = list(source.parts(nothing))
    resources = {budget.resource for budget in source.budgets}

    assert parts
    assert len({one.key for one in parts}) == len(parts)
    for one in parts:
        requests = list(source.refill(one.key, nothing))
        assert bool(requests) is (one.state is PartState.MISSING and one.fillable), one
        assert {request.resource for request in requests} <= resources
    assert list(source.refill("no such part", nothing)) == []


class TestPr0gramm:
    options = Pr0grammOptions(fill_gaps=False)
    source = Pr0gramm(options)

    def test_ranges_are_complete_gaps_missing_and_the_top_is_as_old_as_the_last_look(self) -> None:
        rows = [{"id": number} for number in (5, 7, 50, 99)]
        desk = coverage_reader(
            covered={self.options.stream(): [(5, 20), (41, 60)]}, tables={"item": rows}, landed={"list newest": THEN}
        )

        parts = list(self.source.parts(desk))

        assert [(one.key, one.state.value, one.rows) for one in parts] == [
            ("61-newest", "stale", 1),
            ("41-60", "complete", 1),
            ("21-40", "missing", 0),
            ("5-20", "complete", 2),
            ("1-4", "missing", 0),
        ]
        assert parts[0].updated == THEN

    def test_a_gap_is_filled_from_its_top_down_to_its_bottom(self) -> None:
        desk = coverage_reader(covered={self.options.stream(): [(5, 20), (41, 60)]})

        request = next(iter(self.source.refill("21-40", desk)))

        assert request.params["older"] == 41
        assert request.context["low"] == 21

    def test_failed_details_and_pages_belong_to_the_range_they_are_in(self) -> None:
        detail = Request(key="info 7", url="/", context={"kind": "info", "item": 7})
        page = Request(key="list 31", url="/", context={"kind": "list", "older": 31, "low": 21})
        desk = coverage_reader(covered={self.options.stream(): [(5, 20), (41, 60)]}, failed=[detail], queued=[page])

        found = told(list(self.source.parts(desk)))

        assert (found["5-20"], found["21-40"], found["41-60"]) == ("failed", "queued", "complete")

    def test_details_of_promoted_items_have_a_part_of_their_own(self) -> None:
        detail = Request(key="info 7", url="/", context={"kind": "info", "item": 7})
        source = Pr0gramm(Pr0grammOptions(promoted=True))

        assert told(list(source.parts(coverage_reader(failed=[detail]))))["details"] == "failed"


class TestGitHub:
    options = GitHubOptions(orgs=("harbour",), year=2025)
    source = GitHub(options)
    repo: ClassVar[dict[str, Any]] = {
        "id": 501, "full_name": "harbour/crane", "owner_login": "Harbour", "pushed_at": "2025-06-01T00:00:00Z",
        "updated_at": "2025-06-01T00:00:00Z", "default_branch": "main", "open_issues": 3, "has_issues": 1,
        "gone_at": None,
        "raw": '{"id":501,"full_name":"harbour/crane","node_id":"R1","pushed_at":"2025-06-01T00:00:00Z",'
        '"updated_at":"2025-06-01T00:00:00Z","default_branch":"main","open_issues_count":3,"has_issues":true}',
    }  # fmt: skip

    def cursors(self, kind: str, state: str | None = None, year: int = 2025) -> dict[str, str]:
        """Make the cursor of a whole walk, in the state the repository is in unless it is said."""
        facts = {**self.repo, "open_issues_count": 3}
        state = mark(kind, facts) if state is None else state
        progress = Progress(through="2025-12-31T00:00:00Z", mark=state, run="2025-12-31T00:00:00Z")
        name = cursor_name(kind, 501, coverage_reader().memory, msgspec.structs.replace(self.options, year=year))
        return {name: msgspec.json.encode(progress).decode()}

    def parts(self, **given: Any) -> dict[str, Any]:
        tables = {"repo": [self.repo], "pull": [{"repo_id": 501}] * 4, **given.pop("tables", {})}
        return {one.key: one for one in self.source.parts(coverage_reader(tables=tables, **given))}

    def test_a_collector_is_missing_until_it_was_walked_and_stale_once_the_repository_moved(self) -> None:
        cursors = self.cursors("pulls") | self.cursors("issues", "earlier") | self.cursors("commits", "")

        found = self.parts(cursors=cursors)

        assert found["harbour/crane:pulls"].state is PartState.COMPLETE
        assert found["harbour/crane:pulls"].rows == 4
        assert found["harbour/crane:pulls"].name == "harbour/crane pulls 2025"
        assert found["harbour/crane:issues"].state is PartState.STALE
        assert found["harbour/crane:commits"].state is PartState.STALE
        assert found["harbour/crane:reviews"].state is PartState.MISSING

    def test_another_year_is_shown_and_not_counted_into_this_one(self) -> None:
        found = self.parts(cursors=self.cursors("pulls") | self.cursors("pulls", year=2023))

        other = found["harbour/crane:pulls:2023"]
        assert (other.name, other.state, other.fillable) == ("harbour/crane pulls 2023", PartState.COMPLETE, False)
        assert found["harbour/crane:pulls"].rows is None

    def test_a_failed_page_makes_its_collector_failed_and_a_query_about_many_counts_for_each(self) -> None:
        page = Request(key="x", url="/", context={"kind": "issues", "name": "a", "started": "", "repo_id": 501})
        query = Request(
            key="y", url="/",
            context={"kind": "hygiene", "name": "a", "started": "", "targets": [[7, "a", "", ""], [501, "b", "", ""]]},
        )  # fmt: skip
        strange = Request(key="z", url="/", context={"what": 1})

        found = self.parts(failed=[page, strange], queued=[query])

        assert found["harbour/crane:issues"].state is PartState.FAILED
        assert found["harbour/crane:hygiene"].state is PartState.QUEUED

    def test_what_needs_no_walk_and_what_is_gone_is_not_missing(self) -> None:
        still = {**self.repo, "has_issues": 0, "pushed_at": "2020-01-01T00:00:00Z"}
        gone = {**self.repo, "id": 502, "full_name": "harbour/wreck", "gone_at": "2025-01-01T00:00:00Z"}
        foreign = {**self.repo, "id": 503, "full_name": "elsewhere/x", "owner_login": "elsewhere"}

        found = self.parts(tables={"repo": [still, gone, foreign]})

        assert found["harbour/crane:issues"].detail == "issues are switched off"
        assert found["harbour/crane:commits"].state is PartState.COMPLETE
        assert found["harbour/wreck:pulls"].detail == "the repository is gone"
        assert not found["harbour/wreck:pulls"].fillable
        assert not any(key.startswith("elsewhere") for key in found)

    def test_lists_of_repositories_are_as_old_as_their_last_answer(self) -> None:
        assert self.parts()["org harbour"].state is PartState.MISSING
        assert self.parts(landed={"org harbour": THEN - HOUR})["org harbour"].state is PartState.COMPLETE
        assert self.parts(landed={"org harbour": THEN - 2 * DAY})["org harbour"].detail == "looked at 2 days ago"

    def test_a_list_is_not_complete_because_its_first_page_landed(self) -> None:
        found = self.parts(landed={"org harbour": THEN - HOUR}, ends={})["org harbour"]

        assert (found.state, found.detail) == (PartState.UNKNOWN, "how its list ended is not recorded")

    @pytest.mark.parametrize("kind", ["pulls", "issues", "commits", "reviews", "hygiene"])
    def test_a_collector_is_filled_by_its_first_request_alone(self, kind: str) -> None:
        desk = coverage_reader(tables={"repo": [self.repo]}, cursors=self.cursors(kind, "earlier"))

        found = list(self.source.refill(f"harbour/crane:{kind}", desk))

        assert len(found) == 1
        assert found[0].context["kind"] == kind

    def test_a_list_is_filled_by_asking_for_it(self) -> None:
        assert [one.key for one in self.source.refill("org harbour", coverage_reader())] == ["org harbour"]


class TestGitLab:
    options = GitLabOptions(groups=("aurora",), clone=True, target="/clones")
    source = GitLab(options)
    raw = (
        '{"id":7,"path_with_namespace":"aurora/crane","http_url_to_repo":"https://gitlab.com/aurora/crane.git",'
        '"default_branch":"main","last_activity_at":"2025-12-01T00:00:00Z"}'
    )
    project: ClassVar[dict[str, Any]] = {
        "id": 7, "grp_id": 1, "full_path": "aurora/crane", "last_activity_at": "2025-12-01T00:00:00Z", "gone": 0,
        "raw": raw,
    }  # fmt: skip
    clone: ClassVar[dict[str, Any]] = {
        "project_id": 7, "state": "ok", "note": "", "activity": "2025-12-01T00:00:00Z", "how": "pull",
        "updated_at": "2025-12-02T00:00:00Z",
    }  # fmt: skip

    def parts(self, clones: list[dict[str, Any]], **given: Any) -> dict[str, Any]:
        groups = [{"id": 1, "full_path": "aurora", "gone": 0}, {"id": 2, "full_path": "aurora/old", "gone": 1}]
        tables = {"grp": groups, "project": [{**self.project, **given.pop("project", {})}], "clone": clones}
        return {one.key: one for one in self.source.parts(coverage_reader(tables=tables, **given))}

    def test_groups_are_known_as_well_as_the_list_of_the_root_above_them(self) -> None:
        known = self.parts([], landed={"projects aurora": THEN - HOUR, "groups aurora": THEN - 3 * DAY})

        assert (known["projects 1"].state, known["projects 1"].rows) == (PartState.COMPLETE, 1)
        assert known["projects 2"].detail == "gone: GitLab lists it no more"
        assert known["groups aurora"].state is PartState.STALE
        assert self.parts([])["projects 1"].state is PartState.UNKNOWN
        assert self.parts([])["projects aurora"].state is PartState.MISSING

    @pytest.mark.parametrize(
        ("ends", "state"),
        [
            ({}, PartState.UNKNOWN),
            ({"projects aurora": WalkReport(whole=1)}, PartState.COMPLETE),
            ({"projects aurora": WalkReport(cut=1)}, PartState.CUT),
        ],
    )
    def test_a_group_is_as_complete_as_the_list_above_it(self, ends: dict[str, WalkReport], state: PartState) -> None:
        known = self.parts([], landed={"projects aurora": THEN - HOUR}, ends=ends)

        assert known["projects 1"].state is state

    @pytest.mark.parametrize(
        ("change", "state"),
        [
            ({}, PartState.COMPLETE),
            ({"activity": "2025-11-01T00:00:00Z"}, PartState.STALE),
            ({"how": "mirror"}, PartState.STALE),
            ({"state": "missing", "note": "no such repository"}, PartState.FAILED),
            ({"state": "disabled", "note": "switched off"}, PartState.COMPLETE),
        ],
    )
    def test_a_clone_is_as_its_row_says(self, change: dict[str, Any], state: PartState) -> None:
        assert self.parts([{**self.clone, **change}])["clone 7"].state is state

    def test_a_project_without_a_clone_is_missing_and_a_gone_one_cannot_be_had(self) -> None:
        assert self.parts([])["clone 7"].state is PartState.MISSING
        assert not self.parts([], project={"gone": 1})["clone 7"].fillable

    def test_a_failed_job_of_git_belongs_to_its_clone(self) -> None:
        job = Request(key="git 7", url="/", via="git", resource="git", context={"kind": "git", "id": 7})

        assert self.parts([self.clone], failed=[job])["clone 7"].state is PartState.FAILED

    def test_a_clone_is_filled_by_git_alone_however_current_it_is(self) -> None:
        desk = coverage_reader(
            tables={"project": [self.project], "clone": [self.clone]},
            keys={"project": ("id",), "clone": ("project_id",)},
        )

        assert [one.via for one in self.source.refill("clone 7", desk)] == ["git"]
        assert [one.key for one in self.source.refill("projects 1", desk)] == ["projects 1"]
        assert list(self.source.refill("clone x", desk)) == []


class TestAnime:
    options = AnimeOptions(ids=(1,), titles=("Mushishi",))
    source = Anime(options)

    def desk(self, walked: float, fetched: float, expires: float) -> Any:
        def stamp(ago: float) -> str:
            return NOW.fromtimestamp(THEN - ago, NOW.tzinfo).isoformat()

        docs: list[dict[str, Any]] = [
            {"provider": "anilist", "external_id": "1", "fetched_at": stamp(fetched), "expires_at": None, "status": 200,
             "raw": '{"id":1,"idMal":11}'},
            {"provider": "jikan", "external_id": "11", "fetched_at": stamp(fetched), "expires_at": stamp(expires),
             "status": 200, "raw": "{}"},
        ]  # fmt: skip
        found = msgspec.json.encode(Found(at=stamp(walked), root=1, members=[1])).decode()
        return coverage_reader(
            cursors={cursor("id 1", self.options.rules()): found},
            tables={"provider_doc": docs, "anime": [{"id": 1, "id_mal": 11}]},
            keys={"provider_doc": ("provider", "external_id")},
        )

    @pytest.mark.parametrize(
        ("walked", "fetched", "expires", "states"),
        [
            (HOUR, HOUR, -HOUR, ("complete", "complete", "complete")),
            (25 * HOUR, HOUR, -HOUR, ("stale", "complete", "complete")),
            (HOUR, 7 * HOUR, HOUR, ("complete", "stale", "stale")),
        ],
    )
    def test_each_stage_has_a_freshness_of_its_own(
        self, walked: float, fetched: float, expires: float, states: tuple[str, str, str]
    ) -> None:
        found = told(list(self.source.parts(self.desk(walked, fetched, expires))))

        assert (found["id 1: relations"], found["id 1: entries"], found["id 1: jikan"]) == states
        assert found["title Mushishi: relations"] == "missing"

    def test_a_stage_is_filled_alone(self) -> None:
        desk = self.desk(HOUR, 7 * HOUR, HOUR)

        assert [one.context["kind"] for one in self.source.refill("id 1: entries", desk)] == ["refresh"]
        assert [one.key for one in self.source.refill("id 1: jikan", desk)] == ["mal 11"]
        assert [one.key for one in self.source.refill("title Mushishi: relations", desk)] == ["title Mushishi"]

    def test_unfinished_requests_belong_to_their_stage(self) -> None:
        walk = Request(key="w", url="/", context={"kind": "walk", "name": "title Mushishi"})
        mal = Request(key="m", url="/", context={"kind": "mal", "mal": 11})
        refresh = Request(key="r", url="/", context={"kind": "refresh", "name": "id 1"})
        desk = replace(self.desk(HOUR, HOUR, -HOUR), unfinished=coverage_reader(failed=[walk, mal, refresh]).unfinished)

        parts = told(list(self.source.parts(desk)))

        assert parts["title Mushishi: relations"] == "failed"
        assert parts["id 1: jikan"] == "failed"
        assert parts["id 1: entries"] == "failed"


class TestVideos:
    def source(self, folder: Path) -> Videos:
        for name in ("new", "known", "gone", "old"):
            (folder / f"{name}.toml").write_text(f'link = "https://x.example/{name}"\ntarget_folder = "t"\n')
        (folder / "bad.toml").write_text("link = 1\n")
        return Videos(VideosOptions(channels_dir=str(folder), link_queue_dir=str(folder)))

    def test_each_channel_file_is_a_part(self, tmp_path: Path) -> None:
        channels: list[dict[str, Any]] = [
            {"path": "known.toml", "title": "Known", "last_index": 4, "gone": 0},
            {"path": "gone.toml", "title": None, "last_index": 4, "gone": 2},
            {"path": "old.toml", "title": None, "last_index": 1, "gone": 0},
        ]
        desk = coverage_reader(
            tables={"channel": channels, "video": [{"channel": "known.toml"}] * 3},
            landed={"feed known.toml": THEN - HOUR, "list known.toml": THEN - 9 * DAY, "list old.toml": THEN - 9 * DAY},
        )

        found = {one.key: one for one in self.source(tmp_path).parts(desk)}

        assert {key: one.state.value for key, one in found.items()} == {
            "new.toml": "missing", "known.toml": "complete", "gone.toml": "failed", "old.toml": "stale",
            "bad.toml": "failed",
        }  # fmt: skip
        assert (found["known.toml"].rows, found["known.toml"].updated) == (3, THEN - HOUR)
        assert not found["bad.toml"].fillable

    def test_a_channel_is_filled_by_a_look_at_it_alone(self, tmp_path: Path) -> None:
        source = self.source(tmp_path)

        assert [one.context["channel"] for one in source.refill("new.toml", coverage_reader())] == ["new.toml"]
        assert list(source.refill("bad.toml", coverage_reader())) == []


class TestRest:
    endpoints: ClassVar[dict[str, Any]] = {
        "users": {"path": "/users", "key": ["id"], "columns": {"id": "id:integer"}},
        "posts": {"path": "/users/{parent.id}/posts", "parent": "users", "key": ["id"]},
    }
    source = Rest(msgspec.convert({"base_url": "https://x.example", "endpoints": endpoints}, RestOptions))

    def test_an_endpoint_is_as_old_as_the_walk_of_the_list_it_hangs_on(self) -> None:
        key = next(iter(self.source.seed(coverage_reader().memory))).key

        assert told(list(self.source.parts(coverage_reader()))) == {"users": "missing", "posts": "missing"}
        found = {
            one.key: one for one in self.source.parts(coverage_reader(landed={key: THEN}, tables={"posts": [{}] * 5}))
        }
        assert (found["posts"].state, found["posts"].rows, found["posts"].updated) == (PartState.COMPLETE, 5, THEN)
        assert found["users"].state is PartState.UNKNOWN  # the end of its list is not recorded
        assert told(list(self.source.parts(coverage_reader(tables={"users": [{}]})))) == {
            "users": "unknown",
            "posts": "missing",
        }

    @pytest.mark.parametrize(
        ("users", "posts", "state"),
        [
            (WalkReport(whole=1), WalkReport(whole=3), "complete"),
            (WalkReport(whole=1), None, "unknown"),
            (WalkReport(cut=1), WalkReport(whole=3), "cut"),
            (WalkReport(unconfirmed=1), WalkReport(whole=3), "unconfirmed"),
        ],
    )
    def test_an_endpoint_is_as_complete_as_the_lists_above_it(
        self, users: WalkReport, posts: WalkReport | None, state: str
    ) -> None:
        key = next(iter(self.source.seed(coverage_reader().memory))).key
        ends = {"users": users} | ({"posts": posts} if posts else {})

        found = self.source.parts(coverage_reader(landed={key: THEN}, tables={"users": [{}]}, ends=ends))

        assert told(list(found))["posts"] == state

    def test_a_failed_page_belongs_to_its_endpoint_and_a_walk_begins_at_the_top(self) -> None:
        failed = Request(key="x", url="/", context={"endpoint": "posts", "path": "/", "started": ""})

        assert told(list(self.source.parts(coverage_reader(failed=[failed])))) == {
            "users": "missing",
            "posts": "failed",
        }
        assert [one.url for one in self.source.refill("posts", coverage_reader())] == ["/users"]
