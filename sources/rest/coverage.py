"""The coverage map of a REST source: one part per endpoint."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.model.completeness import of_part
from engine.model.coverage import CoverageReader, Part, PartState
from engine.model.source import Request
from sources.rest.config.endpoint import Endpoint, above


def parts(reader: CoverageReader, endpoints: Mapping[str, Endpoint], begin: Mapping[str, Request]) -> Iterator[Part]:
    """Yield the endpoints in order. `begin` holds a run's first requests by endpoint."""
    unfinished = reader.by_part(lambda request: str(request.context.get("endpoint") or ""))
    now = reader.memory.started.timestamp()
    for name in endpoints:
        top = _top(name, endpoints)
        looked = reader.landed(begin[top].key) if top in begin else None
        part = Part(key=name, name=name, state=PartState.MISSING, rows=reader.total(name), updated=looked)
        known = _known(part, top, list(above(name, endpoints)), reader)
        yield known.aging(now).with_open_requests(unfinished.get(name, ()))


def refill(key: str, endpoints: Mapping[str, Endpoint], begin: Mapping[str, Request]) -> Iterator[Request]:
    """Request the topmost list above an endpoint, with all lists below it."""
    top = _top(key, endpoints) if key in endpoints else ""
    if top in begin:
        yield begin[top]


def _known(part: Part, top: str, parents: Sequence[str], reader: CoverageReader) -> Part:
    """Return what is known of an endpoint. It is no more complete than the lists that name its parents."""
    if part.updated is not None:
        known = reader.known(part)
        if parents and part.key not in reader.ends and not reader.total(parents[0]):
            known = replace(part, state=PartState.COMPLETE)  # nothing to hang on, so there is no list of it
        if known.state is PartState.COMPLETE:
            known = replace(known, detail="" if top == part.key else f"hangs on {top}")
        for parent in parents:
            known = of_part(known, reader.ends.get(parent))
        return known
    if part.rows:
        return replace(part, state=PartState.UNKNOWN, detail="when it was last walked is not known")
    return replace(part, detail="not walked yet")


def _top(name: str, endpoints: Mapping[str, Endpoint]) -> str:
    return [name, *above(name, endpoints)][-1]
