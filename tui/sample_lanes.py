"""Lanes, places and quotas of the sample deck."""

from engine.model.lane_state import Bound, Lane, Place, PlaceState, Quota


def places_of(number: int, busy: int, what: tuple[str, ...], moved: float, *, canary: int = -1) -> tuple[Place, ...]:
    """Return numbered places, so many of them busy; `moved` seconds have gone by since the first frame."""
    return tuple(
        Place(
            number=at,
            state=PlaceState.CANARY if at == canary else PlaceState.BUSY if at < busy else PlaceState.IDLE,
            what=what[at % len(what)].format(9120 + at * 7 + int(moved * 4)),
            elapsed=(at * 0.137 + moved) % 0.9 + 0.02 if at < busy or at == canary else None,
            done=3120 + at * 17,
            retried=at % 4,
        )
        for at in range(number)
    )


def lane_of(resource: str, flying: int, limit: int, quotas: tuple[Quota, ...], places: tuple[Place, ...]) -> Lane:
    """Return a lane with so many in flight, of how many may be."""
    return Lane(
        resource=resource,
        host=f"{resource}.example",
        limit=limit,
        in_flight=flying,
        mode="auto",
        bound=Bound.CONCURRENCY,
        wait=None,
        reason="16 of 16 in flight",
        quotas=quotas,
        places=places,
    )


def quota_of(name: str, limit: float | None, remaining: float | None, resets_in: float | None) -> Quota:
    """Return a budget as headers tell of it; None is unknown."""
    if limit is None or remaining is None:
        return Quota(name=name, origin="headers", limit=limit, remaining=remaining, resets_in=resets_in)
    own = round((limit - remaining) * 0.9)
    return Quota(
        name=name,
        origin="headers",
        limit=limit,
        remaining=remaining,
        resets_in=resets_in,
        own=own,
        others=limit - remaining - own,
    )
