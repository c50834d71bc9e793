"""Every error fetchdeck raises, in one tree.

FetchdeckError
├── UsageError            bad command line, configuration or environment: one line, exit code 2
│   ├── ConfigError       a configuration file: names file, key, value and what would be right
│   └── StoreUnusable     the database cannot be opened: not a database, read-only, held by another process
├── TransportError        the bytes did not arrive; nothing of the answer is kept
│   ├── ConnectFailed     no connection (DNS, refused)
│   │   └── TlsRefused    the server's certificate or its TLS cannot be trusted
│   ├── Interrupted       the connection ended or broke the protocol before the answer was whole
│   ├── DeadlineExceeded  the total time allowed for one request ran out
│   ├── BodyTooLarge      the decoded body passed its cap
│   └── RedirectRefused   a redirect left the source's origin, looped, or named no http(s) address
├── StoreFailed           the database stopped taking writes: disk full, I/O error; nothing was half written
├── BadBody               an answer arrived whole but is not what its source understands
└── SourceError           a source refuses to go on: wrong token, terms, an API that moved
    └── LaneError         it refuses to go on with one of its lanes: one site of several checks for bots
"""

import traceback
from pathlib import Path

from engine.common.text import clean


class FetchdeckError(Exception):
    """Base of everything below."""


class UsageError(FetchdeckError):
    """The person can put it right; the message says how."""


class ConfigError(UsageError):
    """A configuration value is wrong."""


class StoreUnusable(UsageError):
    """The database cannot be used as it is."""


class TransportError(FetchdeckError):
    """No whole answer arrived."""


class ConnectFailed(TransportError):
    """No connection was made, so the server never saw the request."""


class TlsRefused(ConnectFailed):
    """The server's certificate or its TLS cannot be trusted. Trying again would not help, and verifying stays on."""


class Interrupted(TransportError):
    """The connection broke, or its bytes were no valid HTTP, before the answer was whole."""


class DeadlineExceeded(TransportError):
    """The answer was not whole when the request's total deadline passed."""


class BodyTooLarge(TransportError):
    """The decoded body is larger than the cap allows."""


class RedirectRefused(TransportError):
    """Following the redirect would break the rule: same origin, http(s), at most five hops."""


class StoreFailed(FetchdeckError):
    """The database did not take a transaction; all of it is undone."""


class BadBody(FetchdeckError):
    """The body cannot be understood; it is kept aside for inspection."""


class SourceError(FetchdeckError):
    """The whole source must stop: retrying or going on to the next request cannot help."""


class LaneError(SourceError):
    """Nothing more may be asked by the lane of this request in this run; the other lanes go on."""


# What broke, in words that are safe to show: an error that nobody foresaw may have a token or a header in its own.


def first(error: BaseException) -> BaseException:
    """Return the first exception inside nested groups of them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def blame(error: BaseException) -> str:
    """Return the words of an error of fetchdeck's own; of any other one only its kind and its place."""
    error = first(error)
    if isinstance(error, FetchdeckError):
        return clean(str(error))
    places = traceback.extract_tb(error.__traceback__)[-1:]
    return clean(type(error).__name__ + "".join(f" at {Path(one.filename).name}:{one.lineno}" for one in places))
