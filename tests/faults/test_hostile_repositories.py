"""Repositories that were made to run something, or to write elsewhere, cloned and updated with real git."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from engine.model.source import Request
from engine.transport.git.transport import GitTransport

_COMMIT: Final = "A <a@example.com> 1700000000 +0000"
_EXECUTABLE, _LINK, _FOLDER, _FILE = "100755", "120000", "40000", "100644"
Tree = list[tuple[str, str, str]]
"""Entries of a folder: mode, name, and the object. Not sorted and not checked, as git's own commands would."""


class Forge:
    """A bare repository that is written object by object, so that git's own checks do not stand in the way."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._git("init", "--quiet", "--bare", "--initial-branch=main", str(place), inside=False)

    def blob(self, text: str) -> str:
        return self._object("blob", text.encode())

    def tree(self, entries: Tree) -> str:
        return self._object("tree", b"".join(f"{m} {n}\0".encode() + bytes.fromhex(o) for m, n, o in entries))

    def commit(self, tree: str, *parents: str) -> str:
        return self.commit_as(tree, _COMMIT, *parents)

    def commit_as(self, tree: str, who: str, *parents: str) -> str:
        lines = [f"tree {tree}", *(f"parent {one}" for one in parents), f"author {who}", f"committer {who}"]
        made = self._object("commit", ("\n".join([*lines, "", "a commit", ""])).encode())
        self._git("update-ref", "refs/heads/main", made)
        return made

    def publish(self, files: Mapping[str, str], **others: tuple[str, str]) -> str:
        """Commit files by name, and other entries by name with mode and object."""
        entries = [(_FILE, name, self.blob(text)) for name, text in files.items()]
        entries += [(mode, name, sha) for name, (mode, sha) in others.items()]
        return self.commit(self.tree(sorted(entries, key=lambda entry: entry[1])))

    def _object(self, kind: str, data: bytes) -> str:
        return self._git("hash-object", "-t", kind, "-w", "--stdin", "--literally", data=data)

    def _git(self, *arguments: str, data: bytes = b"", inside: bool = True) -> str:
        where = ["--git-dir", str(self.place)] if inside else []
        ended = subprocess.run(["git", *where, *arguments], input=data, check=True, capture_output=True)
        return ended.stdout.decode().strip()


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path / "upstream.git")


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves `ran` behind; it is also where every hook, filter and helper of these tests points."""
    script = tmp_path / "trap"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {tmp_path / "ran"}\nexec cat\n')
    script.chmod(0o755)
    return script


@pytest.fixture
def ran(tmp_path: Path) -> Callable[[], str]:
    return lambda: (tmp_path / "ran").read_text() if (tmp_path / "ran").exists() else ""


@pytest.fixture
async def git(tmp_path: Path) -> AsyncIterator[GitTransport]:
    transport = GitTransport(
        base_url="http://127.0.0.1:1",
        root=tmp_path / "mirror",
        secret=None,
        timeout=120.0,
        environ={**os.environ, "HOME": str(tmp_path / "home"), "GIT_TEMPLATE_DIR": str(tmp_path / "template")},
        allow_file=True,
    )
    yield transport
    await transport.close()


async def fetch(git: GitTransport, forge: Forge, **job: Any) -> tuple[int, dict[str, Any]]:
    said = {"project": 7, "folder": "group/name", "branch": "main", **job}
    response = await git.send(Request(key="git 7", url=forge.place.as_uri(), via="git", resource="git", json=said), {})
    return response.status, msgspec.json.decode(response.body)


def hooks(forge: Forge, trap: Path) -> str:
    """A folder that holds a hook for whatever git may do."""
    hook = forge.blob(trap.read_text())
    names = ["post-checkout", "post-merge", "pre-auto-gc", "reference-transaction", "post-index-change"]
    return forge.tree([(_EXECUTABLE, name, hook) for name in sorted(names)])


def named_out(folder: Path) -> list[Path]:
    return [*folder.rglob("*out"), *Path("/etc").glob("fetchdeck-out")]


