"""git against real repositories over smart HTTP on loopback: the right state, no prompt, no secret in sight."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.common.errors import ConnectFailed, DeadlineExceeded, UsageError
from engine.common.secret import Secret
from engine.model.source import Request, Response
from engine.transport.git.checkout import WORKSHOP
from engine.transport.git.transport import GitTransport
from simulator.apis.gitlab import GitLabApi
from simulator.config import SimulatorConfig, quiet
from simulator.testing import Running, running

TOKEN = "glpat-hunter2"
MakeGit = Callable[..., GitTransport]


def _config() -> SimulatorConfig:
    config = quiet(apis=["gitlab"])
    return config.with_api(replace(config.api("gitlab"), token=TOKEN))


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(_config()) as simulator:
        yield simulator


@pytest.fixture
async def make(server: Running, tmp_path: Path) -> AsyncIterator[MakeGit]:
    made: list[GitTransport] = []

    def transport(**options: Any) -> GitTransport:
        settings: dict[str, Any] = {
            "base_url": f"{server.url}/gitlab",
            "root": tmp_path / "mirror",
            "secret": Secret(TOKEN),
            "timeout": 60.0,
            "environ": {**os.environ, "GIT_TRACE_CURL": "1", "GIT_DIR": "/nowhere"},
            **options,
        }
        made.append(GitTransport(**settings))
        return made[-1]

    yield transport
    for each in made:
        await each.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "mirror"


def _path(server: Running, name: str) -> str:
    """Find a project: an odd one by its name, a plain one by "plain"."""

    def find(api: GitLabApi) -> str:
        projects = list(api.world.projects.values())
        found = [one for one in projects if one.path == name] or projects[6:7]
        return found[0].full_path

    return server.within("gitlab", find)


def _ask(server: Running, name: str, **job: Any) -> Request:
    path = _path(server, name)
    said = {"project": 7, "folder": path, "branch": "main", **job}
    return Request(key=f"git {name}", url=f"/{path}.git", via="git", resource="git", json=said)


async def _send(transport: GitTransport, request: Request) -> tuple[Response, dict[str, Any]]:
    response = await transport.send(request, {})
    return response, msgspec.json.decode(response.body)


def _git(folder: Path, *arguments: str) -> str:
    asked = ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@example.com", *arguments]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def _change(server: Running, name: str, do: Callable[[GitLabApi, Any], object]) -> None:
    path = _path(server, name)
    server.within("gitlab", lambda api: do(api, api.world.find_project(path)))


def _head(server: Running, name: str) -> str:
    path = _path(server, name)
    return server.within("gitlab", lambda api: str(api.repositories.head(api.world.find_project(path))))


async def test_a_repository_is_cloned_to_its_folder(server: Running, make: MakeGit, root: Path) -> None:
    request = _ask(server, "plain")

    response, said = await _send(make(), request)

    assert (response.status, said["state"], said["did"], said["branch"]) == (200, "ok", "cloned", "main")
    assert said["head"] == _head(server, "plain") == _git(root / said["path"], "rev-parse", "HEAD")
    assert said["bytes"] > 0
    assert (root / said["path"] / "README.md").is_file()
    assert not any((root / WORKSHOP).iterdir())


async def test_a_second_time_nothing_changes_and_new_commits_arrive(server: Running, make: MakeGit, root: Path) -> None:
    transport, request = make(), _ask(server, "plain")
    await _send(transport, request)

    _, unchanged = await _send(transport, request)
    _change(server, "plain", lambda _, project: setattr(project, "commits", project.commits + 1))
    _, updated = await _send(transport, request)

    assert (unchanged["did"], updated["did"]) == ("unchanged", "updated")
    assert updated["head"] == _head(server, "plain") != unchanged["head"]


async def test_a_fetch_leaves_the_files_alone(server: Running, make: MakeGit, root: Path) -> None:
    transport, request = make(), _ask(server, "plain", how="fetch")
    _, first = await _send(transport, request)
    _change(server, "plain", lambda _, project: setattr(project, "commits", project.commits + 1))

    _, second = await _send(transport, request)

    assert (second["did"], second["head"]) == ("updated", first["head"])
    assert _git(root / first["path"], "rev-parse", "origin/main") == _head(server, "plain")


async def test_an_empty_repository_is_empty_and_fills_later(server: Running, make: MakeGit) -> None:
    transport, request = make(), _ask(server, "empty", empty=True)

    response, empty = await _send(transport, request)
    _change(server, "empty", lambda _, project: setattr(project, "commits", 2))
    _, filled = await _send(transport, request)
    _change(server, "empty", _empty)

    assert (response.status, empty["state"], empty["head"]) == (200, "empty", "")
    assert (filled["state"], filled["did"], filled["branch"]) == ("ok", "updated", "main")


async def test_an_empty_clone_of_what_the_api_calls_full_is_refused(server: Running, make: MakeGit, root: Path) -> None:
    request = _ask(server, "empty", empty=False)

    response, said = await _send(make(), request)

    assert (response.status, said["state"]) == (422, "failed")
    assert "no commits" in said["message"]
    assert not (root / request.json["folder"]).exists()


async def test_a_missing_repository_is_missing(server: Running, make: MakeGit, root: Path) -> None:
    request = _ask(server, "missing")

    response, said = await _send(make(), request)

    assert (response.status, said["state"]) == (404, "missing")
    assert not (root / request.json["folder"]).exists()


async def test_a_rewritten_history_is_followed(server: Running, make: MakeGit, root: Path) -> None:
    transport, request = make(), _ask(server, "archived")
    _, before = await _send(transport, request)
    _change(server, "archived", lambda api, project: api.repositories.rewrite(project))

    response, after = await _send(transport, request)

    assert (response.status, after["state"], after["did"]) == (200, "ok", "reset")
    assert after["head"] == _head(server, "archived") != before["head"]
    assert "version 1" in (root / after["path"] / "README.md").read_text()


async def test_commits_of_ones_own_survive_a_rewritten_history(server: Running, make: MakeGit, root: Path) -> None:
    transport, request = make(), _ask(server, "archived")
    _, before = await _send(transport, request)
    folder = root / before["path"]
    _git(folder, "commit", "--quiet", "--allow-empty", "-m", "mine")
    mine = _git(folder, "rev-parse", "HEAD")
    _change(server, "archived", lambda api, project: api.repositories.rewrite(project))

    response, said = await _send(transport, request)

    assert (response.status, said["state"]) == (409, "diverged")
    assert _git(folder, "rev-parse", "HEAD") == mine


async def test_changed_files_survive_a_rewritten_history(server: Running, make: MakeGit, root: Path) -> None:
    transport, request = make(), _ask(server, "archived")
    _, before = await _send(transport, request)
    (root / before["path"] / "README.md").write_text("mine")
    _change(server, "archived", lambda api, project: api.repositories.rewrite(project))

    response, said = await _send(transport, request)

    assert (response.status, said["state"]) == (409, "diverged")
    assert (root / before["path"] / "README.md").read_text() == "mine"


async def test_changed_files_survive_new_commits(server: Running, make: MakeGit, root: Path) -> None:
    transport, request = make(), _ask(server, "archived")
    _, before = await _send(transport, request)
    (root / before["path"] / "README.md").write_text("mine")
    _change(server, "archived", lambda _, project: setattr(project, "commits", project.commits + 1))

    response, said = await _send(transport, request)

    assert (response.status, said["state"]) == (409, "diverged")
    assert (root / before["path"] / "README.md").read_text() == "mine"


async def test_a_renamed_default_branch_is_gone_over_to(server: Running, make: MakeGit) -> None:
    transport = make()
    await _send(transport, _ask(server, "archived"))
    _change(server, "archived", lambda api, project: _git(api.repositories.place(project), "branch", "-m", "trunk"))

    _, said = await _send(transport, _ask(server, "archived", branch="trunk"))
    _change(server, "archived", lambda api, project: api.repositories.forget(project))

    assert (said["did"], said["branch"]) == ("updated", "trunk")


@pytest.mark.parametrize("secret", [None, Secret("wrong")])
async def test_a_private_repository_without_its_token_is_denied_and_nobody_is_asked(
    server: Running, make: MakeGit, secret: Secret | None
) -> None:
    response, said = await _send(make(secret=secret), _ask(server, "private"))

    assert (response.status, said["state"]) == (403, "denied")
    assert "wrong" not in said["message"]


async def test_a_private_repository_is_cloned_with_the_token_in_the_first_request(
    server: Running, make: MakeGit, root: Path
) -> None:
    server.within("gitlab", lambda api: api.credentials_seen.clear())

    response, said = await _send(make(), _ask(server, "private"))

    seen = server.within("gitlab", lambda api: list(api.credentials_seen))
    assert (response.status, said["state"]) == (200, "ok")
    assert seen
    assert all(each.startswith("Basic ") for each in seen)


async def test_the_token_is_in_no_file_of_the_clone(server: Running, make: MakeGit, root: Path) -> None:
    _, said = await _send(make(), _ask(server, "private"))

    encoded = b"b2F1dGgyOmdscGF0LWh1bnRlcjI="
    files = [path for path in (root / said["path"]).rglob("*") if path.is_file()]
    assert files
    assert not any(TOKEN.encode() in path.read_bytes() or encoded in path.read_bytes() for path in files)
    remote = _git(root / said["path"], "config", "remote.origin.url")
    assert "@" not in remote
    assert TOKEN not in remote


async def test_the_token_is_in_no_argument_and_little_of_the_environment_passes(
    server: Running, make: MakeGit, tmp_path: Path
) -> None:
    tools = _telling(tmp_path)
    environ = {"PATH": f"{tools}:{os.environ['PATH']}", "GIT_TRACE": "1", "GITLAB_TOKEN": TOKEN, "EDITOR": "vi"}

    response, _ = await _send(make(environ=environ), _ask(server, "private"))

    said, names = (tmp_path / "calls").read_text(), set((tmp_path / "calls.env").read_text().split())
    assert response.status == 200
    assert "clone" in said
    assert TOKEN not in said
    assert "b2F1dGgy" not in said
    assert {"GIT_TERMINAL_PROMPT", "GIT_ASKPASS"} <= names
    assert not {"GIT_TRACE", "GITLAB_TOKEN", "EDITOR"} & names


async def test_the_token_goes_to_no_other_origin(server: Running, make: MakeGit, tmp_path: Path) -> None:
    with running(_config()) as other:
        submodule = f"{other.url}/gitlab/{_path(other, 'private')}.git"
        _, said = await _send(make(), _ask(server, "plain"))
        folder = tmp_path / "mirror" / said["path"]
        (folder / ".gitmodules").write_text(f'[submodule "x"]\n\tpath = x\n\turl = {submodule}\n')
        _git(folder, "add", ".gitmodules")
        _git(folder, "update-index", "--add", "--cacheinfo", f"160000,{said['head']},x")

        response, refused = await _send(make(), _ask(server, "plain", submodules=True, how="fetch"))

        seen = other.within("gitlab", lambda api: list(api.credentials_seen))
        assert set(seen) == {""}
        assert (response.status, refused["state"]) == (403, "denied")


async def test_a_mirror_is_bare_and_follows_everything(server: Running, make: MakeGit, root: Path) -> None:
    transport, request = make(), _ask(server, "archived", how="mirror", folder="a/archived.git")
    await _send(transport, request)
    _change(server, "archived", lambda api, project: api.repositories.rewrite(project))

    _, said = await _send(transport, request)

    assert (said["state"], said["did"], said["head"]) == ("ok", "updated", _head(server, "archived"))
    assert (root / "a/archived.git/HEAD").is_file()


async def test_a_shallow_clone_has_as_many_commits_as_asked_for(server: Running, make: MakeGit, root: Path) -> None:
    _change(server, "plain", lambda _, project: setattr(project, "commits", 5))

    _, said = await _send(make(), _ask(server, "plain", depth=2))

    assert _git(root / said["path"], "rev-list", "--count", "HEAD") == "2"


async def test_a_huge_repository_is_whole(server: Running, make: MakeGit, root: Path) -> None:
    response, said = await _send(make(), _ask(server, "huge"))

    assert (response.status, said["state"]) == (200, "ok")
    assert (root / said["path"] / "huge.bin").stat().st_size == 2 * 2**20
    assert said["bytes"] > 2 * 2**20
    _git(root / said["path"], "fsck", "--strict")


async def test_a_renamed_project_is_moved_with_what_is_in_its_folder(
    server: Running, make: MakeGit, root: Path
) -> None:
    transport = make()
    _, before = await _send(transport, _ask(server, "plain", folder="old/group/name"))
    (root / "old/group/name/notes.txt").write_text("mine")

    _, after = await _send(transport, _ask(server, "plain", folder="new/name", was="old/group/name"))

    assert (after["did"], after["head"]) == ("moved", before["head"])
    assert (root / "new/name/notes.txt").read_text() == "mine"
    assert not (root / "old").exists()


async def test_the_clone_of_another_project_is_not_moved(server: Running, make: MakeGit, root: Path) -> None:
    transport = make()
    await _send(transport, _ask(server, "plain", folder="old", project=8))

    _, said = await _send(transport, _ask(server, "plain", folder="new", was="old"))

    assert said["did"] == "cloned"
    assert (root / "old").is_dir()


async def test_a_folder_that_is_somebody_elses_is_left_alone(server: Running, make: MakeGit, root: Path) -> None:
    (root / "taken").mkdir(parents=True)
    (root / "taken/thesis.txt").write_text("mine")

    response, said = await _send(make(), _ask(server, "plain", folder="taken"))

    assert (response.status, said["state"]) == (409, "taken")
    assert [path.name for path in (root / "taken").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("folder", ["../out", "/etc/x", "a/../../out", "a//b", "a\0b", "x" * 300, ".", "a\\..\\b"])
async def test_no_folder_leads_out_of_the_target(server: Running, make: MakeGit, tmp_path: Path, folder: str) -> None:
    response, said = await _send(make(), _ask(server, "plain", folder=folder))

    assert (response.status, said["state"]) == (409, "taken")
    assert not (tmp_path / "out").exists()


async def test_no_link_leads_out_of_the_target(server: Running, make: MakeGit, root: Path, tmp_path: Path) -> None:
    _link(root, tmp_path / "elsewhere")

    response, said = await _send(make(), _ask(server, "plain", folder="group/name"))

    assert (response.status, said["state"]) == (409, "taken")
    assert not any((tmp_path / "elsewhere").iterdir())


async def test_no_clone_lies_inside_another(server: Running, make: MakeGit) -> None:
    transport = make()
    await _send(transport, _ask(server, "plain", folder="group"))

    response, said = await _send(transport, _ask(server, "huge", folder="group/.git/x", project=8))

    assert (response.status, said["state"]) == (409, "taken")


async def test_two_projects_whose_names_are_one_folder_do_not_share_it(
    server: Running, make: MakeGit, root: Path
) -> None:
    """So it is for "Group/Repo" and "group/repo" where the file system does not tell them apart."""
    transport = make()
    one, other = _ask(server, "plain", folder="a/b"), _ask(server, "huge", folder="a/b", project=8)

    at_once = await asyncio.gather(_send(transport, one), _send(transport, other))
    later = [await _send(transport, each) for each in (one, other)]

    assert sorted(response.status for response, _ in at_once) == [200, 409]
    assert [response.status for response, _ in later] == [response.status for response, _ in at_once]
    (refused,) = [said["message"] for response, said in at_once if response.status == 409]
    assert "a/b is there already" in refused


async def test_hooks_and_templates_do_not_run(server: Running, make: MakeGit, root: Path, tmp_path: Path) -> None:
    transport, request = make(), _ask(server, "plain")
    _, said = await _send(transport, request)
    hook = root / said["path"] / ".git/hooks/post-merge"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    hook.chmod(0o755)
    _change(server, "plain", lambda _, project: setattr(project, "commits", project.commits + 1))

    _, updated = await _send(transport, request)

    assert updated["did"] == "updated"
    assert not (tmp_path / "ran").exists()


async def test_only_the_allowed_protocols_are_spoken(
    server: Running, make: MakeGit, root: Path, tmp_path: Path
) -> None:
    transport = make()
    _, said = await _send(transport, _ask(server, "plain", how="fetch"))
    folder = root / said["path"]
    (folder / ".gitmodules").write_text(f'[submodule "x"]\n\tpath = x\n\turl = ext::touch {tmp_path / "ran"}\n')
    _git(folder, "add", ".gitmodules")
    _git(folder, "update-index", "--add", "--cacheinfo", f"160000,{said['head']},x")

    response, refused = await _send(transport, _ask(server, "plain", how="fetch", submodules=True))

    assert (response.status, refused["state"]) == (422, "failed")
    assert not (tmp_path / "ran").exists()


async def test_nobody_listening_is_a_failed_connection(server: Running, make: MakeGit) -> None:
    transport = make(base_url="http://127.0.0.1:1")

    with pytest.raises(ConnectFailed):
        await transport.send(_ask(server, "plain"), {})


async def test_with_fail_fast_a_failed_connection_is_an_answer(server: Running, make: MakeGit) -> None:
    response, said = await _send(make(base_url="http://127.0.0.1:1"), _ask(server, "plain", fail_fast=True))

    assert (response.status, said["state"]) == (502, "failed")


async def test_a_git_that_hangs_is_killed_with_all_it_started(server: Running, make: MakeGit, tmp_path: Path) -> None:
    transport = make(environ=_hanging(tmp_path), timeout=0.5)

    with pytest.raises(DeadlineExceeded, match=r"0\.5 s"):
        await transport.send(_ask(server, "plain"), {})

    assert _left(tmp_path) == []


async def test_a_cancelled_clone_is_killed_as_well(server: Running, make: MakeGit, tmp_path: Path) -> None:
    transport = make(environ=_hanging(tmp_path))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await transport.send(_ask(server, "plain"), {})

    assert _left(tmp_path) == []


def test_without_git_it_says_so(make: MakeGit) -> None:
    with pytest.raises(UsageError, match="install git"):
        make(environ={"PATH": "/nowhere"})


def _empty(api: GitLabApi, project: Any) -> None:
    project.commits = 0
    api.repositories.forget(project)


def _telling(folder: Path) -> Path:
    """Make a git that writes down its arguments and the names of its environment; return where it is."""
    tools, log = folder / "bin", folder / "calls"
    tools.mkdir()
    script = f'#!/bin/sh\necho "$@" >> {log}\nenv | cut -d= -f1 >> {log}.env\nexec {shutil.which("git")} "$@"\n'
    (tools / "git").write_text(script)
    (tools / "git").chmod(0o755)
    return tools


def _link(root: Path, elsewhere: Path) -> None:
    """Put a link "group" that leads elsewhere into the target folder."""
    elsewhere.mkdir()
    root.mkdir()
    (root / "group").symlink_to(elsewhere)


def _hanging(folder: Path) -> dict[str, str]:
    """Make a git that starts another process and never ends."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "git").write_text(f"#!/bin/sh\nsleep 600 &\necho $! $$ >> {folder / 'pids'}\nwait\n")
    (tools / "git").chmod(0o755)
    return {"PATH": f"{tools}:{os.environ['PATH']}"}


def _left(folder: Path) -> list[int]:
    pids = [int(pid) for pid in (folder / "pids").read_text().split()]
    assert len(pids) == 2
    return [pid for pid in pids if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
