"""Answers GraphQL as GitHub does: status 200 for nearly everything, errors in the body, points instead of requests.

https://docs.github.com/en/graphql/overview/rate-limits-and-node-limits-for-the-graphql-api
"""

from typing import Any

import msgspec

from simulator.common.api import Call, Clock
from simulator.common.limits import Quota
from simulator.common.meters import Meter, meter
from simulator.common.page import Page, json_page
from simulator.common.settings import Budget
from simulator.data.timeline import iso
from simulator.github.graph import Graph
from simulator.github.queries import DOCS, message
from simulator.graphql.document import SyntaxRefused, parse
from simulator.graphql.execute import Execution, Invalid, Size

PATH = "/graphql"
MOST_NODES = 500_000
MAX_ACCOUNTS = 10_000


class _Asked(msgspec.Struct):
    query: str
    variables: dict[str, Any] | None = None


class GraphQL:
    """Runs queries over one graph, and counts the points of each credential."""

    def __init__(self, graph: Graph, *, budget: Budget | None, clock: Clock) -> None:
        self._graph = graph
        self._budget = budget or Budget(5000, 3600)
        self._clock = clock
        self._meters: dict[str, Meter] = {}

    def answer(self, call: Call, credential: str) -> Page:
        if not credential:
            return message(401, "This endpoint requires you to be authenticated.", f"{DOCS}/guides")
        try:
            asked = msgspec.json.decode(call.body, type=_Asked)
        except msgspec.DecodeError:
            return message(400, "Problems parsing JSON")
        try:
            execution = Execution(parse(asked.query), asked.variables or {})
            return self._run(execution, credential)
        except SyntaxRefused as refused:
            return _errors({"message": f"Parse error: {refused}"})
        except RecursionError:
            return _errors({"message": "Fragments contain a cycle"})
        except Invalid as invalid:
            return _errors({"path": ["query"], "extensions": {"code": "undefinedField"}, "message": str(invalid)})

    def quota(self, credential: str) -> Quota:
        """Return the state of a credential's points."""
        points, now = self._meter(credential), self._clock()
        return Quota(points.limit, points.left(now), points.resets_at(now))

    def _run(self, execution: Execution, credential: str) -> Page:
        size = execution.size()
        if size.nodes > MOST_NODES:
            text = (
                f"This query requests up to {size.nodes:,} possible nodes which exceeds the maximum limit of 500,000."
            )
            return _errors({"type": "MAX_NODE_LIMIT_EXCEEDED", "message": text})
        cost = points_of(size)
        if not self._meter(credential).take(self._clock(), cost):
            text = "API rate limit already exceeded for user ID 1."
            return _errors({"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": text})
        data = execution.run(self._graph.root(self._rate_limit(credential, cost, size)))
        return json_page({"data": data, **({"errors": execution.errors} if execution.errors else {})}, cacheable=False)

    def _rate_limit(self, credential: str, cost: int, size: Size) -> dict[str, Any]:
        quota = self.quota(credential)
        return {
            "cost": cost,
            "limit": quota.limit,
            "remaining": quota.remaining,
            "used": quota.used,
            "resetAt": iso(int(quota.resets_at)),
            "nodeCount": size.nodes,
        }

    def _meter(self, credential: str) -> Meter:
        found = self._meters.get(credential)
        if found is None:
            if len(self._meters) >= MAX_ACCOUNTS:
                del self._meters[next(iter(self._meters))]
            found = self._meters[credential] = meter(self._budget)
        return found


def points_of(size: Size) -> int:
    """Return a query's points: one per hundred connections, and at least one."""
    return max(1, round(size.requests / 100))


def answers(call: Call) -> bool:
    """Say whether a call is a GraphQL query."""
    return call.path == PATH and call.method == "POST"


def _errors(*told: dict[str, Any]) -> Page:
    return json_page({"errors": list(told)}, cacheable=False)
