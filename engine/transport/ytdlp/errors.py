"""Translates the exceptions of yt-dlp into a response with a status, or an error of `engine.common.errors`."""

import re
from importlib import import_module
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody, ConnectFailed, DeadlineExceeded, Interrupted, TlsRefused, TransportError
from engine.common.text import clean
from engine.model.source import Response
from engine.model.ytdlp import Problem, Refusal

_BOT: Final = re.compile(r"not a bot|unusual traffic|solve (?:the|a) captcha|captcha (?:is )?required", re.IGNORECASE)
_TAIL: Final = re.compile(
    r"\s*(?:\(caused by |[;.]\s*please report this issue on |[;.]\s*Confirm you are on the latest).*", re.DOTALL
)
_PREFIX: Final = re.compile(r"^(?:ERROR: )?(?:\[[^\]]{1,40}\] )?")
_TIMED_OUT: Final = re.compile(r"timed? ?out", re.IGNORECASE)
_NO_CONNECTION: Final = re.compile(
    r"refused|resolv|name or service|no route|unreachable|connect(?:ion)? ?error", re.IGNORECASE
)


def answer_for(error: Exception, link: str, *, elapsed: float) -> Response:
    """Return the response that a yt-dlp exception stands for.

    Raises:
        TransportError: the site did not answer.
        BadBody: yt-dlp does not understand the site's answer.
    """
    names: Any = import_module("yt_dlp.networking.exceptions")
    utils: Any = import_module("yt_dlp.utils")
    cookies: Any = import_module("yt_dlp.cookies")
    causes = _causes(error)
    words = _words(causes[0])

    def answer(status: int, problem: Problem, retry_after: str | None = None) -> Response:
        body = msgspec.json.encode(Refusal(message=words, problem=problem))
        headers = {} if retry_after is None else {"retry-after": retry_after}
        return Response(status=status, headers=headers, body=body, url=link, elapsed=elapsed)

    # Sites report a bot check in a message, whatever the exception's type, so the texts come first.
    if any(_BOT.search(str(one)) for one in causes):
        return answer(403, "bot")
    if any(isinstance(one, cookies.CookieLoadError) for one in causes):
        return answer(403, "cookies")
    for one in causes:
        if isinstance(one, names.HTTPError):
            retry_after = one.response.headers.get("Retry-After")
            one.close()
            return answer(int(one.status), "refused", retry_after)
        if isinstance(one, names.TransportError):
            raise _lost(one, names, f"{clean(link, 120)}: {words}") from error
        if isinstance(one, utils.UnsupportedError):
            return answer(415, "unsupported")
        if isinstance(one, utils.GeoRestrictedError):
            return answer(451, "refused")
    raise BadBody(f"{clean(link, 120)}: {words}") from error


def _causes(error: BaseException) -> list[BaseException]:
    """Collect the exceptions that led to this one. yt-dlp keeps them in three places."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < 10:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or one in found:
            continue
        found.append(one)
        info = getattr(one, "exc_info", None)
        inner = info[1] if isinstance(info, tuple) and len(info) == 3 else None
        waiting += [inner, getattr(one, "cause", None), one.__cause__]
    return found


def _lost(error: BaseException, names: Any, words: str) -> TransportError:
    if isinstance(error, names.SSLError):
        return TlsRefused(words)
    text = str(error)
    if _TIMED_OUT.search(text):
        return DeadlineExceeded(words)
    if isinstance(error, names.ProxyError) or _NO_CONNECTION.search(text):
        # One lane asks many sites, so that one of them is away says nothing about the others.
        return ConnectFailed(words, answered=True)
    return Interrupted(words)


def _words(error: BaseException) -> str:
    """Shorten a message of yt-dlp: no prefixes, no cause in brackets, no request to report the issue."""
    text = _TAIL.sub("", _PREFIX.sub("", str(error))).strip()
    return clean(text or type(error).__name__)
