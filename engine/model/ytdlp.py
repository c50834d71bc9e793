"""The data that a source and the yt-dlp transport exchange: what to list, and what was found. Pure."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Request, Response

KEY = "listing"
"""Key of the `Listing` in a request's context."""
Problem = Literal["bot", "cookies", "unsupported", "refused"]


class Listing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One channel or playlist to list."""

    link: str
    known: tuple[str, ...] = ()
    """Ids that the source already has."""
    stop_after: int = 0
    """In a listing with the newest first, stop after so many known ids in a row; 0 reads it to the end."""
    most: int = 20_000
    """Most entries of a listing, so that an endless one ends."""
    pause: float = 0.0
    """Seconds between two requests of one listing."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an answer with status 200."""

    title: str = ""
    channel_id: str = ""
    extractor: str = ""
    ended: Literal["end", "known", "most", "repeats"] = "end"
    """Why the listing ended: at its end, at known ids, at `most`, or because the same ids were repeated."""
    entries: tuple[msgspec.Raw, ...] = ()
    """Flat entries in the order of the site. Each is an object with at least `id` and `url`."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The body of any other answer."""

    message: str
    problem: Problem = "refused"
    """A bot check, cookies that cannot be used, a link that cannot be listed, or what the status says."""


def listing_of(request: Request) -> Listing:
    """Return the listing that a request asks for.

    Raises:
        BadBody: the request asks for none.
    """
    try:
        return msgspec.convert(request.context.get(KEY), Listing)
    except msgspec.ValidationError as error:
        raise BadBody(f"{request.key}: it does not say what to list: {error}") from error


def refusal_of(response: Response) -> Refusal:
    """Return the reason of an answer without a listing. A body that cannot be read counts as refused."""
    try:
        return msgspec.json.decode(response.body, type=Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Refusal(message=f"status {response.status}")


def context_of(listing: Listing) -> dict[str, Any]:
    """Return a request's context with this listing."""
    return {KEY: msgspec.to_builtins(listing)}


@runtime_checkable
class UsesYtDlp(Protocol):
    """A source that makes requests with `via="yt-dlp"`."""

    @property
    def ytdlp(self) -> Mapping[str, Any]:
        """Keyword arguments of `engine.transport.ytdlp.transport.YtDlpTransport`."""
