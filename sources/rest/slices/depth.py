"""How deep a recursive endpoint is followed: a server can invent items below items without end. Pure."""

from collections.abc import Sequence
from typing import Final

from engine.model.source import Request
from engine.model.walk import Completeness, WalkEnd
from sources.rest.config.endpoint import Endpoint
from sources.rest.endpoint_step import EndpointStep

DEEPEST: Final = 100
"""Levels that are followed where nobody wrote a bound. Trees of comments and of folders have fewer."""


def within(children: Sequence[Request], step: EndpointStep, endpoint: Endpoint) -> tuple[list[Request], list[WalkEnd]]:
    """Return the lists below a page that are followed, and an end for those that lie too deep, named by the first."""
    limit = endpoint.max_depth or DEEPEST
    if not endpoint.recursive or step.depth + 1 < limit:
        return list(children), []
    deeper = [one for one in children if one.part == step.endpoint]
    if not deeper:
        return list(children), []
    end = WalkEnd(
        walk=deeper[0].walk,
        part=step.endpoint,
        completeness=Completeness.BOUNDED if endpoint.max_depth else Completeness.CUT,
        reason=f"not read, and {len(deeper) - 1:,} others beside it: below level {limit:,} (max_depth)",
    )
    return [one for one in children if one.part != step.endpoint], [end]
