"""Every REST request of a run against GitHub's own OpenAPI file. Absent, or without a validator, these skip."""

from pathlib import Path

import msgspec
import pytest

from engine.model.source import Request
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from tests.sources.driver import STARTED, Driver
from tests.sources.look_alike import Simulated
from tests.sources.openapi import Described

SPEC = Path(__file__).parents[4] / "shared" / "specs" / "github-openapi.json"
HOST = "https://api.github.com"
pytestmark = pytest.mark.skipif(not SPEC.is_file(), reason="no OpenAPI file beside this checkout")


@pytest.fixture(scope="module")
def spec() -> Described:
    return Described(msgspec.json.decode(SPEC.read_bytes()), HOST)


@pytest.mark.parametrize("graphql", [True, False])
def test_every_rest_request_of_a_run_is_one_that_the_file_describes(spec: Described, graphql: bool) -> None:
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
        spec.check(request, simulated.base_url)


def test_a_request_that_the_file_does_not_describe_is_found_out(spec: Described) -> None:
    assert spec.refuses(Request(key="k", url="/repos/o/r/pulls", params={"state": "sideways"}))
    assert spec.refuses(Request(key="k", url="/repos/o/r/pulling"))
