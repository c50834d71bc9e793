"""git as a transport: a request is one repository to clone or update, its response a few facts as JSON.

A fault of one repository is a status for the source to interpret: 403 denied, 404 missing, 409 left alone, 422 failed,
507 no space on disk. A fault on the way there is an error, and the engine retries it.
"""

import asyncio
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from engine.common.errors import DeadlineExceeded, TransportError, UsageError
from engine.common.redaction import LIVE
from engine.common.secret import Secret
from engine.common.text import clean
from engine.model.source import Request, Response
from engine.transport.base import Transport
from engine.transport.git.checkout import Checkout, EmptyClone
from engine.transport.git.clone import Diverged
from engine.transport.git.command import Git, GitFailed, Setting, basic, environment
from engine.transport.git.errors import classify, describe
from engine.transport.git.job import GitJob, job_of
from engine.transport.git.safe_path import PathRefused
from engine.transport.url import check_base, resolve


class GitTransport(Transport):
    """Runs git for the requests of one instance. It makes one attempt; retries belong to the queue.

    Args:
        base_url: scheme, host and path prefix of all repository addresses.
        root: the target folder; nothing is ever written outside of it.
        secret: the token that is sent over HTTP to the origin of `base_url`, and nowhere else; None sends none.
        timeout: seconds one repository may take.
        settings: the user's own git settings.
        environ: the environment of this process; little of it reaches git.
        allow_file: whether repositories on this machine may be cloned, as the tests do.

    Raises:
        UsageError: git is not installed, or `base_url` is no http(s) address.
    """

    def __init__(
        self,
        *,
        base_url: str,
        root: Path,
        secret: Secret | None,
        timeout: float,
        environ: Mapping[str, str],
        settings: Sequence[Setting] = (),
        allow_file: bool = False,
    ) -> None:
        program = shutil.which("git", path=environ.get("PATH"))
        if program is None:
            raise UsageError("clone = true needs git, and there is none on the PATH: install git")
        self._base = check_base(base_url)
        self._secret = secret
        self._timeout = timeout
        self._allow_file = allow_file
        parts = urlsplit(self._base)
        sent = None if secret is None else (f"{parts.scheme}://{parts.netloc}", secret)
        env = environment(environ, settings=settings, secret=sent, allow_file=allow_file)
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="git-disk")
        self._git = Git(program=program, environ=env)
        self._checkout = Checkout(git=self._git, root=root.absolute(), disk=self._disk)

    @property
    def identity(self) -> str:
        """Return one identity for all tokens: responses of git are never cached, so it keeps nothing apart."""
        return hashlib.blake2b(self._base.encode(), digest_size=8, person=b"git").hexdigest()

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Bring a repository up to date and return its state.

        Raises:
            TransportError: no connection, a broken one, or the deadline passed.
            BadBody: the request holds no git job.
        """
        _ = headers
        job = job_of(request)
        began = asyncio.get_running_loop().time()
        try:
            status, said = await self._update(job, self._address(request, job))
        except TransportError as error:
            if not job.fail_fast:
                raise
            status, said = 502, {"state": "failed", "message": clean(str(error))}
        body = msgspec.json.encode(said)
        elapsed = asyncio.get_running_loop().time() - began
        return Response(status=status, headers={}, body=LIVE.redact_body(body), url=request.url, elapsed=elapsed)

    async def close(self) -> None:
        """Release the disk thread without waiting for it, and the child that guards git."""
        self._disk.shutdown(wait=False)
        self._git.close()

    async def _update(self, job: GitJob, url: str) -> tuple[int, dict[str, Any]]:
        try:
            async with asyncio.timeout(self._timeout) as deadline:
                brought = await self._checkout.update(job, url)
                return 200, {**asdict(brought), "path": job.folder}
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise DeadlineExceeded(f"git {job.folder}: not done within {self._timeout:g} s") from error
        except PathRefused as error:
            return 409, self._failure("taken", str(error))
        except Diverged as error:
            return 409, self._failure("diverged", f"{job.folder}: {error}")
        except EmptyClone as error:
            return 422, self._failure("failed", f"{job.folder}: {error}")
        except GitFailed as error:
            return self._refused(job, self._stripped(error.stderr))
        except OSError as error:
            return 507, self._failure("failed", f"{job.folder}: {error.strerror}")

    def _refused(self, job: GitJob, stderr: str) -> tuple[int, dict[str, Any]]:
        meant = classify(stderr, f"git {job.folder}")
        if isinstance(meant, TransportError):
            raise meant
        status, state = meant
        return status, self._failure(state, describe(stderr))

    def _address(self, request: Request, job: GitJob) -> str:
        if job.ssh:
            return job.ssh
        if self._allow_file and request.url.startswith("file:///"):
            return request.url
        return resolve(self._base, request.url, {})

    def _failure(self, state: str, message: str) -> dict[str, Any]:
        return {"state": state, "message": clean(self._stripped(message))}

    def _stripped(self, text: str) -> str:
        """Remove the token, in case a server echoes it."""
        if self._secret is None:
            return text
        for form in (self._secret.reveal(), basic(self._secret).reveal().removeprefix("Basic ")):
            text = text.replace(form, "***")
        return text
