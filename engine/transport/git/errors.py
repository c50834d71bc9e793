"""Classifies git's error output: a status for a fault of one repository, a `TransportError` for everything else. Pure.

git has one exit status (128) for everything, so its messages are all there is to go by. They are in English because
`environment` sets LC_ALL=C.
"""

import re
from typing import Final

from engine.common.errors import ConnectFailed, Interrupted, RedirectRefused, TlsRefused, TransportError
from engine.common.text import clean

Refusal = tuple[int, str]
"""An HTTP-like status and a state: (404, "missing")."""
MISSING: Final[Refusal] = (404, "missing")
DENIED: Final[Refusal] = (403, "denied")
FAILED: Final[Refusal] = (422, "failed")

_FSCK: Final = re.compile(r"error: object [0-9a-f]+: (\w+: .*)")
"""An object that `fetch.fsckObjects` refuses: "error: object 4507ff…: hasDotgit: contains '.git'"."""
_STATUS: Final = re.compile(r"returned error: (\d{3})")
_REFUSALS: Final = (
    (DENIED, "could not read username|could not read password|authentication failed|access denied|permission denied"),
    (DENIED, "terminal prompts disabled|host key verification failed|you are not allowed to"),
    (MISSING, "repository '.*' not found|does not appear to be a git repository|project you were looking for"),
    (MISSING, "could not be found|repository not found"),
    ((507, "failed"), "no space left on device|disk quota exceeded"),
    ((503, "failed"), "unable to handle this request due to load|currently unable|service unavailable"),
    # Before the connection's errors: index-pack refuses such a pack, and what follows looks like a broken one.
    (FAILED, "fsck error in packed object"),
    (FAILED, "transport '.*' not allowed|is not allowed|strange|bad config"),
)
_ERRORS: Final[tuple[tuple[type[TransportError], str], ...]] = (
    (TlsRefused, "certificate|tls handshake|ssl connect error|gnutls_handshake"),
    (ConnectFailed, "could not resolve|couldn't connect|failed to connect|connection refused|no route to host"),
    (ConnectFailed, "network is unreachable|connection timed out|operation timed out"),
    (Interrupted, "early eof|rpc failed|hung up unexpectedly|unexpected disconnect|connection reset|broken pipe"),
    (Interrupted, "transfer closed|recv failure|empty reply|operation too slow|invalid index-pack|fetch-pack: "),
    (Interrupted, "remote end hung up|expected flush|unexpected end of|bad line length|protocol error"),
)


def describe(stderr: str, limit: int = 160) -> str:
    """Return the most informative lines: the first from the remote, and the last fatal or error line.

    Of a repository that git's checks refuse, that is the first flaw.
    """
    lines = [line.strip() for line in stderr.replace("\r", "\n").splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "ERROR:"))]
    remote = [line for line in lines if line.startswith("remote:") and len(line) > len("remote:")]
    flaws = [f"the repository is refused: {found[1]}" for line in lines if (found := _FSCK.match(line))]
    chosen = [*remote[:1], *(flaws[:1] or (telling or lines)[-1:])]
    return clean("; ".join(chosen), limit) or "git said nothing"


def classify(stderr: str, where: str) -> Refusal | TransportError:
    """Classify a failure from git's standard error. `where` names the repository in a message."""
    said, message = stderr.lower(), f"{where}: {describe(stderr)}"
    found = _STATUS.search(said)
    if found:
        return _by_status(int(found[1]), message)
    for refusal, pattern in _REFUSALS:
        if re.search(pattern, said):
            return refusal
    for error, pattern in _ERRORS:
        if re.search(pattern, said):
            return error(message)
    return FAILED


def _by_status(status: int, message: str) -> Refusal | TransportError:
    if status in {401, 403}:
        return DENIED
    if status in {404, 410, 451}:
        return MISSING
    if 300 <= status < 400:
        return RedirectRefused(f"{message}: git follows no redirects here, for it would send the credential along")
    return (status, "failed")
