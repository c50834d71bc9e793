"""GitHub over REST: a year of organisations, users and single repositories.

Facts and limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from engine.errors import BadBody, UsageError
from engine.source import Auth, Avoided, Memory, Page, RateBudget, Record, Request, Response, Table
from sources import github_rows as shapes
from sources.github_options import GitHubOptions, is_repository
from sources.github_progress import cursor, plan, window_of
from sources.github_tables import TABLES
from sources.github_walk import PATHS, PER_PAGE, Step, advance, first, step_of, sweep
from sources.pick import Row, integer, row, rows, stamp, text

_HEADERS: Final = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
_LISTINGS: Final = ("org", "user", "repo")


class GitHub:
    """Repositories of orgs and users, then pulls, issues, comments and commits of each."""

    Options = GitHubOptions

    name: str = "github"
    summary: str = "repositories with their pull requests, issues, comments and commits of a year"
    terms: str = (
        "5,000 requests an hour with a token, 60 without; at most 100 at the same time and 900 a minute per endpoint. "
        "An unchanged list answers 304, which counts against nothing."
    )
    headers: Mapping[str, str] = _HEADERS
    auth: Auth | None = Auth(
        env=("FETCHDECK_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"),
        hint="A read-only token raises 60 requests an hour to 5,000: https://github.com/settings/tokens",
    )
    budgets: Sequence[RateBudget] = (RateBudget(resource="core", requests=None, concurrency=90),)
    tables: Sequence[Table] = TABLES

    def __init__(self, options: GitHubOptions) -> None:
        self._options = options
        self.base_url: str = options.base_url

    def scope(self) -> str:
        """Name the options: another choice of anything is another harvest."""
        return msgspec.json.encode(self._options, order="deterministic").decode()

    def seed(self, memory: Memory) -> Iterable[Request]:
        """Name the repository lists, and the repositories that were named one by one.

        Raises:
            UsageError: there are none.
        """
        options = self._options
        if not (options.orgs or options.users or options.repos):
            raise UsageError('github: nothing to fetch: set orgs, users or repos ("owner/name") in the configuration')
        started = stamp(memory.started)
        which = "all" if options.forks else "sources"
        return [
            *(_listing(Step(kind="org", name=org, started=started), which) for org in options.orgs),
            *(_listing(Step(kind="user", name=user, started=started), "owner") for user in options.users),
            *(_repository(Step(kind="repo", name=name, started=started)) for name in options.repos),
        ]

    def accepts(self, request: Request, response: Response) -> bool:
        """Take a collector's 404, 410 or 451 for "nothing there", and the 409 of an empty repository."""
        kind = request.context.get("kind")
        return (kind in PATHS and response.status in {404, 410, 451}) or (kind == "commits" and response.status == 409)

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        """Turn a list into rows, its next page and, on the last page, a cursor.

        Raises:
            BadBody: no JSON of the expected shape, or nothing in it has a key.
        """
        step = step_of(request)
        if response.status >= 400:
            return self._absent(step, response)
        if step.kind == "repo":
            return self._repositories(request, response, step, [row(response.json(msgspec.Raw), response.url)], memory)
        found = rows(response)
        if step.kind in _LISTINGS:
            return self._repositories(request, response, step, found, memory)
        return self._collected(request, response, step, found)

    def _repositories(
        self, request: Request, response: Response, step: Step, found: Sequence[Row], memory: Memory
    ) -> Page:
        window = window_of(step, self._options)
        wanted = [repo for repo in found if step.kind == "repo" or self._wants(repo)]
        requests: list[Request] = []
        avoided: Counter[str] = Counter()
        for repo in wanted:
            if not is_repository(text(repo.value, "full_name") or "") or integer(repo.value, "id") is None:
                continue
            steps, saved = plan(repo.value, step, memory, self._options)
            requests += [first(walk, window) for walk in steps]
            for each in saved:
                avoided[each.why] += each.requests
        onward = advance(request, response, step, found, self.base_url)
        landed, missing = _land("repo", 0, wanted, response)
        return Page(
            records=landed,
            more=(*onward.more, *requests),
            avoided=[Avoided(count, why) for why, count in avoided.items()],
            note=_joined(onward.note, missing),
        )

    def _collected(self, request: Request, response: Response, step: Step, found: Sequence[Row]) -> Page:
        window = window_of(step, self._options)
        swept = sweep(step, found, window)
        step = msgspec.structs.replace(step, newest=swept.newest)
        landed, missing = _land(step.kind, step.repo_id, swept.kept, response)
        if swept.ended:
            return Page(records=landed, cursors=cursor(step, self._options), note=missing)
        onward = advance(request, response, step, found, self.base_url)
        return Page(
            records=landed,
            more=onward.more,
            cursors=cursor(step, self._options) if onward.complete else {},
            note=_joined(onward.note, missing),
        )

    def _absent(self, step: Step, response: Response) -> Page:
        """Count a disabled or empty list as complete, but ask again for what is not found: a permission may lack."""
        complete = response.status in {409, 410}
        try:
            reason = text(response.json(), "message") or ""
        except BadBody:
            reason = ""
        return Page(
            cursors=cursor(step, self._options) if complete else {},
            note=f"{step.kind} of {step.name}: {response.status} {reason}".rstrip(),
        )

    def _wants(self, repo: Row) -> bool:
        options, value = self._options, repo.value
        if (not options.forks and integer(value, "fork")) or (not options.archived and integer(value, "archived")):
            return False
        return options.wants(text(value, "full_name") or "")


def _listing(step: Step, which: str) -> Request:
    """Ask for the oldest first, so that a repository made during the walk joins its end."""
    return Request(
        key=f"{step.kind} {step.name}",
        url=f"/{step.kind}s/{step.name}/repos",
        params={"type": which, "sort": "created", "direction": "asc", "per_page": PER_PAGE},
        route=f"/{step.kind}s/{{{step.kind}}}/repos",
        context=msgspec.to_builtins(step),
        conditional=True,
    )


def _repository(step: Step) -> Request:
    return Request(
        key=f"repo {step.name}",
        url=f"/repos/{step.name}",
        route="/repos/{owner}/{repo}",
        context=msgspec.to_builtins(step),
        conditional=True,
    )


def _land(kind: str, repo_id: int, found: Sequence[Row], response: Response) -> tuple[list[Record], str]:
    """Make the rows of a page. One object without a key costs itself only; a page full of them is no answer."""
    groups = [shapes.records(kind, repo_id, each) for each in found]
    missing = groups.count([])
    if missing and missing == len(groups):
        raise BadBody(f"{response.url}: not one of {missing} objects has the keys of {kind}")
    note = f"{missing} of {len(groups)} {kind} have no key and were left out" if missing else ""
    return shapes.distinct(record for group in groups for record in group), note


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
