"""What a request to git asks for, read from its body and checked. Pure."""

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
    """Marks the clone as this project's: a folder without the mark is never touched."""
    folder: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
    """Where it goes, relative to the target folder, with slashes."""
    was: str = ""
    """Where an earlier run left it; moved from there when `folder` is another place."""
    how: Literal["pull", "fetch", "mirror"] = "pull"
    ssh: str = ""
    """An ssh address, in place of the request's own."""
    branch: str = ""
    """The default branch, as the API tells it."""
    empty: bool | int | None = None
    """Whether the API says that the repository has no commits; None where it does not say."""
    submodules: bool = False
    depth: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Commits of history; 0 is all of it."""
    fail_fast: bool = False
    """Answer a failure with a status instead of raising it, so that the source can stop at the first one."""


def job_of(request: Request) -> GitJob:
    """Read the job of a request.

    Raises:
        BadBody: its body is none, or its addresses and names are none git may be given.
    """
    try:
        job = msgspec.convert(request.json, GitJob)
    except msgspec.ValidationError as error:
        raise BadBody(f"{clean(request.key, 60)}: not a job for git: {error}") from error
    if job.ssh and not SSH.fullmatch(job.ssh):
        raise BadBody(f"{clean(request.key, 60)}: {clean(job.ssh, 80)!r} is no ssh address")
    return job
