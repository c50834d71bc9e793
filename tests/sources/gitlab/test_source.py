"""What the GitLab source asks for, how often, and what the answers become."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody, SourceError, UsageError
from engine.model.source import Memory, Request, Response
from sources.gitlab.options import GitLabOptions
from sources.gitlab.source import GitLab
from tests.sources.driver import STARTED, respond
from tests.sources.fake_gitlab import API, FakeGitLab, Harvest

LATER = STARTED + timedelta(days=1)
TOPS = ["anchor", "beacon", "cedar", "delta", "ember", "fjord", "garnet", "harbor", "inlet", "jasper"]


def _only(fake: FakeGitLab) -> str:
    return next(iter(fake.world.groups.values())).full_path


def test_ten_groups_with_five_subgroups_and_twenty_projects_each_cost_thirty_requests() -> None:
    fake = FakeGitLab(groups=10, subgroups=5, projects=20)
    harvest = Harvest(fake, groups=TOPS)

    harvest.run()

    assert len(fake.asked) == 30
    assert (harvest.count("grp"), harvest.count("project")) == (60, 1200)
    assert harvest.count("project_share") == 9


def test_the_same_as_a_whole_instance_cost_thirteen() -> None:
    fake = FakeGitLab(groups=10, subgroups=5, projects=20)
    harvest = Harvest(fake, instance=True)

    harvest.run()

    assert len(fake.asked) == 13
    assert (harvest.count("grp"), harvest.count("project")) == (60, 1200)


def test_the_pages_of_a_list_are_asked_for_together_once_their_number_is_known() -> None:
    fake = FakeGitLab(groups=1, subgroups=5, projects=60)
    harvest = Harvest(fake, groups=["anchor"])
    harvest.begin()

    harvest.land(2)

    assert [each.key for each in harvest.pending] == ["projects anchor page 2", "projects anchor page 3",
                                                      "projects anchor page 4"]  # fmt: skip
    harvest.land()
    assert harvest.count("project") == 360


def test_every_request_for_a_list_says_which_page_it_asks_for() -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=250)
    harvest = Harvest(fake, groups=["anchor"])

    harvest.run()
    together = {each.key: each.page for each in harvest.sent}
    harvest.run(LATER)
    one_by_one = [each.page for each in harvest.sent if each.route == "/groups/{id}/projects"]

    assert together == {
        "groups anchor": 1,
        "group anchor": None,
        "projects anchor": 1,
        "projects anchor page 2": 2,
        "projects anchor page 3": 3,
    }
    assert one_by_one == [1, 2, 3]


@pytest.mark.parametrize("options", [{"groups": ["anchor"]}, {"instance": True}])
def test_what_came_behind_a_full_last_page_that_has_not_changed_is_found(options: dict[str, Any]) -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=120)
    later = {number: fake.world.projects.pop(number) for number in sorted(fake.world.projects)[100:]}
    told: dict[str, Response] = {}

    def unless_modified(request: Request) -> Response:
        now = fake(request)
        before = told.setdefault(f"{request.url} {request.params}", now)
        return replace(before, unchanged=True) if now is not before and now.body == before.body else now

    harvest = Harvest(fake, **options)
    harvest.answer = unless_modified
    harvest.run()
    first = harvest.count("project")
    fake.world.projects |= later

    harvest.run(LATER)

    assert (first, harvest.count("project")) == (100, 120)


def test_a_tree_has_all_its_parents() -> None:
    fake = FakeGitLab(groups=2, subgroups=3, projects=1)
    harvest = Harvest(fake, groups=["anchor", 105])

    harvest.run()

    rows = {row["id"]: row for row in harvest.table("grp")}
    assert set(rows) == set(fake.world.groups)
    assert {row["parent_id"] for row in rows.values()} == {None, 101, 105}
    assert (rows[101]["full_path"], rows[101]["name"]) == ("anchor", "Anchor")
    assert all(row["grp_id"] in rows for row in harvest.table("project"))


def test_a_group_without_subgroups_is_asked_for_itself() -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=1)
    harvest = Harvest(fake, groups=["anchor"])

    harvest.run()

    assert [each.partition("?")[0] for each in fake.asked][-1] == "/groups/anchor"
    assert [row["visibility"] for row in harvest.table("grp")] == ["public"]


def test_shared_projects_are_listed_once_and_know_with_whom_they_are_shared() -> None:
    fake = FakeGitLab(groups=2, subgroups=0, projects=2)
    harvest = Harvest(fake, groups=["beacon"])

    harvest.run()

    assert harvest.count("project") == 3
    assert [(row["project_id"], row["grp_id"], row["active"]) for row in harvest.table("project_share")] == [
        (2001, 102, 1)
    ]


def test_a_share_that_is_no_longer_listed_is_marked() -> None:
    fake = FakeGitLab(groups=2, subgroups=0, projects=2)
    harvest = Harvest(fake, groups=["anchor"])
    harvest.run()
    fake.world.projects[2001].shared_with.clear()

    harvest.run(LATER)

    assert [row["active"] for row in harvest.table("project_share")] == [0]


def test_shared_projects_can_be_left_out_or_looked_for_in_every_group() -> None:
    fake = FakeGitLab(groups=2, subgroups=2, projects=2)
    fake.world.projects[2001].shared_with.append(fake.world.groups[105])

    counts = {}
    for shared in ("none", "group", "deep"):
        harvest = Harvest(fake, groups=["beacon"], shared=shared)
        fake.world.projects[2001].shared_with[0:1] = [fake.world.groups[105]]
        harvest.run()
        counts[shared] = harvest.count("project")

    assert counts == {"none": 6, "group": 6, "deep": 7}


def test_the_projects_of_a_person_come_with_their_namespace() -> None:
    fake = FakeGitLab(groups=0, users=1)
    harvest = Harvest(fake, users=["ada0"])

    harvest.run()

    assert harvest.count("project") == 2
    assert [(row["id"], row["kind"], row["full_path"]) for row in harvest.table("grp")] == [(900_000, "user", "ada0")]


def test_the_api_filters_what_it_can() -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=20)
    harvest = Harvest(fake, groups=["anchor"], archived="exclude", visibility="public", include=["*amber*"])

    harvest.run()

    asked = next(each for each in fake.asked if each.startswith("/groups/anchor/projects"))
    assert "archived=false" in asked
    assert "visibility=public" in asked
    assert "search=amber" in asked
    assert {row["path"].partition("-")[0] for row in harvest.table("project")} == {"amber"}


@pytest.mark.parametrize(
    ("patterns", "path", "wanted"),
    [
        ({"include": ["crane*"]}, "harbour/docks/Crane-1", True),
        ({"include": ["harbour/*"]}, "harbour/docks/crane", True),
        ({"include": ["docks/*"]}, "harbour/docks/crane", False),
        ({"include": ["re:^harbour/(docks|quay)/"]}, "harbour/quay/x", True),
        ({"include": ["re:^harbour/(docks|quay)/"]}, "harbour/mill/x", False),
        ({"exclude": ["re:archive$"]}, "harbour/old-archive", False),
        ({"include": ["c*"], "exclude": ["*x"]}, "harbour/cx", False),
    ],
)
def test_globs_and_regular_expressions_choose_projects(patterns: dict[str, Any], path: str, wanted: bool) -> None:
    options = msgspec.convert({"groups": ["x"], **patterns}, GitLabOptions)

    assert options.wants(path) is wanted


@pytest.mark.parametrize(
    ("include", "word"),
    [(("*crane*",), "crane"), (("ab*",), ""), (("a/crane",), ""), (("re:crane",), ""), (("crane", "ship"), "")],
)
def test_a_word_that_every_wanted_name_holds_is_searched_for(include: tuple[str, ...], word: str) -> None:
    assert GitLabOptions(include=include).project_filters().get("search", "") == word


def test_what_a_tree_saves_is_what_a_walk_from_group_to_group_asks_more() -> None:
    fake = FakeGitLab(groups=10, subgroups=5, projects=20)
    harvest = Harvest(fake, groups=[group.full_path for group in fake.world.groups.values() if group.parent is None])

    harvest.run()

    lists = sum("/groups/" in asked and "?" in asked for asked in fake.asked)
    from_group_to_group = 2 * harvest.count("grp")
    assert harvest.count("project") == 1200
    assert harvest.avoided == {"one list of groups and one of projects for a whole tree": from_group_to_group - lists}


def test_a_tree_of_one_large_group_saves_nothing() -> None:
    harvest = Harvest(FakeGitLab(groups=1, subgroups=0, projects=450), groups=["anchor"])

    harvest.run()

    assert harvest.count("project") == 450
    assert sum(harvest.avoided.values()) <= 0


def test_a_second_run_over_unchanged_projects_asks_the_same_lists_and_runs_no_git() -> None:
    fake = FakeGitLab(groups=2, subgroups=2, projects=3)
    harvest = Harvest(fake, groups=["anchor", "beacon"], clone=True, target="mirror")
    harvest.run()
    before, asked = dict(harvest.rows), len(fake.asked)
    fake.cloned.clear()

    harvest.run(LATER)

    assert fake.cloned == []
    assert len(fake.asked) == 2 * asked
    assert harvest.rows == before
    assert harvest.avoided["no activity since the repository was fetched"] == 17


def test_only_projects_with_activity_are_fetched_again() -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=3)
    harvest = Harvest(fake, groups=["anchor"], clone=True, target="mirror")
    harvest.run()
    fake.cloned.clear()
    fake.world.projects[2004].active += 1

    harvest.run(LATER)

    assert [job["project"] for job in fake.cloned] == [2004]


def test_activity_of_the_last_hour_before_a_fetch_is_not_trusted() -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=1)
    fake.world.projects[2001].active = int((STARTED - timedelta(minutes=30)).timestamp())
    harvest = Harvest(fake, groups=["anchor"], clone=True, target="mirror")
    harvest.run()
    fake.cloned.clear()

    harvest.run(LATER)
    again = len(fake.cloned)
    harvest.run(LATER + timedelta(days=1))

    assert (again, len(fake.cloned)) == (1, 1)


def test_a_renamed_group_moves_the_folders_of_its_projects() -> None:
    fake = FakeGitLab(groups=1, subgroups=1, projects=1)
    harvest = Harvest(fake, groups=[101], clone=True, target="mirror")
    harvest.run()
    old = {row["project_id"]: row["path"] for row in harvest.table("clone")}
    fake.cloned.clear()
    fake.world.rename(fake.world.groups[102], "renamed")

    harvest.run(LATER)

    assert [(job["project"], job["was"]) for job in fake.cloned] == [(2004, old[2004])]
    assert fake.cloned[0]["folder"].startswith("anchor/renamed/")


def test_what_is_deleted_is_marked_and_its_clone_stays() -> None:
    fake = FakeGitLab(groups=1, subgroups=2, projects=60)
    harvest = Harvest(fake, groups=["anchor"], clone=True, target="mirror")
    harvest.run()
    gone = sorted(fake.world.projects)[::30]
    for project_id in gone:
        del fake.world.projects[project_id]
    del fake.world.groups[103]

    harvest.run(LATER)

    assert [row["id"] for row in harvest.table("project") if row["gone"]] == gone
    assert [row["id"] for row in harvest.table("grp") if row["gone"]] == [103]
    assert [row["project_id"] for row in harvest.table("clone") if row["state"] == "gone"] == gone


def test_a_project_that_moved_out_of_the_tree_is_not_gone() -> None:
    fake = FakeGitLab(groups=2, subgroups=0, projects=3)
    harvest = Harvest(fake, groups=["anchor"], shared="none")
    harvest.run()
    fake.world.projects[2004].namespace = fake.world.groups[102]

    harvest.run(LATER)

    row = next(row for row in harvest.table("project") if row["id"] == 2004)
    assert (row["gone"], row["grp_id"]) == (0, 102)


def test_other_filters_make_nothing_gone() -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=20)
    harvest = Harvest(fake, groups=["anchor"])
    harvest.run()
    harvest.source = GitLab(GitLabOptions(base_url=API, groups=("anchor",), include=("*amber*",)))

    harvest.run(LATER)

    assert not any(row["gone"] for row in harvest.table("project"))


def test_one_walk_and_many_pages_at_once_give_the_same_rows() -> None:
    fake = FakeGitLab(groups=1, subgroups=5, projects=60)
    harvest = Harvest(fake, groups=["anchor"])
    harvest.run()
    first = dict(harvest.rows)

    harvest.run(LATER, full=True)

    assert harvest.rows == first


def test_an_interrupted_walk_is_gone_on_with() -> None:
    fake = FakeGitLab(groups=1, subgroups=5, projects=60)
    whole, broken = Harvest(fake, groups=["anchor"]), Harvest(fake, groups=["anchor"])
    whole.run()
    broken.begin()

    broken.land(3)
    broken.resume()
    broken.land()

    assert broken.rows == whole.rows


@pytest.mark.parametrize(("status", "state"), [(404, "missing"), (403, "denied"), (409, "diverged"), (422, "failed")])
def test_what_git_refuses_is_a_state_and_is_asked_once_more(status: int, state: str) -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=2)
    fake.git[2001] = status, state
    harvest = Harvest(fake, groups=["anchor"], clone=True, target="mirror")

    with pytest.raises(AssertionError, match=f"git 2001 again: {status} is not accepted"):
        harvest.run()

    states = {row["project_id"]: row["state"] for row in harvest.table("clone")}
    assert states == {2001: state, 2004: "ok"}
    lost = next(row for row in harvest.table("clone") if row["project_id"] == 2001)
    assert lost["note"] == f"it is {state}"
    assert f"git {fake.cloned[0]['folder']}: it is {state}; asked once more at the end" in harvest.notes


def test_with_fail_fast_the_first_failed_clone_stops_the_source() -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=2)
    fake.git[2001] = 502, "failed"
    harvest = Harvest(fake, groups=["anchor"], clone=True, target="mirror", fail_fast=True)

    with pytest.raises(SourceError, match=r"fail_fast, .*anchor/"):
        harvest.run()


def test_ssh_addresses_are_used_when_asked_for() -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=1)
    harvest = Harvest(fake, groups=["anchor"], clone=True, target="mirror", protocol="ssh", ssh_host="gitlab.test")

    harvest.run()

    assert fake.cloned[0]["ssh"].startswith("git@gitlab.test:anchor/")


def test_git_gets_a_path_below_the_instance_and_never_a_host() -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=1)
    harvest = Harvest(fake, groups=["anchor"], clone=True, target="mirror")

    harvest.run()

    request = next(each for each in harvest.sent if each.via == "git")
    project = fake.world.projects[2001]
    assert (request.url, request.resource) == (f"/{project.full_path}.git", "git")


def test_git_is_told_of_the_default_branch_and_whether_there_are_commits() -> None:
    fake = FakeGitLab(groups=1, subgroups=0, projects=1)
    options = {"update": "fetch", "submodules": True, "depth": 3}
    harvest = Harvest(fake, groups=["anchor"], clone=True, target="mirror", **options)

    harvest.run()

    assert fake.cloned == [
        {
            "project": 2001,
            "folder": fake.world.projects[2001].full_path,
            "was": "",
            "how": "fetch",
            "ssh": "",
            "branch": "main",
            "empty": 0,
            "submodules": True,
            "depth": 3,
            "fail_fast": False,
        }
    ]


def test_the_whole_of_gitlab_com_is_refused() -> None:
    with pytest.raises(UsageError, match="membership"):
        list(GitLab(GitLabOptions(instance=True)).seed(Memory(started=STARTED)))
    with pytest.raises(UsageError, match="groups"):
        list(GitLab(GitLabOptions()).seed(Memory(started=STARTED)))


def test_api_and_git_have_lanes_of_their_own() -> None:
    options = GitLabOptions(groups=("x",), clone=True, target="t", concurrency=7, git_concurrency=3, api_rate_limit=900)

    budgets = GitLab(options).budgets

    assert [(each.resource, each.requests, each.per, each.concurrency) for each in budgets] == [
        ("api", 400, 60.0, 7), ("api", 900, 3600.0, 7), ("git", None, 60.0, 3),
    ]  # fmt: skip
    assert budgets[-1].base_url == "https://gitlab.com"


@pytest.mark.parametrize(
    "wrong",
    [{"clone": True}, {"update": "mirror", "submodules": True}, {"include": ("re:(",)}],
)
def test_options_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"target|bare|regular expression"):
        GitLabOptions(**wrong)


def test_a_link_to_another_host_is_refused_and_with_rewriting_only_its_query_counts() -> None:
    link = '<http://10.0.0.1:8080/api/v4/other?page=2&per_page=100>; rel="next"'
    rows = [{"id": 1, "path_with_namespace": "a/b"}]
    refusing, rewriting = (
        GitLab(GitLabOptions(base_url=API, groups=("a",), rewrite_links=rewrite)) for rewrite in (False, True)
    )
    request = next(each for each in refusing.seed(Memory(started=STARTED)) if each.key == "projects a")

    refused = refusing.parse(request, respond(rows, link=link, url=f"{API}/groups/a/projects"), Memory(started=STARTED))
    followed = rewriting.parse(request, respond(rows, link=link, url=f"{API}/x"), Memory(started=STARTED))

    assert (list(refused.more), "leaves" in refused.note) == ([], True)
    assert [each.url for each in followed.more] == [f"{API}/groups/a/projects?page=2&per_page=100"]


def test_a_page_without_a_single_id_is_no_answer_and_one_object_without_costs_itself() -> None:
    source, memory = GitLab(GitLabOptions(groups=("a",))), Memory(started=STARTED)
    request = next(each for each in source.seed(memory) if each.key == "projects a")

    page = source.parse(request, respond([{"id": None}, {"id": 5}]), memory)

    assert [record.data["id"] for record in page.records] == [5]
    assert "1 of 2 objects" in page.note
    with pytest.raises(BadBody):
        source.parse(request, respond([{"id": "x"}]), memory)


def test_a_group_that_is_not_there_is_not_taken_for_gone() -> None:
    source = GitLab(GitLabOptions(groups=("a",)))
    request = next(iter(source.seed(Memory(started=STARTED))))

    assert not source.accepts(request, respond({"message": "404 Group Not Found"}, 404))
    assert not source.accepts(Request(key="x", url="/x"), respond({}, 500))


@pytest.mark.parametrize("page", ["sources.md", "configuration.md"])
def test_every_option_is_documented(page: str) -> None:
    text = (Path(__file__).parents[3] / "docs" / page).read_text(encoding="utf-8")

    missing = [name for name in GitLabOptions.__struct_encode_fields__ if f"`{name}`" not in text]
    assert missing == []
