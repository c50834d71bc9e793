"""The job of a request to git, read from its body and checked. Pure."""

import re
from typing import Annotated, Final, Literal

import msgspec

from engine.common.errors import BadBody
from engine.common.text import clean
from engine.model.source import Request

SSH: Final = re.compile(r"(ssh://)?([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5}/|:|/)[!-~]+")
BRANCH: Final = re.compile(r"[A-Za-z0-9_][^\x00-\x20\x7f~^:?*\[\\]*\Z")


class GitJob(msgspec.Struct, frozen=True, kw_only=True):
    """One repository to bring up to date."""

    project: Annotated[int, msgspec.Meta(ge=1)]
    """Written into the clone as a mark: a folder without it is never touched."""
    folder: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
    """Path relative to the target folder, with slashes."""
    was: str = ""
    """Path of an earlier run; the clone is moved from there when `folder` differs."""
    how: Literal["pull", "fetch", "mirror"] = "pull"
    ssh: str = ""
    """An ssh address to use instead of the request's own."""
    branch: str = ""
    """The default branch, according to the API."""
    empty: bool | int | None = None
    """Whether the repository has no commits, according to the API; None where it does not say."""
    submodules: bool = False
    depth: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Commits of history; 0 fetches all."""
    fail_fast: bool = False
    """Return a transport error as a status, so that the source can stop at the first failure."""


def job_of(request: Request) -> GitJob:
    """Read the job of a request.

    Raises:
        BadBody: its body is no job, or the ssh address is not one git may be given.
    """
    try:
        job = msgspec.convert(request.json, GitJob)
    except msgspec.ValidationError as error:
        raise BadBody(f"{clean(request.key, 60)}: not a job for git: {error}") from error
    if job.ssh and not SSH.fullmatch(job.ssh):
        raise BadBody(f"{clean(request.key, 60)}: {clean(job.ssh, 80)!r} is no ssh address")
    return job
