"""A look-alike of the GitHub API, REST and GraphQL: https://docs.github.com/rest."""

from collections.abc import Sequence
from dataclasses import replace

from simulator.common.api import Api, Call, Clock, Route
from simulator.common.limits import Quota, Refusal
from simulator.common.page import Header, Page, json_page
from simulator.common.settings import ApiConfig, Budget, Capacity, FaultRule, Limits, Preset
from simulator.github.accounts import GitHubSizes
from simulator.github.graph import Graph
from simulator.github.graphql import PATH, GraphQL, answers
from simulator.github.handlers import Handlers
from simulator.github.inside import Inside
from simulator.github.queries import DOCS, message
from simulator.github.world import GitHubWorld

VERSIONS = {b"2022-11-28", b"2026-03-10"}

_NO_AGENT = (
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header "
    "(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). "
    "Missing or invalid User Agent string. Check https://developer.github.com for other possible causes.\n"
)
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID {id}."
)
_FIXED: list[Header] = [
    (b"server", b"github.com"),
    (b"vary", b"Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With"),
    (b"x-github-media-type", b"github.v3; format=json"),
    (b"access-control-expose-headers", b"ETag, Link, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining"),
    (b"x-content-type-options", b"nosniff"),
]
_REAL = ApiConfig(
    name="github",
    sizes=GitHubSizes(),
    limits=Limits(
        budget=Budget(5000, 3600),
        anonymous=Budget(60, 3600),
        points=Budget(900, 60),
        queries=Budget(5000, 3600),
        query_points=Budget(2000, 60),
        concurrency=100,
        known="headers",
        unchanged_is_free="authorized",
    ),
    capacity=Capacity(latency=0.12, spread=0.4, delay=0.03),
)
_QUIET = replace(
    _REAL,
    limits=replace(
        _REAL.limits,
        budget=Budget(1_000_000, 3600),
        anonymous=None,
        points=None,
        queries=Budget(1_000_000, 3600),
        query_points=None,
        concurrency=None,
    ),
    capacity=Capacity(),
    sizes=GitHubSizes(orgs=2, repos=16, pulls=40, issues=60, comments=120, review_comments=50, commits=90, people=60),
)
_DEMO = replace(
    _REAL,
    limits=replace(
        _REAL.limits,
        budget=Budget(150, 15),
        anonymous=Budget(60, 15),
        points=Budget(900, 15),
        queries=Budget(60, 15),
        penalty=5.0,
    ),
    capacity=Capacity(workers=12, latency=0.08, spread=0.3, delay=0.01),
    faults=(
        FaultRule(fault="502", rate=0.015),
        FaultRule(fault="503", rate=0.005),
        FaultRule(fault="reset", rate=0.005),
        FaultRule(fault="429", every=700, wait=2),
    ),
    sizes=GitHubSizes(orgs=2, repos=120, pulls=150, issues=250, comments=500, review_comments=200, commits=600),
)


