"""Page-by-page walks: the step that a request stands for, and where the walk continues."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Request, Response
from engine.model.walk import Completeness, WalkEnd
from sources.common.json_values import Row
from sources.common.links import follow

T = TypeVar("T")
NO_NEXT: Final = "the API names no next page"
"""The reason of a walk that is whole."""


@dataclass(frozen=True, slots=True)
class Advance:
    """Where a walk continues after a page."""

    more: tuple[Request, ...] = ()
    ended: bool = False
    """The true end of the list was reached."""
    note: str = ""
    problem: str = ""
    """Why the walk stops before the list's end; "" if it does not."""

    def ends(
        self, *, walk: str, part: str, page: int, arrived: int | None = None, total: int | None = None
    ) -> tuple[WalkEnd, ...]:
        """Return the end of the walk, if it ends with this page."""
        if self.more or not (self.ended or self.problem):
            return ()
        end = WalkEnd(
            walk=walk,
            part=part,
            completeness=Completeness.CUT if self.problem else Completeness.WHOLE,
            reason=self.problem or NO_NEXT,
            place=f"page {page}",
            arrived=arrived,
            total=total,
        )
        return (end,)


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkedPage:
    """One page of a walk, and what the walk knows at this point."""

    request: Request
    response: Response
    rows: Sequence[Row]
    page: int
    """Its number, from 1."""
    before: str
    """Digest of the page before, "" on the first page. It detects a server that repeats a page."""
    full: int
    """Rows of a page that is not the last."""
    name: str
    """Name of the list, for notes."""

    @property
    def digest(self) -> str:
        """Return a digest of the page's rows."""
        return digest_of(self.rows)


@dataclass(frozen=True, slots=True)
class NextPage:
    """The address of the next page; "" where there is none."""

    url: str = ""
    ended: bool = False
    note: str = ""
    problem: str = ""
    """Why the walk stops before the list's end; "" if it does not."""


def step_of(request: Request, shape: type[T], source: str) -> T:
    """Read the step of a request from its context.

    Raises:
        BadBody: the context is not one of this source.
    """
    try:
        return msgspec.convert(request.context, shape)
    except msgspec.ValidationError as error:
        raise BadBody(f"{request.key}: its context is not one of the {source} source: {error}") from error


def digest_of(rows: Sequence[Row]) -> str:
    """Return a digest of the rows' content."""
    return blake2b(b"\n".join(row.raw for row in rows), digest_size=8).hexdigest()


def next_page(walked: WalkedPage, base_url: str, beyond: tuple[str, int]) -> NextPage:
    """Return the address of the page behind this one, or the reason why the walk stops.

    A 304 brings back the Link header of the last run. If that page was full and the last one, rows may have been added
    behind it without changing it. So the page behind it is requested with the parameter `beyond`.
    """
    rows, page, name = walked.rows, walked.page, walked.name
    if rows and walked.digest == walked.before:
        problem = "the page repeats the page before"
        return NextPage(note=f"{name}: page {page} repeats the page before; stopped there", problem=problem)
    following = follow(walked.request, walked.response, base_url, page)
    problem = following.problem or ("an empty page names a next one" if following.url and not rows else "")
    if problem:
        return NextPage(note=f"{name}: {problem}; stopped at page {page}", problem=problem)
    if following.url:
        return NextPage(following.url)
    if walked.response.unchanged and len(rows) >= walked.full:
        return NextPage(_with(walked.request, *beyond))
    return NextPage(ended=True)


def _with(request: Request, name: str, value: int) -> str:
    parts = urlsplit(request.url)
    said = [*parse_qsl(parts.query, keep_blank_values=True), *request.params.items()]
    query = [(key, each) for key, each in said if key != name]
    return urlunsplit(parts._replace(query=urlencode([*query, (name, value)])))
