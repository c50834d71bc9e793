"""Hygiene: which community files a repository has. One GraphQL query covers many repositories.

Where GitHub looks for them: https://docs.github.com/en/communities/setting-up-your-project-for-healthy-contributions
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Avoided, Page, Record, Request, Response
from engine.model.walk import Completeness, WalkEnd
from sources.common.json_values import Row, at, integer, members, row, text
from sources.github import graphql
from sources.github.lists import Target, WalkStep, context_of, walk_of
from sources.github.options import GitHubOptions
from sources.github.progress import cursor
from sources.github.queries import FOLDERS, HYGIENE

TOGETHER: Final = 25
"""Repositories in one query. GitHub reads seven folders for each."""
CHECKED: Final = "checked"
"""The kind of the row with path "", which every inspected repository has, even one without any such file."""

_ANYWHERE: Final = r"(?:\.github/|docs/)?"
_KINDS: Final = (
    ("readme", rf"{_ANYWHERE}readme(?:\.\w+)?"),
    ("license", r"(?:licen[sc]e|copying|unlicense)(?:[-.][\w.-]+)?"),
    ("contributing", rf"{_ANYWHERE}contributing(?:\.\w+)?"),
    ("code_of_conduct", rf"{_ANYWHERE}code[_-]of[_-]conduct(?:\.\w+)?"),
    ("security", rf"{_ANYWHERE}security(?:\.\w+)?"),
    ("codeowners", rf"{_ANYWHERE}codeowners"),
    ("workflow", r"\.github/workflows/[^/]+\.ya?ml"),
    (
        "ci",
        (
            r"\.circleci/config\.ya?ml|\.gitlab-ci\.yml|\.travis\.yml|\.cirrus\.yml|\.drone\.yml"
            r"|\.?appveyor\.yml|azure-pipelines\.yml|bitbucket-pipelines\.yml|jenkinsfile"
        ),
    ),
    ("issue_template", rf"{_ANYWHERE}issue_template\.\w+|\.github/issue_template/[^/]+\.(?:md|ya?ml)"),
    ("pull_template", rf"{_ANYWHERE}pull_request_template\.\w+|\.github/pull_request_template/[^/]+\.(?:md|txt)"),
    ("dependabot", r"\.github/dependabot\.ya?ml"),
)
_PATTERNS: Final = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)


def kind_of(path: str) -> str | None:
    """Return the kind of a community file; None for any other file."""
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(path)), None)


def requests(targets: Sequence[Target], listing: WalkStep, options: GitHubOptions) -> list[Request]:
    """Request the files of repositories: in GraphQL queries of TOGETHER each, or by the tree of each."""
    named = [target for target in targets if target.node and options.graphql]
    chunks = (named[start : start + TOGETHER] for start in range(0, len(named), TOGETHER))
    return [
        *(_query(tuple(chunk), listing.started, options) for chunk in chunks),
        *(_tree(target, listing) for target in targets if not (target.node and options.graphql)),
    ]


def is_divisible(step: WalkStep) -> bool:
    """Say whether a query can be split."""
    return len(step.targets) > 1


def parse(response: Response, step: WalkStep, options: GitHubOptions) -> Page:
    """Turn a query's response into the files of each repository. A repository that is gone costs only itself.

    Raises:
        BadBody: the response cannot be interpreted.
    """
    if graphql.too_heavy(response):
        return _halves(step, options, str(response.status))
    answer = graphql.read(response)
    nodes = answer.data.value.get("nodes") if isinstance(answer.data.value, dict) else None
    if answer.heavy and is_divisible(step):
        return _halves(step, options, answer.note())
    if not isinstance(nodes, list) or len(nodes) != len(step.targets):
        raise BadBody(f"{response.url}: {answer.note() or 'not as many repositories as were asked for'}")
    records: list[Record] = []
    cursors: dict[str, str] = {}
    ends: list[WalkEnd] = []
    rows = zip(step.targets, members(answer.data.value, "nodes", answer.data.raw), strict=True)
    seen = [(target, node) for target, node in rows if integer(node.value, "id") == target.id]
    for target, node in seen:
        records += _files(target.id, step, _entries(node))
        whole = answer.absent or not answer.errors
        cursors |= _done(step, target, options) if whole else {}
        ends.append(_end(target, "" if whole else answer.note()))
    gone = len(step.targets) - len(seen)
    missing = f"{gone} of {len(step.targets)} repositories are gone" if gone else ""
    return Page(
        records=records,
        cursors=cursors,
        avoided=[Avoided(len(seen) - 1, "files of many repositories in one query")] if len(seen) > 1 else [],
        note="; ".join(filter(None, (missing, answer.note()))),
        ends=ends,
    )


def parse_tree(response: Response, step: WalkStep, options: GitHubOptions) -> Page:
    """Turn a repository's tree, or the 409 of an empty repository, into its files.

    Raises:
        BadBody: the response holds no tree.
    """
    target = step.targets[0]
    if response.status == 409:
        ends = [_end(target, "")]
        return Page(records=list(_files(target.id, step, [])), cursors=_done(step, target, options), ends=ends)
    answer = row(response.json(msgspec.Raw), response.url)
    if not isinstance(at(answer.value, "tree"), list):
        raise BadBody(f"{response.url}: no tree in the answer")
    cut = at(answer.value, "truncated") is True
    note = f"hygiene of {target.name}: its tree is too large for one answer, files may be missing" if cut else ""
    entries = members(answer.value, "tree", answer.raw)
    return Page(
        records=list(_files(target.id, step, entries)),
        cursors={} if cut else _done(step, target, options),
        note=note,
        ends=[_end(target, "its tree is too large for one answer" if cut else "")],
    )


def _end(target: Target, problem: str) -> WalkEnd:
    """Return whether all files of a repository were seen. A listing of files has one page, but it can be truncated."""
    return WalkEnd(
        walk=f"hygiene {target.name}",
        part=f"{target.name}:hygiene",
        completeness=Completeness.CUT if problem else Completeness.WHOLE,
        reason=problem or "the API names all files",
    )


def _entries(node: Row) -> Iterator[Row]:
    for name in FOLDERS:
        folder = graphql.dig(node, name)
        yield from members(folder.value, "entries", folder.raw)


def _files(repo_id: int, step: WalkStep, entries: Iterable[Row]) -> Iterator[Record]:
    day = step.started[:10]
    yield _record(repo_id, "", day, CHECKED, None, b"")
    for entry in entries:
        path = text(entry.value, "path") or ""
        kind = kind_of(path) if text(entry.value, "type") == "blob" else None
        if kind:
            yield _record(repo_id, path, day, kind, entry.value, entry.raw)


def _record(repo_id: int, path: str, day: str, kind: str, entry: Any, raw: bytes) -> Record:
    data = {
        "repo_id": repo_id,
        "path": path,
        "day": day,
        "kind": kind,
        "size": integer(entry, "size"),
        "sha": text(entry, "sha"),
    }
    return Record(table="hygiene", data=data, raw=raw)


def _done(step: WalkStep, target: Target, options: GitHubOptions) -> dict[str, str]:
    walk = WalkStep(
        kind="hygiene", name=target.name, started=step.started, repo_id=target.id, mark=target.mark, naive=1
    )  # fmt: skip
    return cursor(walk, options)


def _query(targets: tuple[Target, ...], started: str, options: GitHubOptions) -> Request:
    nodes = [target.node for target in targets]
    digest = blake2b("\n".join(nodes).encode(), digest_size=8).hexdigest()
    step = WalkStep(kind="hygiene", name=f"{len(targets)} repositories", started=started, targets=targets)
    return graphql.ask(
        options.base_url, key=f"hygiene {digest}", query=HYGIENE, variables={"ids": nodes}, step=step
    )  # fmt: skip


def _halves(step: WalkStep, options: GitHubOptions, why: str) -> Page:
    middle = (len(step.targets) + 1) // 2
    halves = [_query(part, step.started, options) for part in (step.targets[:middle], step.targets[middle:])]
    return Page(more=halves, note=f"hygiene of {step.name}: {why}: asked for in halves")


def _tree(target: Target, listing: WalkStep) -> Request:
    step = WalkStep(kind="tree", name=target.name, started=listing.started, repo_id=target.id, targets=(target,))
    walk, part = walk_of(step)
    return Request(
        key=f"tree {target.id}",
        url=f"/repos/{target.name}/git/trees/HEAD",
        params={"recursive": 1},
        route="/repos/{owner}/{repo}/git/trees/{sha}",
        context=context_of(step),
        priority=1,
        conditional=True,
        walk=walk,
        part=part,
    )
