"""A look-alike of GitLab: its REST API v4 under a path prefix, and its repositories over smart HTTP."""

import base64
import re
from collections.abc import Sequence
from dataclasses import replace
from email.utils import formatdate

from simulator.common.api import Api, Call, Clock, Route, Router
from simulator.common.limits import Quota, Refusal
from simulator.common.meters import Meter, meter
from simulator.common.page import Header, Page, json_page
from simulator.common.settings import ApiConfig, Budget, Capacity, FaultRule, Limits, Preset
from simulator.gitlab.lists import PREFIX, Lists
from simulator.gitlab.repositories import Repositories
from simulator.gitlab.world import GitLabSizes, GitLabWorld

_ENDPOINTS = {
    f"{PREFIX}/groups": Budget(200, 60),
    f"{PREFIX}/groups/{{+id}}": Budget(400, 60),
    f"{PREFIX}/groups/{{+id}}/projects": Budget(600, 60),
    f"{PREFIX}/users/{{id}}/projects": Budget(300, 60),
    f"{PREFIX}/projects": Budget(2000, 600),
    f"{PREFIX}/projects/{{+id}}": Budget(400, 60),
}
"""Limits of gitlab.com that are in no header.

https://docs.gitlab.com/administration/settings/rate_limit_on_groups_api
"""
_GIT = re.compile(r"/(?P<path>.+)\.git(?P<rest>/(?:info/refs|git-upload-pack|HEAD|objects/.+))")
_TEXT = b"text/plain"
_REAL = ApiConfig(
    name="gitlab",
    sizes=GitLabSizes(),
    limits=Limits(budget=Budget(2000, 60), anonymous=Budget(500, 60), status=429, retry_after=True),
    capacity=Capacity(latency=0.15, spread=0.4, delay=0.03),
)
_QUIET = replace(
    _REAL,
    limits=Limits(budget=Budget(1_000_000, 60), status=429, retry_after=True),
    capacity=Capacity(),
    sizes=GitLabSizes(groups=3, subgroups=2, projects=8, megabytes=2, endpoint_limits=False),
)
_DEMO = replace(
    _REAL,
    limits=replace(_REAL.limits, budget=Budget(60, 10), anonymous=Budget(60, 10)),
    capacity=Capacity(workers=6, latency=0.12, spread=0.3, delay=0.01),
    faults=(FaultRule(fault="502", rate=0.02), FaultRule(fault="429", rate=0.01, wait=2)),
    sizes=GitLabSizes(groups=6, subgroups=6, projects=12, users=4),
)