class GitHubApi:
    """Responds as api.github.com does."""

    name = "github"
    conditional = True

    def __init__(self, config: ApiConfig, *, world: GitHubWorld, clock: Clock, seed: int = 1) -> None:
        self._config = config
        self._clock = clock
        self._answered = 0
        inside = Inside(world, seed)
        self._handlers = Handlers(world, inside)
        self._graphql = GraphQL(Graph(world, inside), budget=config.limits.queries, clock=clock)
        self.routes: Sequence[Route] = [
            *self._handlers.routes(),
            Route("/rate_limit", self._rate_limit),
            Route(PATH, self._query),
        ]

    def guard(self, call: Call) -> Page | None:
        """Reject a call with no user agent, a wrong token or an unknown API version."""
        headers = call.headers
        if not headers.get(b"user-agent", b"").strip():
            return Page(403, _NO_AGENT.encode(), kind=b"text/html; charset=utf-8")
        if self._config.token is not None and self.credential(call) not in {"", self._config.token}:
            return message(401, "Bad credentials")
        if headers.get(b"x-github-api-version", b"2022-11-28") not in VERSIONS:
            return message(
                400, "The specified API version is not supported.", f"{DOCS}/about-the-rest-api/api-versions"
            )
        if call.method not in {"GET", "HEAD"} and not answers(call):
            return self.missing(call)
        return None

    def credential(self, call: Call) -> str:
        header = call.headers.get(b"authorization", b"")
        return header.partition(b" ")[2].strip().decode("latin-1") if header else ""

    def cost(self, route: str) -> float:
        """Return 1; 0 for the rate limit itself, and for GraphQL, which counts points of its own."""
        return 0.0 if route in {"/rate_limit", PATH} else 1.0

    def missing(self, _call: Call) -> Page:
        """Return a 404, as GitHub also does for anything a client may not see."""
        return message(404, "Not Found")

    def broken(self) -> Page:
        """Return a 500 as recorded."""
        return json_page({"error": "Server Error"}, status=500)

    def refuse(self, call: Call, refusal: Refusal) -> Page:
        """Return the response to an exceeded primary or secondary limit."""
        retry: tuple[Header, ...] = ()
        if refusal.retry_after is not None:
            retry = ((b"retry-after", b"%d" % max(1, round(refusal.retry_after + 0.499))),)
        status = self._config.limits.status
        if refusal.reason == "primary":
            docs = f"{DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"
            return message(status, _exceeded(self.credential(call)), docs, retry)
        docs = f"{DOCS}/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
        return message(status, _SECONDARY.format(id=self._request_id()), docs, retry)

    def headers(self, call: Call, quota: Quota | None) -> list[Header]:
        """Return the budget, the request id and the constant headers."""
        cache = b"private" if b"authorization" in call.headers else b"public"
        headers = [
            *_FIXED,
            (b"cache-control", cache + b", max-age=60, s-maxage=60"),
            (b"x-github-request-id", self._request_id().encode()),
            (b"x-github-api-version-selected", call.headers.get(b"x-github-api-version", b"2022-11-28")[:10]),
        ]
        queried = call.path == PATH
        if queried:
            quota = self._graphql.quota(self.credential(call))
        if quota:
            headers += [
                (b"x-ratelimit-limit", b"%d" % quota.limit),
                (b"x-ratelimit-remaining", b"%d" % quota.remaining),
                (b"x-ratelimit-reset", b"%d" % quota.resets_at),
                (b"x-ratelimit-used", b"%d" % quota.used),
                (b"x-ratelimit-resource", b"graphql" if queried else b"core"),
            ]
        self._answered += 1
        return headers

    def _rate_limit(self, call: Call, _names: object) -> Page:
        quota = call.quota or Quota(5000, 5000, self._clock() + 3600)
        core = {
            "limit": quota.limit,
            "used": quota.used,
            "remaining": quota.remaining,
            "reset": int(quota.resets_at),
        }
        points = self._graphql.quota(self.credential(call))
        graphql = {
            "limit": points.limit,
            "used": points.used,
            "remaining": points.remaining,
            "reset": int(points.resets_at),
        }
        search = {"limit": 30, "used": 0, "remaining": 30, "reset": int(self._clock()) + 60}
        resources = {"core": core, "search": search, "graphql": graphql}
        return json_page({"resources": resources, "rate": core}, cacheable=False)

    def _query(self, call: Call, _names: object) -> Page:
        if call.method != "POST":
            return self.missing(call)
        return self._graphql.answer(call, self.credential(call))

    def _request_id(self) -> str:
        return f"F0DE:{self._answered & 0xFFFF:04X}:{self._answered:07X}:{int(self._clock()):08X}"


def _exceeded(credential: str) -> str:
    if credential:
        return "API rate limit exceeded for user ID 1."
    return (
        "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher rate "
        "limit. Check out the documentation for more details.)"
    )


class GitHubKind:
    """Makes the GitHub look-alike."""

    name = "github"
    path = ""

    def preset(self, preset: Preset) -> ApiConfig:
        """Return the documented limits ("real"), small ones ("demo"), or limits out of reach ("quiet")."""
        return {"real": _REAL, "demo": _DEMO, "quiet": _QUIET}[preset]

    def build(self, config: ApiConfig, *, seed: int, year: int, clock: Clock) -> Api:
        return GitHubApi(config, world=GitHubWorld(seed, year=year, sizes=config.sizes), clock=clock, seed=seed)


KIND = GitHubKind()
