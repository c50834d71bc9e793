"""All errors that fetchdeck raises.

FetchdeckError
├── UsageError            a wrong command line, configuration or environment: one line, exit code 2
│   ├── ConfigError       a wrong value in a configuration: names file, key, value and what would be right
│   └── StoreUnusable     the database cannot be opened: not a database, read-only, held by another process
├── TransportError        no whole answer arrived, and nothing of it is kept
│   ├── ConnectFailed     no connection (DNS, refused)
│   │   └── TlsRefused    the server's certificate or its TLS cannot be trusted
│   ├── Interrupted       the connection ended or broke the protocol before the answer was whole
│   ├── DeadlineExceeded  the total time allowed for one request ran out
│   ├── NoToken           the server that grants tokens did not grant one now: busy, ailing
│   ├── BodyTooLarge      the decoded body exceeds its cap
│   ├── NoRoom            this process has no memory or no descriptor for it now; the server is not to blame
│   ├── RequestRefused    the server refuses this request with every credential, and takes them for others
│   └── RedirectRefused   a redirect left the source's origin, looped, or named no http(s) address
├── StoreFailed           the database did not take a transaction; nothing is half written
│   ├── StoreWaits        the cause lies outside and may pass: the same transaction can be committed later
│   │   ├── DiskFull
│   │   ├── DatabaseLocked    by another program, for longer than SQLite waits
│   │   └── OutOfDescriptors  the process may open no more files
│   ├── DatabaseReadOnly  the file or its file system takes no writes any more
│   ├── DatabaseCorrupt   pages are damaged: `fetchdeck repair` saves what can be read
│   └── DatabaseGone      the file was deleted or replaced while it was open
├── BadBody               a whole answer arrived, but its source cannot read it
└── SourceError           a source cannot go on: terms, an API that moved, a token that cannot be renewed
    ├── LoginNeeded       its credential is refused or cannot be got; there may be another one later
    └── LaneError         one lane of it cannot go on: one of several sites checks for bots
"""

import traceback
from pathlib import Path

from engine.common.redaction import redact
from engine.common.text import clean


class FetchdeckError(Exception):
    """Base of all errors below. The message loses the secrets of this process: libraries quote requests in theirs."""

    def __init__(self, message: str = "") -> None:
        super().__init__(redact(message))


class UsageError(FetchdeckError):
    """The user can correct it, and the message says how."""


class ConfigError(UsageError):
    """A value in a configuration is wrong."""


class StoreUnusable(UsageError):
    """The database cannot be used as it is."""


class TransportError(FetchdeckError):
    """No whole answer arrived.

    Args:
        message: names the request.
        answered: whether an answer began to arrive, so that the host is there; None for what the class says.
        why: what is wrong with the host, without the request: "api.example.org refuses connections".
    """

    answered = True

    def __init__(self, message: str = "", *, answered: bool | None = None, why: str = "") -> None:
        super().__init__(message)
        self.why = why
        if answered is not None:
            self.answered = answered


class ConnectFailed(TransportError):
    """No connection was made, so the server never saw the request."""

    answered = False


class TlsRefused(ConnectFailed):
    """The server's certificate or its TLS cannot be trusted. A retry cannot help; verification is never off."""

    answered = True


class Interrupted(TransportError):
    """The connection broke before the answer was whole, or its bytes were no valid HTTP."""


class DeadlineExceeded(TransportError):
    """The total deadline of the request passed before the answer was whole."""


class NoToken(TransportError):
    """The server that grants tokens is busy or ailing, so the request that needs one was not sent."""


class BodyTooLarge(TransportError):
    """The decoded body exceeds the cap."""


class NoRoom(TransportError):
    """There is no memory or no descriptor in this process for the answer. The server is not to blame."""


class RequestRefused(TransportError):
    """The server refuses this request with every credential (401), and answers others that carry them."""


class RedirectRefused(TransportError):
    """Following the redirect would break the rule: same origin, http(s), at most five hops."""


class StoreFailed(FetchdeckError):
    """The database did not take a transaction, and all of it is rolled back."""


class StoreWaits(StoreFailed):
    """The cause lies outside of fetchdeck and may pass. The same transaction can be committed later."""


class DiskFull(StoreWaits):
    """There is no room for the transaction."""


class DatabaseLocked(StoreWaits):
    """Another program holds a lock on the database for longer than SQLite waits for it."""


class OutOfDescriptors(StoreWaits):
    """The process may open no more files."""


class DatabaseReadOnly(StoreFailed):
    """The file or its file system takes no writes any more."""


class DatabaseCorrupt(StoreFailed):
    """Pages of the database are damaged."""


class DatabaseGone(StoreFailed):
    """The database was deleted or replaced while it was open: what would be written now is lost with the process."""


class BadBody(FetchdeckError):
    """The source cannot read the body. It is kept for inspection."""


class SourceError(FetchdeckError):
    """The whole source must stop, because neither a retry nor the next request can help."""


class LoginNeeded(SourceError):
    """The credential is refused, or cannot be got. The source can go on when there is another one."""


class LaneError(SourceError):
    """The lane of this request must stop for this run. The other lanes go on."""


def first(error: BaseException) -> BaseException:
    """Return the first exception of an exception group, however deeply nested; any other error as it is."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def blame(error: BaseException) -> str:
    """Describe an error in text that is safe to show.

    The message of an unforeseen error may hold a token or a header. Of such an error only its type and place are given.
    """
    error = first(error)
    if isinstance(error, FetchdeckError):
        return clean(str(error))
    places = traceback.extract_tb(error.__traceback__)[-1:]
    return clean(type(error).__name__ + "".join(f" at {Path(one.filename).name}:{one.lineno}" for one in places))