NAMES_OF_GIT = [".git", ".GIT", ".Git", "git~1", "GIT~1", ".g\u200cit", ".git ", ".git.", ".git::$INDEX_ALLOCATION"]


@pytest.mark.parametrize("how", ["pull", "mirror"])
@pytest.mark.parametrize("name", NAMES_OF_GIT)
async def test_a_folder_with_the_name_of_gits_own_is_refused(
    git: GitTransport, forge: Forge, trap: Path, ran: Callable[[], str], tmp_path: Path, name: str, how: str
) -> None:
    forge.commit(forge.tree([(_FOLDER, name, forge.tree([(_FOLDER, "hooks", hooks(forge, trap))]))]))

    status, said = await fetch(git, forge, how=how)

    assert (status, said["state"], ran()) == (422, "failed", "")
    assert not (tmp_path / "mirror/group").exists()


@pytest.mark.parametrize("name", ["..", ".", "a/../../../out", "/etc/fetchdeck-out", "a/b"])
async def test_a_name_that_leads_elsewhere_is_refused(
    git: GitTransport, forge: Forge, tmp_path: Path, name: str
) -> None:
    forge.commit(forge.tree([(_FILE, name, forge.blob("out"))]))

    status, said = await fetch(git, forge)

    assert (status, said["state"]) == (422, "failed")
    assert not named_out(tmp_path)


