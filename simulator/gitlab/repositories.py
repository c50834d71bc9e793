"""Real git repositories over smart HTTP: created on first use, served by `git http-backend`.

https://git-scm.com/docs/git-http-backend
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
import weakref
from pathlib import Path

from simulator.common.api import Call
from simulator.common.page import Header, Page
from simulator.data.chance import mix
from simulator.gitlab.records import Project

_SAFE = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
_MIB = 2**20


class Repositories:
    """A folder of bare repositories. It is removed when this object is garbage-collected."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._rewritten: dict[int, int] = {}
        self._made: dict[int, tuple[int, int]] = {}

    def rewrite(self, project: Project) -> None:
        """Replace the history of a project, as a force push does."""
        self._rewritten[project.id] = self._rewritten.get(project.id, 0) + 1

    def forget(self, project: Project) -> None:
        """Delete a repository; it is created again on its next use."""
        if self._made.pop(project.id, None) and self._folder:
            shutil.rmtree(self._folder / f"{project.id}.git")

    def head(self, project: Project) -> str:
        """Return the commit of the branch `main`."""
        place = self.place(project)
        asked = ["git", f"--git-dir={place}", "rev-parse", "main"]
        return subprocess.run(asked, env=_environment(), capture_output=True, check=True, text=True).stdout.strip()  # noqa: S603 - no word of it comes from outside

    def place(self, project: Project) -> Path:
        """Return the folder of a project's repository, up to date."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="simulator-git-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        place = self._folder / f"{project.id}.git"
        version = (project.commits, self._rewritten.get(project.id, 0))
        if self._made.get(project.id) != version:
            self._make(place, project, version[1])
            self._made[project.id] = version
        return place

    async def serve(self, call: Call, project: Project, rest: str) -> Page:
        """Serve one request of the smart protocol. `rest` is the path behind the repository's."""
        place = self.place(project)
        process = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            env=_environment() | _gateway(call, place, rest),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        out, _ = await process.communicate(call.body)
        return _read(out)

    def _make(self, place: Path, project: Project, rewritten: int) -> None:
        if not place.exists():
            _git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(place))
        if project.commits:
            _git(f"--git-dir={place}", "fast-import", "--quiet", "--force", fed=_history(project, rewritten))


def _git(*arguments: str, fed: bytes = b"") -> None:
    subprocess.run(["git", *arguments], input=fed, env=_environment(), check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607 - likewise


def _history(project: Project, rewritten: int) -> bytes:
    """Write commits in the format of git fast-import. The same project always gets the same commits."""
    lines = [b"reset refs/heads/main"]
    for nth in range(project.commits):
        when = project.created + 3600 * nth
        said = b"Commit %d, version %d" % (nth, rewritten)
        lines += [
            b"commit refs/heads/main",
            b"author Ada <ada@example.com> %d +0000" % when,
            b"committer Ada <ada@example.com> %d +0000" % when,
            b"data %d" % len(said),
            said,
            *_file(b"README.md", b"%s\n%s\n" % (project.path.encode(), said)),
        ]
        if nth == 0 and project.megabytes:
            lines += _file(b"huge.bin", _noise(project))
    return b"\n".join([*lines, b""])


def _file(name: bytes, content: bytes) -> list[bytes]:
    return [b"M 100644 inline " + name, b"data %d" % len(content), content]


def _noise(project: Project) -> bytes:
    words = project.megabytes * _MIB // 8
    return b"".join(mix(project.id, each).to_bytes(8, "big") for each in range(words))


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": os.devnull, **_SAFE}


def _gateway(call: Call, place: Path, rest: str) -> dict[str, str]:
    """Return the CGI variables of a request (RFC 3875)."""
    told = {
        "GIT_PROJECT_ROOT": str(place.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{place.name}{rest}",
        "QUERY_STRING": call.query,
        "REQUEST_METHOD": call.method,
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(call.body)),
    }
    for header, name in ((b"content-type", "CONTENT_TYPE"), (b"content-encoding", "HTTP_CONTENT_ENCODING")):
        if header in call.headers:
            told[name] = call.headers[header].decode("latin-1")
    if b"git-protocol" in call.headers:
        told["GIT_PROTOCOL"] = call.headers[b"git-protocol"].decode("latin-1")
    return told


def _read(out: bytes) -> Page:
    head, _, body = out.partition(b"\r\n\r\n")
    status, kind = 200, b"text/plain"
    headers: list[Header] = []
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b": ")
        if name.lower() == b"status":
            status = int(value.split()[0])
        elif name.lower() == b"content-type":
            kind = value
        elif name:
            headers.append((name.lower(), value))
    return Page(status, body, kind=kind, headers=tuple(headers), cacheable=False)
