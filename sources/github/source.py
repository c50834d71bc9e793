"""GitHub by REST and GraphQL: organisations, users and single repositories over one year.

Facts and limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from engine.model.capabilities import Estimate
from engine.model.coverage import CoverageReader, Part
from engine.model.source import Auth, Avoided, Memory, Page, RateBudget, Request, Response, Source, Table
from sources.github import coverage, graphql, repositories
from sources.github import estimate as estimates
from sources.github.answers import Answers, is_divisible
from sources.github.lists import PATHS, step_of
from sources.github.options import QUESTIONS, GitHubOptions
from sources.github.tables import TABLES
from sources.github.web_address import options_of

_HEADERS: Final = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
_CPU: Final = 90.0
"""CPU seconds per 60 seconds, over REST and GraphQL together (documented as a secondary limit).

An Enterprise server has no such limit by default.
"""
_CORE: Final = RateBudget(resource="core", requests=None, concurrency=90, unchanged_free=True)
_GRAPHQL: Final = RateBudget(resource=graphql.RESOURCE, requests=2000, per=60.0, concurrency=10)
_GRAPHQL_CPU: Final = 60.0
_BELOW_REPOSITORY: Final = frozenset({*PATHS, "pull_reviews", "pull_details", "tree", "gone"})
_ANONYMOUS_LIMIT: Final = "60"
_BY_REST: Final = "reviews and hygiene by REST, a request for each pull request and repository: GraphQL wants a token"
_UNCHANGED: Final = "unchanged since last time (304)"


class GitHub:
    """Fetches repositories, then the pulls, issues, reviews, comments, commits and hygiene of each."""

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
        self._answers = Answers(options)

    @classmethod
    def from_url(cls, url: str) -> Mapping[str, Any] | None:
        """Return the options that a web page stands for; None for any other address."""
        return options_of(url)

    def without_secret(self) -> tuple[Source, str]:
        """Return the source without GraphQL, which needs a token.

        REST has everything, at one request per pull request.
        """
        options = self._options
        asked = options.graphql and (options.reviews or options.hygiene or options.pull_details)
        rest = msgspec.structs.replace(options, graphql=False)
        return GitHub(rest, anonymous=True), _BY_REST if asked else ""

    def scope(self) -> str:
        """Return the options: other values of them make another harvest."""
        return msgspec.json.encode(self._options, order="deterministic").decode()

    def seed(self, memory: Memory) -> Iterable[Request]:
        """Return the requests of the repository lists and of the repositories configured by name.

        Raises:
            UsageError: nothing is configured.
        """
        return repositories.seeds(memory, self._options)

    def probes(self, memory: Memory) -> Sequence[Request]:
        """Request each account's number of repositories."""
        return estimates.probes(memory, self._options)

    def learn(self, request: Request, response: Response) -> Mapping[str, int]:
        """Read an account's number of repositories.

        Raises:
            BadBody: it is not JSON.
        """
        return estimates.learn(request, response)

    def estimate(self, memory: Memory, known: Mapping[str, int]) -> Sequence[Estimate]:
        """Estimate a run's requests."""
        return estimates.estimate(memory, known, self._options, anonymous=self._anonymous)

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        """Return the coverage of each repository, by collector and window."""
        return coverage.parts(reader, self._options)

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        """Request one list of repositories, or one collector of one repository."""
        return coverage.refill(key, reader, self._options)

    def accepts(self, request: Request, response: Response) -> bool:
        """Accept what is missing: a list's 404, 410 or 451, an empty repository's 409, and no GraphQL."""
        kind = request.context.get("kind")
        if request.resource == graphql.RESOURCE:
            return graphql.accepts(response, divisible=is_divisible(step_of(request)))
        if kind in {"commits", "tree"} and response.status == 409:
            return True
        return kind in _BELOW_REPOSITORY and response.status in {404, 410, 451}

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        """Turn a response into rows, follow-up requests and, on a walk's last page, a cursor.

        Raises:
            BadBody: it is not JSON of the expected shape, or no object in it has a key.
        """
        page = self._answers.page(request, response, memory)
        # Without a token a 304 counts against the limit of 60, so it saves nothing.
        if response.unchanged and response.headers.get("x-ratelimit-limit") != _ANONYMOUS_LIMIT:
            return replace(page, avoided=[*page.avoided, Avoided(1, _UNCHANGED)])
        return page


def _budgets(options: GitHubOptions) -> Sequence[RateBudget]:
    """Return the host's limits. Only github.com limits the CPU time it spends on a client."""
    core, by_query = _CORE, _GRAPHQL
    if not graphql.is_enterprise(options.base_url):
        core, by_query = replace(core, cpu_seconds=_CPU), replace(by_query, cpu_seconds=_GRAPHQL_CPU)
    return (core, by_query) if options.graphql else (core,)
