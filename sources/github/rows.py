"""Turns GitHub's JSON objects into rows. A value of a wrong type is null; an object without its key is no row.

Shapes: https://docs.github.com/en/rest (API version 2022-11-28). Null users (deleted accounts) and null head
repositories are normal.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from engine.model.source import Record
from sources.common.json_values import Row, at, integer, part, text

_NUMBER_AT_END: Final = re.compile(r"/([0-9]{1,18})\Z")
_PEOPLE: Final = ("user", "owner", "author", "committer")
Values = dict[str, Any]


# Reviews and the details of single pull requests, from REST and GraphQL alike.
#
# The queries use REST's field names. Where that is not possible, both forms are read: a commit is a string in REST and
# an object in GraphQL, and GraphQL leaves "[bot]" off a bot's login.


def reviews(repo_id: int, number: int, found: Iterable[Row]) -> Iterator[Record]:
    """Yield the reviews of a pull request and their authors. A review without an id is skipped."""
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
    """Return the columns that a list of pull requests lacks.

    The row's other columns and its raw JSON stay unchanged.
    """
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


def records(kind: str, repo_id: int, row: Row) -> list[Record]:
    """Return the rows of one object and of the users inside it; nothing where its key is missing."""
    table, data, key = _ROWS[kind](repo_id, row.value)
    if any(data[name] is None for name in key):
        return []
    return [Record(table=table, data=data, raw=row.raw), *_people(row)]


def distinct(found: Iterable[Record]) -> list[Record]:
    """Keep one row per user: a page names the same few people many times."""
    seen: set[int] = set()
    kept = []
    for record in found:
        if record.table == "user":
            if record.data["id"] in seen:
                continue
            seen.add(record.data["id"])
        kept.append(record)
    return kept


def _author(review: Row) -> Iterator[Record]:
    """Yield a review's author.

    The user's raw JSON is stored from REST only, so GraphQL's shorter form never replaces it.
    """
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


def _people(row: Row) -> Iterator[Record]:
    for name in _PEOPLE:
        person = at(row.value, name)
        user_id = integer(person, "id")
        if user_id is not None:
            data = {
                "id": user_id,
                "login": text(person, "login"),
                "type": text(person, "type"),
                "site_admin": integer(person, "site_admin"),
            }
            yield Record(table="user", data=data, raw=part(row.raw, name))


def _texts(value: Any, names: str) -> Values:
    return {name: text(value, name) for name in names.split()}


def _integers(value: Any, names: str) -> Values:
    return {name: integer(value, name) for name in names.split()}


def _user(value: Any, name: str = "user") -> Values:
    return {f"{name}_id": integer(value, name, "id"), f"{name}_login": text(value, name, "login")}


def _number_of(url: str | None) -> int | None:
    """Return an issue's number from the end of a URL: a comment has it only in its issue_url."""
    found = _NUMBER_AT_END.search(url or "")
    return int(found[1]) if found else None


def _repo(_repo_id: int, value: Any) -> tuple[str, Values, tuple[str, ...]]:
    data = {
        **_integers(value, "id private fork archived disabled has_issues"),
        **_texts(
            value, "name full_name visibility default_branch description language created_at updated_at pushed_at"
        ),
        **_user(value, "owner"),
        "stars": integer(value, "stargazers_count"),
        "forks": integer(value, "forks_count"),
        "open_issues": integer(value, "open_issues_count"),
        "size_kb": integer(value, "size"),
        "license": text(value, "license", "spdx_id") or text(value, "license", "key"),
        "gone_at": None,
    }
    return "repo", data, ("id",)


def _pull(repo_id: int, value: Any) -> tuple[str, Values, tuple[str, ...]]:
    data = {
        "repo_id": repo_id,
        **_integers(value, "number id draft locked"),
        **_texts(value, "title state author_association merge_commit_sha created_at updated_at closed_at merged_at"),
        **_user(value),
        "milestone": text(value, "milestone", "title"),
        "head_repo_id": integer(value, "head", "repo", "id"),
        "head_ref": text(value, "head", "ref"),
        "head_sha": text(value, "head", "sha"),
        "base_ref": text(value, "base", "ref"),
        "base_sha": text(value, "base", "sha"),
    }
    return "pull", data, ("repo_id", "number")


def _issue(repo_id: int, value: Any) -> tuple[str, Values, tuple[str, ...]]:
    data = {
        "repo_id": repo_id,
        **_integers(value, "number id locked comments"),
        **_texts(value, "title state state_reason author_association created_at updated_at closed_at"),
        **_user(value),
        "milestone": text(value, "milestone", "title"),
    }
    return "issue", data, ("repo_id", "number")


def _review_comment(repo_id: int, value: Any) -> tuple[str, Values, tuple[str, ...]]:
    data = {
        "repo_id": repo_id,
        **_integers(value, "id in_reply_to_id line"),
        **_texts(value, "author_association path side commit_id original_commit_id body created_at updated_at"),
        **_user(value),
        "pull_number": _number_of(text(value, "pull_request_url")),
        "review_id": integer(value, "pull_request_review_id"),
    }
    return "review_comment", data, ("id",)


def _issue_comment(repo_id: int, value: Any) -> tuple[str, Values, tuple[str, ...]]:
    page = text(value, "html_url")
    data = {
        "repo_id": repo_id,
        **_integers(value, "id"),
        **_texts(value, "author_association body created_at updated_at"),
        **_user(value),
        "issue_number": _number_of(text(value, "issue_url")),
        "on_pull": None if page is None else int("/pull/" in page),
    }
    return "issue_comment", data, ("id",)


def _commit(repo_id: int, value: Any) -> tuple[str, Values, tuple[str, ...]]:
    commit = at(value, "commit")
    parents = at(value, "parents")
    data = {
        "repo_id": repo_id,
        "sha": text(value, "sha"),
        "message": text(commit, "message"),
        **_user(value, "author"),
        **_user(value, "committer"),
        "author_name": text(commit, "author", "name"),
        "author_email": text(commit, "author", "email"),
        "authored_at": text(commit, "author", "date"),
        "committer_name": text(commit, "committer", "name"),
        "committer_email": text(commit, "committer", "email"),
        "committed_at": text(commit, "committer", "date"),
        "parents": len(parents) if isinstance(parents, list) else None,
        "verified": integer(commit, "verification", "verified"),
    }
    return "git_commit", data, ("repo_id", "sha")


_ROWS: Final = {
    "repo": _repo,
    "pulls": _pull,
    "issues": _issue,
    "review_comments": _review_comment,
    "issue_comments": _issue_comment,
    "commits": _commit,
}
