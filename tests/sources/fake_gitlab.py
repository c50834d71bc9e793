"""The simulator's GitLab asked without a socket, a git that always answers, and a driver whose memory holds rows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import msgspec

from engine.model.source import Request, Response
from simulator.apis.gitlab import KIND, GitLabApi
from simulator.common.api import Call, Router
from simulator.common.settings import ApiConfig
from simulator.gitlab.world import GitLabSizes
from sources.gitlab.options import GitLabOptions
from sources.gitlab.source import GitLab
from tests.sources.driver import Driver

INSTANCE = "https://gitlab.test/gitlab"
API = f"{INSTANCE}/api/v4"


class FakeGitLab:
    """Answers as the simulator would; `git` holds answers of git by project, other ones are cloned at once."""

    def __init__(self, **sizes: Any) -> None:
        config: ApiConfig = KIND.preset("quiet")
        config = replace(config, sizes=GitLabSizes(**{"odd": False, "users": 0, "endpoint_limits": False, **sizes}))
        api = KIND.build(config, seed=1, year=2023, clock=lambda: 1_740_000_000.0)
        assert isinstance(api, GitLabApi)
        self.api = api
        self.world = api.world
        self.git: dict[int, tuple[int, str]] = {}
        self.asked: list[str] = []
        self.cloned: list[Mapping[str, Any]] = []
        self._router = Router(api.routes)

    def __call__(self, request: Request) -> Response:
        return self._git(request) if request.via == "git" else self._ask(request)

    def _ask(self, request: Request) -> Response:
        parts = urlsplit(request.url.removeprefix(API))
        query = parts.query or urlencode(request.params)
        self.asked.append(f"{unquote(parts.path)}?{query}")
        path = f"/api/v4{unquote(parts.path)}"
        call = Call(path=path, query=query, base=INSTANCE, headers={b"private-token": b"x"})
        found = self._router.find(path)
        assert found is not None
        page = found[0].handler(call, found[1])
        headers = {name.decode().lower(): value.decode() for name, value in page.headers}
        url = f"{INSTANCE}{path}?{query}"
        return Response(status=page.status, headers=headers, body=page.body, url=url, elapsed=0.1)

    def _git(self, request: Request) -> Response:
        self.cloned.append(request.json)
        status, state = self.git.get(request.json["project"], (200, "ok"))
        said = {"state": state, "did": "cloned", "head": "0" * 40, "branch": "main", "bytes": 1024}
        said |= {"path": request.json["folder"]} if status == 200 else {"message": f"it is {state}"}
        return Response(status=status, headers={}, body=msgspec.json.encode(said), url=request.url, elapsed=0.1)


class Harvest(Driver):
    """A driver that finds rows by key, as the engine's memory does."""

    def __init__(self, fake: FakeGitLab, **options: Any) -> None:
        super().__init__(GitLab(msgspec.convert({"base_url": API, **options}, GitLabOptions)), fake)

    def table(self, name: str) -> list[Mapping[str, Any]]:
        return [row for (table, _), row in sorted(self.rows.items(), key=str) if table == name]
