"""What is asked of yt-dlp and what it answers: the words a source and the transport share. Pure."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Request, Response

KEY = "listing"
"""Where a request's context holds its `Listing`."""
Problem = Literal["bot", "cookies", "unsupported", "refused"]


class Listing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One channel or playlist to list."""

    link: str
    known: tuple[str, ...] = ()
    """Ids that the source has already."""
    stop_after: int = 0
    """So many known ids in a row end a listing that has the newest first; 0 reads all of it."""
    most: int = 20_000
    """Entries after which a listing is cut: one without an end must end."""
    pause: float = 0.0
    """Seconds between two requests of one listing."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an answer with status 200."""

    title: str = ""
    channel_id: str = ""
    extractor: str = ""
    ended: Literal["end", "known", "most", "repeats"] = "end"
    """Why the listing ended: at its end, at known ids, at `most`, or because the same ids came again and again."""
    entries: tuple[msgspec.Raw, ...] = ()
    """Flat entries in the order of the site, each an object with at least `id` and `url`."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The body of any other answer."""

    message: str
    problem: Problem = "refused"
    """A bot check, cookies that cannot be used, a link nothing can list, or what the status says."""


def listing_of(request: Request) -> Listing:
    """Read what a request asks for.

    Raises:
        BadBody: it is no request for a listing.
    """
    try:
        return msgspec.convert(request.context.get(KEY), Listing)
    except msgspec.ValidationError as error:
        raise BadBody(f"{request.key}: it does not say what to list: {error}") from error


def refusal_of(response: Response) -> Refusal:
    """Read why an answer holds no listing; an answer in other words counts as refused."""
    try:
        return msgspec.json.decode(response.body, type=Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Refusal(message=f"status {response.status}")


def context_of(listing: Listing) -> dict[str, Any]:
    """Put a listing into a request's context."""
    return {KEY: msgspec.to_builtins(listing)}


@runtime_checkable
class UsesYtDlp(Protocol):
    """What a source has beside `engine.model.source.Source` when it makes requests `via="yt-dlp"`."""

    @property
    def ytdlp(self) -> Mapping[str, Any]:
        """Arguments of `engine.transport.ytdlp.transport.YtDlpTransport`."""
