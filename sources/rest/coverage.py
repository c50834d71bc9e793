"""The coverage map of a REST source: one part per endpoint."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.common.text import counted
from engine.model.completeness import of_part
from engine.model.coverage import CoverageReader, Part, PartState
from engine.model.source import Request
from sources.rest.config.endpoint import Endpoint, above


def parts(
    reader: CoverageReader, endpoints: Mapping[str, Endpoint], begin: Mapping[str, Sequence[Request]]
) -> Iterator[Part]:
    """Yield the endpoints in order. `begin` holds a run's first requests by endpoint."""
    unfinished = reader.by_part(lambda request: str(request.context.get("endpoint") or ""))
    now = reader.memory.started.timestamp()
    for name in endpoints:
        top = _top(name, endpoints)
        landed = [_landed(request, reader) for request in begin.get(top, ())]
        looked = min((at for at in landed if at is not None), default=None)
        part = Part(key=name, name=name, state=PartState.MISSING, rows=reader.total(name), updated=looked)
        known = _known(part, top, list(above(name, endpoints)), reader, landed)
        yield known.aging(now).with_open_requests(unfinished.get(name, ()))


def refill(key: str, endpoints: Mapping[str, Endpoint], begin: Mapping[str, Sequence[Request]]) -> Iterator[Request]:
    """Request the topmost list above an endpoint, with all lists below it.

    Of a list in windows that are the windows which are not whole yet, and the newest.
    """
    top = _top(key, endpoints) if key in endpoints else ""
    yield from begin.get(top, ())


def _known(
    part: Part, top: str, parents: Sequence[str], reader: CoverageReader, landed: Sequence[float | None]
) -> Part:
    """Return what is known of an endpoint. It is no more complete than the lists that name its parents.

    `landed` says when each walk was last begun that a run would make now. Windows that are whole are none of them.
    """
    missing = sum(at is None for at in landed)
    if missing and len(landed) > 1:
        return _partly(part, top, missing, of=len(landed))
    if not missing:
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


def _landed(request: Request, reader: CoverageReader) -> float | None:
    """Return when a walk was last begun. A window that is over and not remembered as whole is to be walked again."""
    span = request.context.get("span")
    over = span is not None and span[1] <= reader.memory.started.timestamp()
    return None if over else reader.landed(request.key)


def _partly(part: Part, top: str, missing: int, of: int) -> Part:
    if missing == of and not part.rows:
        return replace(part, detail="not walked yet")
    return replace(part, state=PartState.STALE, detail=f"{counted(missing, 'walk')} of {top} to make")


def _top(name: str, endpoints: Mapping[str, Endpoint]) -> str:
    return [name, *above(name, endpoints)][-1]
