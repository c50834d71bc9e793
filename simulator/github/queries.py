"""Parses query parameters of the simulated GitHub, with GitHub's responses to invalid ones."""

import calendar
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NoReturn

from simulator.common.api import Call
from simulator.common.page import Header, Page, json_page

DOCS = "https://docs.github.com/rest"

Names = Mapping[str, str]
Handler = Callable[[Call, Names], Page]


class Answered(Exception):
    """Raised to respond with another page than the requested one."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.status)
        self.page = page


def guarded(handler: Handler) -> Handler:
    """Wrap a handler so that a raised `Answered` becomes its response."""

    def answer(call: Call, names: Names) -> Page:
        try:
            return handler(call, names)
        except Answered as answered:
            return answered.page

    return answer


def message(status: int, text: str, docs: str = DOCS, headers: tuple[Header, ...] = ()) -> Page:
    """Return a message in GitHub's form, in which the status is a string."""
    body = {"message": text, "documentation_url": docs, "status": str(status)}
    return json_page(body, status=status, headers=headers)


def missing() -> NoReturn:
    """Raise a 404."""
    raise Answered(message(404, "Not Found"))


def choice(said: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    """Read a parameter with a few allowed values; any other is a 422."""
    value = said.get(name) or default
    if value not in allowed:
        _invalid(name)
    return value


def descending(said: Mapping[str, str], *, default: bool) -> bool:
    return choice(said, "direction", ("asc", "desc"), "desc" if default else "asc") == "desc"


def moment(said: Mapping[str, str], name: str) -> int | None:
    """Read a time (ISO 8601, by default UTC) as epoch seconds."""
    text = said.get(name)
    if not text:
        return None
    try:
        return calendar.timegm(datetime.fromisoformat(text).utctimetuple())
    except ValueError:
        _invalid(name)


def number(text: str) -> int:
    """Read an id; -1 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def _invalid(field: str) -> NoReturn:
    errors = [{"resource": "Search", "field": field, "code": "invalid"}]
    body = {"message": "Validation Failed", "errors": errors, "documentation_url": DOCS, "status": "422"}
    raise Answered(json_page(body, status=422))
