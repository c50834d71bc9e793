"""The second transport of a source that clones: git, beside the one that speaks to the API."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from engine.common.paths import expand
from engine.common.secret import Secret
from engine.model.source import Source
from engine.transport.base import Transport


class Checkouts(Protocol):
    """What a source says of its clones, in its attribute `checkouts`; None where it makes none."""

    @property
    def base_url(self) -> str:
        """What the addresses of repositories begin with."""

    @property
    def target(self) -> str:
        """The folder they go to; one that is not absolute is beside the configuration file."""

    @property
    def timeout(self) -> float:
        """Seconds one repository may take."""

    @property
    def settings(self) -> Sequence[tuple[str, str]]:
        """The person's own settings of git."""


def checkouts_of(source: Source) -> Checkouts | None:
    """Return what a source says of its clones."""
    found: Checkouts | None = getattr(source, "checkouts", None)
    return found


def git_transport(
    checkouts: Checkouts, *, secret: Secret | None, folder: Path, environ: Mapping[str, str]
) -> Transport:
    """Make the transport that clones.

    Raises:
        UsageError: git is not installed.
    """
    from engine.transport.git.transport import GitTransport  # noqa: PLC0415 -- with the asyncio that only a harvest needs

    return GitTransport(
        base_url=checkouts.base_url,
        root=expand(checkouts.target, folder),
        secret=secret,
        timeout=checkouts.timeout,
        settings=checkouts.settings,
        environ=environ,
    )
