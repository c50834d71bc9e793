"""GitHub, by REST and GraphQL: a year of organisations, users and single repositories.

Facts and limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from engine.errors import BadBody
from engine.estimator import Estimate
from engine.part import Book, Part
from engine.source import Auth, Avoided, Memory, Page, RateBudget, Record, Request, Response, Source, Table
from sources import github_estimate as estimates
from sources import github_graphql as graphql
from sources import github_hygiene as hygiene
from sources import github_listing as listing
from sources import github_parts as chart
from sources import github_reviews as reviews
from sources import github_rows as shapes
from sources import github_single as single
from sources.github_options import QUESTIONS, GitHubOptions, is_repository
from sources.github_progress import cursor, plan, spared, window_of
from sources.github_tables import TABLES
from sources.github_walk import PATHS, Step, Target, advance, first, step_of, sweep
from sources.pick import Row, integer, row, rows, text

_HEADERS: Final = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
_CPU: Final = 90.0
"""Seconds of CPU in 60, all kinds of request together; an Enterprise server sets no such limit by itself."""
_CORE: Final = RateBudget(resource="core", requests=None, concurrency=90, unchanged_free=True)
_GRAPHQL: Final = RateBudget(resource=graphql.RESOURCE, requests=2000, per=60.0, concurrency=10)
_GRAPHQL_CPU: Final = 60.0
_BELOW_REPOSITORY: Final = frozenset({*PATHS, "pull_reviews", "pull_details", "tree", "gone"})
_ANONYMOUS_LIMIT: Final = "60"
_BY_REST: Final = "reviews and hygiene by REST, a request for each pull request and repository: GraphQL wants a token"
_UNCHANGED: Final = "unchanged since last time (304)"


class GitHub:
    """Repositories of orgs and users, then pulls, issues, reviews, comments, commits and hygiene of each."""

    Options = GitHubOptions
    questions = QUESTIONS

    name: str = "github"
    summary: str = "repositories with their pull requests, issues, reviews, comments and commits of a year"
    terms: str = (
        "5,000 requests an hour with a token, 60 without; at most 100 at the same time and 900 a minute per endpoint; "
        "GraphQL only with a token, 5,000 points an hour. An unchanged list answers 304, which counts against nothing."
    )
    headers: Mapping[str, str] = _HEADERS
    auth: Auth | None = Auth(
        env=("FETCHDECK_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"),
        hint="A read-only token raises 60 requests an hour to 5,000: https://github.com/settings/tokens",
    )
    tables: Sequence[Table] = TABLES

    def __init__(self, options: GitHubOptions, *, anonymous: bool = False) -> None:
        self._options = options
        self._anonymous = anonymous
        self.base_url: str = options.base_url
        self.budgets: Sequence[RateBudget] = _budgets(options)

    def without_secret(self) -> tuple[Source, str]:
        """Leave GraphQL out: it answers nobody without a token, and REST has it all, a request for each."""
        options = self._options
        asked = options.graphql and (options.reviews or options.hygiene or options.pull_details)
        rest = msgspec.structs.replace(options, graphql=False)
        return GitHub(rest, anonymous=True), _BY_REST if asked else ""

    def scope(self) -> str:
        """Name the options: another choice of anything is another harvest."""
        return msgspec.json.encode(self._options, order="deterministic").decode()

    def seed(self, memory: Memory) -> Iterable[Request]:
        """Name the repository lists, and the repositories that were named one by one.

        Raises:
            UsageError: there are none.
        """
        return listing.seeds(memory, self._options)

    def probes(self, memory: Memory) -> Sequence[Request]:
        """Ask each account how many repositories it has."""
        return estimates.probes(memory, self._options)

    def learn(self, request: Request, response: Response) -> Mapping[str, int]:
        """Read the number of repositories.

        Raises:
            BadBody: it is no JSON.
        """
        return estimates.learn(request, response)

    def estimate(self, memory: Memory, known: Mapping[str, int]) -> Sequence[Estimate]:
        """Say what a run would cost."""
        return estimates.estimate(memory, known, self._options, anonymous=self._anonymous)

    def parts(self, book: Book) -> Iterable[Part]:
        """Say which repositories are there, by collector and year."""
        return chart.parts(book, self._options)

    def refill(self, key: str, book: Book) -> Iterable[Request]:
        """Ask for one list of repositories, or one collector of one."""
        return chart.refill(key, book, self._options)

    def accepts(self, request: Request, response: Response) -> bool:
        """Take what is not there for an answer: a list's 404, 410 or 451, an empty repository's 409, no GraphQL."""
        kind = request.context.get("kind")
        if request.resource == graphql.RESOURCE:
            return graphql.accepts(response, divisible=_is_divisible(step_of(request)))
        if kind in {"commits", "tree"} and response.status == 409:
            return True
        return kind in _BELOW_REPOSITORY and response.status in {404, 410, 451}

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        """Turn an answer into rows, what follows from it and, on a walk's last page, a cursor.

        Raises:
            BadBody: no JSON of the expected shape, or nothing in it has a key.
        """
        step = step_of(request)
        page = self._meaning(request, response, step, memory)
        if response.unchanged and response.headers.get("x-ratelimit-limit") != _ANONYMOUS_LIMIT:
            return replace(page, avoided=[*page.avoided, Avoided(1, _UNCHANGED)])
        return page

    def _meaning(self, request: Request, response: Response, step: Step, memory: Memory) -> Page:  # noqa: PLR0911 - a table
        options = self._options
        if request.resource == graphql.RESOURCE:
            return replace(self._graphql(response, step), cost=graphql.points(response))
        if response.status >= 400 and not (step.kind == "tree" and response.status == 409):
            return self._absent(step, response)
        match step.kind:
            case "org" | "user":
                return self._repositories(request, response, step, rows(response), memory)
            case "repo":
                return self._repositories(request, response, step, [_object(response)], memory)
            case "gone":
                return self._moved(response, step)
            case "tree":
                return hygiene.parse_tree(response, step, options)
            case "pull_reviews":
                return single.parse_reviews(request, response, step, self.base_url)
            case "pull_details":
                return single.parse_details(response, step)
            case _:
                return self._collected(request, response, step, rows(response))

    def _graphql(self, response: Response, step: Step) -> Page:
        if response.status in {401, 404}:
            return Page(note=f"{step.kind} of {step.name}: {graphql.unavailable(response)}")
        match step.kind:
            case "hygiene":
                return hygiene.parse(response, step, self._options)
            case "more_reviews":
                return reviews.parse_more(response, step, self._options)
            case _:
                return reviews.parse(response, step, self._options)

    def _repositories(
        self, request: Request, response: Response, step: Step, found: Sequence[Row], memory: Memory
    ) -> Page:
        options, listed = self._options, listing.read(step, found, self._options)
        requests: list[Request] = []
        targets: list[Target] = []
        avoided: Counter[str] = Counter()
        for repo in listed.walked:
            if not is_repository(text(repo.value, "full_name") or "") or integer(repo.value, "id") is None:
                continue
            needed = plan(repo.value, step, memory, options)
            requests += [self._first(walk) for walk in needed.steps]
            targets += [needed.target] if needed.target else []
            for each in needed.avoided:
                avoided[each.why] += each.requests
        onward = advance(request, response, listed.step, found, self.base_url)
        left = listing.vanished(listed.step, memory, options) if onward.ended else []
        lost = f"{options.from_repo} is not in this list" if listed.step.waiting and onward.ended else ""
        landed, missing = _land("repo", 0, listed.wanted, response)
        return Page(
            records=landed,
            more=(*onward.more, *requests, *hygiene.requests(targets, step, options), *left),
            cursors=listing.remembered(listed.step, options) if onward.ended else {},
            avoided=[Avoided(count, why) for why, count in avoided.items()],
            note=_joined(onward.note, missing, lost),
        )

    def _first(self, walk: Step) -> Request:
        if walk.kind == "reviews":
            return reviews.first(walk, self._options)
        return first(walk, window_of(walk, self._options))

    def _collected(self, request: Request, response: Response, step: Step, found: Sequence[Row]) -> Page:
        swept = sweep(step, found, window_of(step, self._options))
        requests = single.requests(step, swept.kept, self._options) if step.kind == "pulls" else []
        naive = step.naive + 1 + len(requests)
        step = msgspec.structs.replace(step, newest=swept.newest, naive=naive)
        kept = swept.kept if step.kind != "pulls" or self._options.pulls else []
        landed, missing = _land(step.kind, step.repo_id, kept, response)
        onward = None if swept.ended else advance(request, response, step, found, self.base_url)
        complete = onward is None or onward.ended
        return Page(
            records=landed,
            more=(*requests, *(onward.more if onward else ())),
            cursors=cursor(step, self._options) if complete else {},
            avoided=spared(step) if complete else [],
            note=_joined(onward.note if onward else "", missing),
        )

    def _moved(self, response: Response, step: Step) -> Page:
        """Land a repository that is elsewhere now: renamed, transferred, or no longer what its list is about."""
        found = _object(response)
        landed, _ = _land("repo", 0, [found], response)
        return Page(
            records=landed,
            note=f"repository {step.repo_id} has left {step.name}: it is {text(found.value, 'full_name')} now",
        )

    def _absent(self, step: Step, response: Response) -> Page:
        """Count a disabled or empty list as complete, but ask again for what is not found: a permission may lack."""
        if step.kind == "gone":
            record, note = listing.gone(step, response)
            return Page(records=[record], note=note)
        complete = response.status in {409, 410} and step.kind in PATHS
        try:
            reason = text(response.json(), "message") or ""
        except BadBody:
            reason = ""
        step = msgspec.structs.replace(step, naive=1)
        return Page(
            cursors=cursor(step, self._options) if complete else {},
            note=f"{step.kind} of {step.name}: {response.status} {reason}".rstrip(),
        )


def _budgets(options: GitHubOptions) -> Sequence[RateBudget]:
    """Return the limits of the host: only github.com bounds the CPU time it spends on a client."""
    core, by_query = _CORE, _GRAPHQL
    if not graphql.is_enterprise(options.base_url):
        core, by_query = replace(core, cpu_seconds=_CPU), replace(by_query, cpu_seconds=_GRAPHQL_CPU)
    return (core, by_query) if options.graphql else (core,)


def _is_divisible(step: Step) -> bool:
    if step.kind == "hygiene":
        return hygiene.is_divisible(step)
    return step.kind == "reviews" and reviews.is_divisible(step)


def _object(response: Response) -> Row:
    return row(response.json(msgspec.Raw), response.url)


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
