"""Turn GitHub's reviews, and what only a single pull request tells, into rows; from REST and from GraphQL alike.

The queries name their fields as REST does. Where they cannot, both forms are read: a commit is a string in REST and an
object in GraphQL, and GraphQL leaves "[bot]" off a bot's login.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from engine.model.source import Record
from sources.common.json_values import Row, at, integer, part, text


def reviews(repo_id: int, number: int, found: Iterable[Row]) -> Iterator[Record]:
    """Yield the reviews of a pull request and who wrote them; what has no id is left out."""
    for each in found:
        value = each.value
        if integer(value, "id") is None:
            continue
        data = {
            "id": integer(value, "id"),
            "repo_id": repo_id,
            "pull_number": number,
            "user_id": integer(value, "user", "id"),
            "user_login": login(value, "user"),
            "state": text(value, "state"),
            "author_association": text(value, "author_association"),
            "commit_id": text(value, "commit_id") or text(value, "commit", "oid"),
            "body": text(value, "body"),
            "submitted_at": text(value, "submitted_at"),
        }
        yield Record(table="review", data=data, raw=each.raw)
        yield from _author(each)


def details(repo_id: int, number: int, value: Any) -> Record:
    """Return what a list of pull requests lacks. It leaves the row's other columns, and its JSON, as they are."""
    data = {
        "repo_id": repo_id,
        "number": number,
        "additions": integer(value, "additions"),
        "deletions": integer(value, "deletions"),
        "changed_files": integer(value, "changed_files"),
        "commits": _count(at(value, "commits")),
        "merged_by": login(value, "merged_by"),
    }
    return Record(table="pull", data=data)


def login(value: Any, name: str) -> str | None:
    """Return a login as REST writes it."""
    found, kind = text(value, name, "login"), text(value, name, "type")
    return f"{found}[bot]" if found and kind == "Bot" and not found.endswith("[bot]") else found


def _author(review: Row) -> Iterator[Record]:
    """Yield the author. REST's JSON of a user is kept, GraphQL's never takes its place."""
    person = at(review.value, "user")
    user_id = integer(person, "id")
    if user_id is None:
        return
    data = {
        "id": user_id,
        "login": login(review.value, "user"),
        "type": text(person, "type"),
        "site_admin": integer(person, "site_admin") or 0,
    }
    is_rest = text(person, "node_id") is not None
    yield Record(table="user", data=data, raw=part(review.raw, "user") if is_rest else b"")


def _count(value: Any) -> int | None:
    return integer({"n": value}, "n") if not isinstance(value, dict) else integer(value, "total")
