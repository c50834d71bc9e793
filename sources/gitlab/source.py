"""GitLab: a tree of groups with its projects, and then their repositories.

Facts: https://docs.gitlab.com/api/groups and https://docs.gitlab.com/api/rest. The limits of single endpoints are not
in the headers (https://docs.gitlab.com/administration/settings/rate_limit_on_groups_api), so they are budgets here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from engine.common.errors import UsageError
from engine.model.capabilities import Checkouts, Estimate
from engine.model.coverage import CoverageReader, Part
from engine.model.source import Auth, Memory, Page, RateBudget, Request, Response, Table
from sources.gitlab import clone, coverage
from sources.gitlab import estimate as estimates
from sources.gitlab.answers import ListPage, begin, single
from sources.gitlab.lists import API, SINGLE, ListStep, step_of
from sources.gitlab.options import GITLAB_COM, QUESTIONS, GitLabOptions
from sources.gitlab.rows import TABLES
from sources.gitlab.web_address import options_of

_INSTANCE: Final = 200
_USERS: Final = 300
_GROUPS: Final = 400
"""Requests a minute that the strictest endpoint of each kind of root allows.

The endpoints are `GET /groups` (`GET /projects` allows 2,000 in ten minutes), `GET /users/:id/projects` and `GET
/groups/:id`.
"""


class GitLab:
    """Groups, subgroups, projects and shared projects; then clones of them in the same tree of folders."""

    Options = GitLabOptions
    questions = QUESTIONS

    name: str = "gitlab"
    summary: str = "groups with subgroups and projects as a tree, and clones of their repositories"
    terms: str = (
        "gitlab.com allows 2,000 requests a minute with a token and 500 without; lists of groups 200, one group 400, "
        "projects of a group 600 a minute. Git has no such limit, but 300 refused logins in a minute block the address."
    )
    headers: Mapping[str, str] = {"accept": "application/json"}
    auth: Auth | None = Auth(
        env=("FETCHDECK_GITLAB_TOKEN", "GITLAB_TOKEN"),
        header="PRIVATE-TOKEN",
        prefix="",
        hint="A token with read_api, and read_repository for clones, shows private groups: "
        "https://gitlab.com/-/user_settings/personal_access_tokens",
    )
    tables: Sequence[Table] = TABLES

    def __init__(self, options: GitLabOptions) -> None:
        self.options = options
        self.base_url: str = options.base_url
        self.checkouts: Checkouts | None = options.checkouts
        self.budgets: Sequence[RateBudget] = _budgets(options)

    @classmethod
    def from_url(cls, url: str) -> Mapping[str, Any] | None:
        """Return the options that a web page stands for; None for any other address."""
        return options_of(url)

    def scope(self) -> str:
        """Return the options: other values of them make another harvest."""
        return msgspec.json.encode(self.options, order="deterministic").decode()

    def seed(self, memory: Memory) -> Iterable[Request]:
        """Return the first requests of every root's lists.

        Raises:
            UsageError: no root is configured, or the root is all of gitlab.com.
        """
        return [begin(step, self.options, memory) for step in self._roots()]

    def probes(self, memory: Memory) -> Sequence[Request]:
        """Request one row of each list that was never walked, to learn its length."""
        return estimates.probes(self._roots(), memory, self.options)

    def learn(self, request: Request, response: Response) -> Mapping[str, int]:
        """Read a list's length from its headers."""
        return estimates.learn(request, response)

    def estimate(self, memory: Memory, known: Mapping[str, int]) -> Sequence[Estimate]:
        """Estimate a run's requests: the lists, and git."""
        return estimates.estimate(self._roots(), memory, known, self.options)

    def _roots(self) -> list[ListStep]:
        options = self.options
        if not (options.groups or options.users or options.instance):
            raise UsageError('gitlab: nothing to fetch: set groups (["group/subgroup"] or numbers), users or instance')
        if options.instance and options.host == GITLAB_COM and not options.membership:
            raise UsageError(
                "gitlab: instance = true would list every project of gitlab.com: add membership = true, or name groups"
            )
        steps = [ListStep(kind=kind, of=str(root)) for root in options.groups for kind in ("groups", "projects")]
        steps += [ListStep(kind="owned", of=user) for user in options.users]
        steps += [ListStep(kind=kind) for kind in ("all_groups", "all_projects") if options.instance]
        if options.shared == "deep":
            steps += [ListStep(kind="shared", of=str(root)) for root in options.groups]
        return steps

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        """Return the coverage of lists, groups and clones."""
        return coverage.parts(reader, self.options, self.seed(reader.memory))

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        """Request one list, or a git job for one repository."""
        return coverage.refill(key, reader, self.options, self.seed(reader.memory))

    def accepts(self, request: Request, response: Response) -> bool:
        """Accept a 404 for an object listed earlier (it is gone), and git's faults of one repository."""
        if request.via == "git":
            refused = response.status in clone.ANSWERED or (self.options.fail_fast and response.status >= 400)
            return refused and not request.context.get("again")
        return response.status == 404 and bool(request.context.get("check"))

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        """Turn a list into rows, its other pages and git jobs; or git's response into the row of a clone.

        Raises:
            BadBody: it is not JSON of the expected shape, or no object in it has an id.
            SourceError: a clone failed and `fail_fast` is on.
        """
        if request.via == "git":
            return clone.landed(request, response, self.options, memory)
        step = step_of(request)
        if step.kind in SINGLE:
            return single(step, response, memory)
        return ListPage(request=request, response=response, step=step, options=self.options, memory=memory).parse()


def _budgets(options: GitLabOptions) -> Sequence[RateBudget]:
    """Return one lane for the API and one for git, so that their concurrencies never mix.

    The strictest endpoint limit in use holds for the whole lane: with 100 rows a page none of them is reached.
    """
    asked = [limit for limit, roots in ((_GROUPS, options.groups), (_USERS, options.users)) if roots]
    asked += [_INSTANCE] if options.instance else []
    strictest = min(asked, default=_GROUPS)
    budgets = [RateBudget(resource=API, requests=strictest, per=60.0, concurrency=options.concurrency)]
    if options.api_rate_limit is not None:
        hourly = RateBudget(resource=API, requests=options.api_rate_limit, per=3600.0, concurrency=options.concurrency)
        budgets.append(hourly)
    if options.clone:
        places = options.git_concurrency
        budgets.append(RateBudget(resource=clone.GIT, concurrency=places, base_url=options.instance_url, apart=True))
    return budgets
