"""Every GraphQL query of the GitHub source against GitHub's own schema. Absent, these skip."""

from pathlib import Path
from typing import Any

import pytest

from engine.model.source import Request
from sources.github.options import GitHubOptions
from sources.github.queries import HYGIENE, REVIEWS, more_reviews
from sources.github.source import GitHub
from tests.sources.driver import Driver
from tests.sources.look_alike import Simulated

SCHEMA = Path(__file__).parents[4] / "shared" / "specs" / "github.graphql"
pytestmark = pytest.mark.skipif(not SCHEMA.is_file(), reason="no GraphQL schema beside this checkout")


@pytest.fixture(scope="module")
def schema() -> Any:
    graphql = pytest.importorskip("graphql", reason="graphql-core is not installed")
    return graphql.build_schema(SCHEMA.read_text(), assume_valid=True, assume_valid_sdl=True)


def _problems(schema: Any, query: str) -> list[str]:
    graphql = pytest.importorskip("graphql")
    return [error.message for error in graphql.validate(schema, graphql.parse(query))]


@pytest.mark.parametrize("query", [REVIEWS, HYGIENE, more_reviews(1), more_reviews(20)])
def test_every_query_is_one_that_the_schema_allows(schema: Any, query: str) -> None:
    assert _problems(schema, query) == []


def test_a_query_that_the_schema_does_not_know_is_found_out(schema: Any) -> None:
    assert _problems(schema, REVIEWS.replace("additions", "plusses"))


def test_the_variables_of_every_request_of_a_run_are_of_the_types_the_schema_wants(schema: Any) -> None:
    graphql = pytest.importorskip("graphql")
    simulated = Simulated("github")
    options = GitHubOptions(base_url=simulated.base_url, orgs=("aurora",), year=2024, pull_details=True)
    Driver(GitHub(options), simulated).run()

    asked = [each for each in simulated.requests if each.resource == "graphql"]

    assert {each.context["kind"] for each in asked} >= {"reviews", "hygiene"}
    for request in asked:
        assert _unfit(graphql, schema, request) == []


def _unfit(graphql: Any, schema: Any, request: Request) -> Any:
    operation = graphql.parse(request.json["query"]).definitions[0]
    values = graphql.get_variable_values(schema, operation.variable_definitions, request.json["variables"])
    return values if isinstance(values, list) else []
