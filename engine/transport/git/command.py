"""Runs one git command in a process group of its own, with bounded output.

A cancelled command leaves no process behind, and neither does a killed fetchdeck.
"""

import asyncio
import base64
import os
import signal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from engine.common.orphan_guard import OrphanGuard
from engine.common.private_files import UMASK
from engine.common.secret import Secret

Setting = tuple[str, str]
_KEPT: Final = (
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
)  # fmt: skip
"""Variables of this process that git may see. All others are dropped, among them GIT_TRACE and GIT_DIR."""
_HARMLESS: Final = (
    "badDate", "badDateOverflow", "badEmail", "badName", "badTagName", "badTimezone", "missingEmail",
    "missingNameBeforeEmail", "missingSpaceBeforeDate", "missingSpaceBeforeEmail", "missingTaggerEntry",
    "multipleAuthors", "nulInCommit", "zeroPaddedDate", "zeroPaddedFilemode",
)  # fmt: skip
"""Flaws of what old programs wrote, for which no repository is refused (https://git-scm.com/docs/git-fsck)."""
_FIXED: Final[tuple[Setting, ...]] = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.askPass", "true"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    ("credential.helper", ""),
    ("credential.interactive", "false"),
    ("http.followRedirects", "false"),
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "60"),
    ("gc.autoDetach", "false"),
    ("maintenance.auto", "false"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("init.templateDir", ""),
    ("advice.detachedHead", "false"),
    ("fetch.fsckObjects", "true"),
    ("fetch.fsck.fullPathname", "error"),
    *((f"fetch.fsck.{name}", "ignore") for name in _HARMLESS),
)
"""Settings that win over the user's (see https://git-scm.com/docs/git-config).

Redirects are off because git would send the credential to the redirect's target. Objects are checked as they arrive, so
that a mirror, which git never checks out, does not pass on a folder named `.git` or a submodule that is a command.
"""
KEPT: Final = 64 * 1024
"""Bytes kept of each stream, the last ones: a server may write for ever."""
GRACE: Final = 3.0
"""Seconds that git gets to remove its lock files before it is killed."""


# The environment and settings git runs with: nothing prompts, no hook or helper runs, and no secret is visible. Pure.
#
# Settings and secrets go through the environment, because other users of a machine can read the arguments of a process,
# but not its environment.


def environment(
    given: Mapping[str, str], *, settings: Iterable[Setting], secret: tuple[str, Secret] | None, allow_file: bool
) -> dict[str, str]:
    """Return git's whole environment.

    Args:
        given: the environment of this process.
        settings: the user's own; ours win.
        secret: a base address, and the token that is sent to it and to nothing else.
        allow_file: whether repositories on this machine may be cloned.
    """
    env = {"PATH": os.defpath, **{name: given[name] for name in _KEPT if name in given}}
    env |= {
        "LC_ALL": "C",
        "GIT_ASKPASS": "true",
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ALLOW_PROTOCOL": "http:https:ssh:file" if allow_file else "http:https:ssh",
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=20",
        "GIT_OPTIONAL_LOCKS": "0",
    }
    pairs = [*settings, *_FIXED, *_header(secret)]
    env["GIT_CONFIG_COUNT"] = str(len(pairs))
    for index, (name, value) in enumerate(pairs):
        env |= {f"GIT_CONFIG_KEY_{index}": name, f"GIT_CONFIG_VALUE_{index}": value}
    return env


def basic(secret: Secret) -> Secret:
    """Return the header value that carries a token: https://docs.gitlab.com/user/profile/personal_access_tokens."""
    return Secret("Basic " + base64.b64encode(f"oauth2:{secret.reveal()}".encode()).decode())


class GitFailed(Exception):
    """git ended with a status other than 0."""

    def __init__(self, code: int, stderr: str) -> None:
        super().__init__(code)
        self.code = code
        self.stderr = stderr


class Git:
    """Runs git with one program and one environment."""

    def __init__(self, *, program: str, environ: Mapping[str, str]) -> None:
        self._program = program
        self._environ = environ
        self._guard = OrphanGuard()

    def close(self) -> None:
        """Release the child that kills git when this process dies. No command may run any more."""
        self._guard.close()

    async def run(self, *arguments: str, cwd: Path) -> str:
        """Run a command and return its standard output without surrounding white space.

        Raises:
            GitFailed: it ended with a status other than 0.
        """
        process = await asyncio.create_subprocess_exec(
            self._program,
            *arguments,
            cwd=cwd,
            env=self._environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            umask=UMASK,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        self._guard.add(process.pid)
        # Both streams are read at once: git would block on a full pipe of the one that is not read.
        try:
            async with asyncio.TaskGroup() as streams:
                out = streams.create_task(_tail(process.stdout))
                err = streams.create_task(_tail(process.stderr))
            code = await process.wait()
        finally:
            try:
                await _end(process)
            finally:
                self._guard.remove(process.pid)
        if code:
            raise GitFailed(code, err.result())
        return out.result().strip()

    async def ask(self, *arguments: str, cwd: Path) -> str:
        """Run a command that answers a question; "" where the answer is no."""
        try:
            return await self.run(*arguments, cwd=cwd)
        except GitFailed:
            return ""


def _header(secret: tuple[str, Secret] | None) -> Iterable[Setting]:
    """Send the credential with the first request. Without it, each repository would cost a refused login."""
    if secret is None:
        return ()
    base, token = secret
    return ((f"http.{base}/.extraHeader", f"Authorization: {basic(token).reveal()}"),)


async def _tail(stream: asyncio.StreamReader) -> str:
    kept = bytearray()
    while data := await stream.read(KEPT):
        kept += data
        del kept[:-KEPT]
    return kept.decode("utf-8", errors="replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    """End every process of the group. Only git itself gets a SIGTERM first; its helpers are killed."""
    if process.returncode is None:
        _signal(process, signal.SIGTERM)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE):
                    await process.wait()
        finally:
            _signal(process, signal.SIGKILL)
            await process.wait()
    else:
        _signal(process, signal.SIGKILL)


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