class GitLabApi:
    """Responds as gitlab.com does.

    With a configured token, private projects need it and any other token is rejected. Lists and objects have weak
    ETags. A 304 costs as much as any response, because GitLab's documentation does not say otherwise.
    """

    name = "gitlab"
    conditional = True

    def __init__(self, config: ApiConfig, *, world: GitLabWorld, clock: Clock) -> None:
        self.world = world
        self.repositories = Repositories()
        self.credentials_seen: list[str] = []
        """The Authorization headers git sent, "" for none."""
        self._config = config
        self._clock = clock
        self._answered = 0
        self.routes: Sequence[Route] = Lists(world, may_see=self._may_see).routes()
        self._router = Router(self.routes)
        self._meters: dict[tuple[str, str], Meter] = {}

    async def backstage(self, call: Call) -> Page | None:
        """Serve git; None for a call of the API."""
        found = None if call.path.startswith(f"{PREFIX}/") else _GIT.fullmatch(call.path)
        if found is None:
            return None
        self.credentials_seen.append(call.headers.get(b"authorization", b"").decode("latin-1"))
        project = self.world.find_project(found["path"])
        hidden = project is None or project.missing or project.visibility != "public"
        if hidden and not self._git_knows(call):
            realm = ((b"www-authenticate", b'Basic realm="GitLab"'),)
            return Page(401, b"HTTP Basic: Access denied\n", kind=_TEXT, headers=realm, cacheable=False)
        if project is None or project.missing:
            words = b"The project you were looking for could not be found or you don't have permission to view it.\n"
            return Page(404, words, kind=_TEXT, cacheable=False)
        return await self.repositories.serve(call, project, found["rest"])

    def guard(self, call: Call) -> Page | None:
        """Reject a wrong token, and a call over its endpoint's limit."""
        if self._config.token is not None and self.credential(call) not in {"", self._config.token}:
            return json_page({"message": "401 Unauthorized"}, status=401)
        if call.method not in {"GET", "HEAD"}:
            return json_page({"error": "405 Not Allowed"}, status=405)
        return self._over(call)

    def credential(self, call: Call) -> str:
        """Return the token, from either of its headers."""
        given = call.headers.get(b"private-token", b"")
        bearer = call.headers.get(b"authorization", b"")
        return (given or bearer.partition(b"Bearer ")[2]).strip().decode("latin-1")

    def cost(self, _route: str) -> float:
        return 1.0

    def missing(self, _call: Call) -> Page:
        return json_page({"error": "404 Not Found"}, status=404)

    def broken(self) -> Page:
        return json_page({"message": "500 Internal Server Error"}, status=500)

    def refuse(self, call: Call, refusal: Refusal) -> Page:
        """Return a 429 in plain text."""
        wait = 60.0 if refusal.retry_after is None else refusal.retry_after
        return self._later(call, wait)

    def headers(self, call: Call, quota: Quota | None) -> list[Header]:
        """Return the budget (without the usual X- prefix), the request id and the constant headers."""
        self._answered += 1
        headers: list[Header] = [
            (b"server", b"nginx"),
            (b"vary", b"Origin"),
            (b"cache-control", b"max-age=0, private, must-revalidate"),
            (b"x-request-id", b"01SIMULATED%012d" % self._answered),
            (b"x-runtime", b"0.03"),
        ]
        if quota:
            kind = b"authenticated" if self.credential(call) else b"unauthenticated"
            headers += [
                (b"RateLimit-Limit", b"%d" % quota.limit),
                (b"RateLimit-Name", b"throttle_%s_api" % kind),
                (b"RateLimit-Observed", b"%d" % quota.used),
                (b"RateLimit-Remaining", b"%d" % quota.remaining),
                (b"RateLimit-Reset", b"%d" % quota.resets_at),
            ]
        return headers

    def _over(self, call: Call) -> Page | None:
        found = self._router.find(call.path)
        budget = _ENDPOINTS.get(found[0].template) if found else None
        if found is None or budget is None or not self.world.sizes.endpoint_limits:
            return None
        key = self.credential(call), found[0].template
        used = self._meters.setdefault(key, meter(budget))
        now = self._clock()
        return None if used.take(now, 1) else self._later(call, used.resets_at(now) - now)

    def _later(self, _call: Call, wait: float) -> Page:
        seconds = max(1, round(wait + 0.499))
        reset = formatdate(self._clock() + seconds, usegmt=True).encode()
        headers = ((b"retry-after", b"%d" % seconds), (b"RateLimit-ResetTime", reset))
        return Page(429, b"Retry later\n", kind=_TEXT, headers=headers, cacheable=False)

    def _may_see(self, call: Call) -> bool:
        given = self.credential(call)
        return bool(given) and self._config.token in {None, given}

    def _git_knows(self, call: Call) -> bool:
        """Say whether git sent the token, as the password of any user name."""
        kind, _, coded = call.headers.get(b"authorization", b"").partition(b" ")
        try:
            password = base64.b64decode(coded, validate=True).decode().partition(":")[2]
        except ValueError:
            return False
        return kind.lower() == b"basic" and bool(password) and self._config.token in {None, password}


class GitLabKind:
    """Makes the GitLab look-alike."""

    name = "gitlab"
    path = PREFIX

    def preset(self, preset: Preset) -> ApiConfig:
        """Return the limits of gitlab.com ("real"), small ones ("demo"), or limits out of reach ("quiet")."""
        return {"real": _REAL, "demo": _DEMO, "quiet": _QUIET}[preset]

    def build(self, config: ApiConfig, *, seed: int, year: int, clock: Clock) -> Api:
        return GitLabApi(config, world=GitLabWorld(seed, year=year, sizes=config.sizes), clock=clock)


KIND = GitLabKind()
