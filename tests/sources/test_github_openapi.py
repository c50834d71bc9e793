"""Every REST request of a run against GitHub's own OpenAPI file. Absent, or without a validator, these skip."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from engine.source import Request
from sources.github import GitHub
from sources.github_options import GitHubOptions
from tests.sources.driver import STARTED, Driver
from tests.sources.look_alike import Simulated

SPEC = Path(__file__).parents[3] / "shared" / "specs" / "github-openapi.json"
HOST = "https://api.github.com"
pytestmark = pytest.mark.skipif(not SPEC.is_file(), reason="no OpenAPI file beside this checkout")


@pytest.fixture(scope="module")
def spec() -> Any:
    core = pytest.importorskip("openapi_core", reason="openapi-core is not installed")
    content: dict[str, Any] = msgspec.json.decode(SPEC.read_bytes())
    content["servers"] = [{"url": HOST}]
    # These stand for the path itself in GitHub's file; the validator refuses paths it cannot tell apart otherwise.
    return core.OpenAPI.from_dict(content, config=core.Config(spec_validator_cls=None))


class _Asked:
    """A request as the validator wants to see it."""

    def __init__(self, request: Request, base: str) -> None:
        datatypes = pytest.importorskip("openapi_core.datatypes")
        multidict = pytest.importorskip("werkzeug.datastructures")
        url = request.url.removeprefix(base)
        parts = urlsplit(url)
        pairs = [pair.partition("=")[::2] for pair in parts.query.split("&") if pair]
        query = multidict.ImmutableMultiDict([*pairs, *((name, str(value)) for name, value in request.params.items())])
        self.host_url, self.path, self.method = HOST, parts.path, request.method.lower()
        self.full_url_pattern = f"{HOST}{parts.path}"
        self.content_type, self.body = "", None
        self.parameters = datatypes.RequestParameters(query=query)


@pytest.mark.parametrize("graphql", [True, False])
def test_every_rest_request_of_a_run_is_one_that_the_file_describes(spec: Any, graphql: bool) -> None:
    simulated = Simulated("github", sizes={"repos": 12, "pulls": 150})
    repo = simulated(Request(key="k", url="/orgs/aurora/repos", params={"per_page": 1})).json()[0]["full_name"]
    options = GitHubOptions(
        base_url=simulated.base_url,
        orgs=("aurora",),
        users=("ada-0",),
        repos=(repo,),
        year=2024,
        pull_details=True,
        graphql=graphql,
    )
    driver = Driver(GitHub(options), simulated)
    driver.run()
    driver.run(STARTED.replace(year=2026))

    asked = [each for each in simulated.requests[1:] if each.resource == "core" and "/repositories/" not in each.url]

    assert len({each.route for each in asked}) >= (8 if graphql else 11)
    for request in asked:
        spec.validate_request(_Asked(request, simulated.base_url))


def test_a_request_that_the_file_does_not_describe_is_found_out(spec: Any) -> None:
    errors = pytest.importorskip("openapi_core.exceptions")
    wrong = Request(key="k", url="/repos/o/r/pulls", params={"state": "sideways"})

    with pytest.raises(errors.OpenAPIError):
        spec.validate_request(_Asked(wrong, HOST))
    with pytest.raises(errors.OpenAPIError):
        spec.validate_request(_Asked(Request(key="k", url="/repos/o/r/pulling"), HOST))