async def test_nothing_is_written_through_a_link_of_the_repository(
    git: GitTransport, forge: Forge, trap: Path, ran: Callable[[], str], tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    inner = hooks(forge, trap)
    twice: Tree = [(_LINK, "a", forge.blob(".git/hooks")), (_FOLDER, "a", inner)]
    out: Tree = [(_LINK, "b", forge.blob(str(tmp_path / "outside"))), (_FOLDER, "b", inner)]
    forge.commit(forge.tree(twice + out))

    status, said = await fetch(git, forge)

    assert (status, said["state"], ran()) == (422, "failed", "")
    assert not any((tmp_path / "outside").iterdir())


@pytest.mark.parametrize("how", ["pull", "mirror"])
async def test_a_repository_with_the_flaws_of_old_programs_is_cloned(git: GitTransport, forge: Forge, how: str) -> None:
    folder = forge.tree([(_FILE, "f", forge.blob("1"))])
    tree = forge.tree([("040000", "a", folder)])  # with the zero in front that some programs wrote
    forge.commit_as(tree, "A<a@@> 99999999999999999999 +70000")

    status, said = await fetch(git, forge, how=how)

    assert (status, said["state"]) == (200, "ok")


async def test_a_folder_that_becomes_a_link_and_a_folder_again_leads_nowhere(
    git: GitTransport, forge: Forge, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    folder = forge.tree([(_FILE, "f", forge.blob("1"))])
    link = forge.blob(str(tmp_path / "outside"))
    first = forge.commit(forge.tree([(_FOLDER, "a", folder)]))
    await fetch(git, forge)
    second = forge.commit(forge.tree([(_LINK, "a", link)]), first)
    await fetch(git, forge)
    forge.commit(forge.tree([(_FOLDER, "a", forge.tree([(_FILE, "f", forge.blob("2"))]))]), second)

    status, said = await fetch(git, forge)

    assert (status, said["did"]) == (200, "updated")
    assert (tmp_path / "mirror/group/name/a/f").read_text() == "2"
    assert not any((tmp_path / "outside").iterdir())


@pytest.mark.parametrize(
    "lines",
    [
        "path = x\n\turl = ext::{trap} x",
        "path = x\n\turl = -u{trap}",
        "path = x\n\turl = --upload-pack={trap}",
        "path = x\n\turl = ssh://-oProxyCommand={trap}/x",
        "path = x\n\turl = {upstream}\n\tupdate = !{trap}",
        "path = .git/hooks\n\turl = {upstream}",
        "path = ../../out\n\turl = {upstream}",
        "path = link/x\n\turl = {upstream}",
    ],
)
async def test_no_submodule_runs_or_writes_anything_elsewhere(
    git: GitTransport, forge: Forge, trap: Path, ran: Callable[[], str], tmp_path: Path, lines: str
) -> None:
    (tmp_path / "outside").mkdir()
    commit = forge.publish({"README": "x"})
    modules = '[submodule "../../x"]\n\t' + lines.format(trap=trap, upstream=forge.place.as_uri()) + "\n"
    modules += modules.replace('"../../x"', '"x"')
    forge.publish(
        {".gitmodules": modules},
        x=("160000", commit),
        link=(_LINK, forge.blob(str(tmp_path / "outside"))),
    )

    for _ in range(2):
        status, said = await fetch(git, forge, submodules=True)

    assert (status, said["state"], ran()) == (422, "failed", "")
    assert not any((tmp_path / "outside").iterdir())
    assert not (tmp_path / "mirror/out").exists()
    assert not (tmp_path / "out").exists()


async def test_submodules_are_not_fetched_without_being_asked_for(
    git: GitTransport, forge: Forge, trap: Path, ran: Callable[[], str], tmp_path: Path
) -> None:
    commit = forge.publish({"README": "x"})
    forge.publish(
        {".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = {forge.place.as_uri()}\n'}, x=("160000", commit)
    )

    for _ in range(2):
        status, said = await fetch(git, forge)

    assert (status, said["state"], ran()) == (200, "ok", "")
    assert not any((tmp_path / "mirror/group/name/x").iterdir())


async def test_no_filter_hook_template_or_helper_runs_that_a_repository_names(
    git: GitTransport, forge: Forge, trap: Path, ran: Callable[[], str], tmp_path: Path
) -> None:
    config = (
        f'[filter "evil"]\n\tsmudge = {trap}\n\tclean = {trap}\n\tprocess = {trap}\n'
        f"[core]\n\thooksPath = hooks\n\tfsmonitor = {trap}\n\tsshCommand = {trap}\n\tgitProxy = {trap}\n"
        f'\tattributesFile = {tmp_path}/attributes\n[merge "evil"]\n\tdriver = {trap}\n'
        f"[init]\n\ttemplateDir = {tmp_path}/template\n[credential]\n\thelper = {trap}\n"
    )
    # As if a program had put it where git of this user looks: the home folder and a template.
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.gitconfig").write_text(config)
    (tmp_path / "attributes").write_text("* filter=evil\n")
    (tmp_path / "template/hooks").mkdir(parents=True)
    for name in ("post-checkout", "reference-transaction", "post-merge"):
        shutil.copy(trap, tmp_path / "template/hooks" / name)
    files = {".gitattributes": "* filter=evil merge=evil\n", ".gitconfig": config, "config": config, "f": "1"}
    first = forge.publish(files, hooks=(_FOLDER, hooks(forge, trap)))
    _, cloned = await fetch(git, forge)
    forge.commit(
        forge.tree([(_FILE, ".gitattributes", forge.blob("* filter=evil")), (_FILE, "f", forge.blob("2"))]), first
    )

    status, said = await fetch(git, forge)

    assert (cloned["did"], status, said["did"], ran()) == ("cloned", 200, "updated", "")
    assert (tmp_path / "mirror/group/name/f").read_text() == "2"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's folder")
async def test_a_clone_that_another_user_put_there_is_not_touched_and_runs_nothing(
    git: GitTransport, forge: Forge, trap: Path, ran: Callable[[], str], tmp_path: Path
) -> None:
    first = forge.publish({"f": "1"})
    await fetch(git, forge)
    store = tmp_path / "mirror/group/name/.git"
    with (store / "config").open("a") as config:
        config.write(f'[filter "evil"]\n\tsmudge = {trap}\n')
    (store / "info").mkdir(exist_ok=True)
    (store / "info/attributes").write_text("* filter=evil\n")
    for each in (store.parent, *store.parent.rglob("*")):
        os.lchown(each, 65534, 65534)
    forge.commit(forge.tree([(_FILE, "f", forge.blob("2"))]), first)

    status, said = await fetch(git, forge)

    assert (status, said["state"], ran()) == (409, "taken", "")
    assert "belongs to another user" in said["message"]
    assert (store.parent / "f").read_text() == "1"
