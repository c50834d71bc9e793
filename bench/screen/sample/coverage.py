"""The parts of the sample deck's sources, at least one in each state."""

from engine.model.coverage import Part, PartState

_NOW = 1_767_278_571.0


def parts(source: str) -> tuple[Part, ...]:
    """Return eighteen parts of a source."""
    if source == "pr0gramm":
        return (
            _part(
                source, "5600001-newest", "ids 5,600,001 and above", "stale", "what came since the newest one", 0, 60
            ),
            _part(source, "5000000-5600000", "ids 5,000,000 to 5,600,000", "complete", "", 381_204, None),
            _part(source, "1-4999999", "ids 1 to 4,999,999", "missing", "at most 4,999,999 items", 0, None),
        )
    states = [
        ("complete", ""),
        ("stale", "the repository moved since"),
        ("failed", "2 requests failed: 502 Bad Gateway"),
        ("queued", "1 request queued"),
        ("missing", "not collected yet"),
        ("unknown", "whether it moved since is not known"),
    ]
    names = ("pulls", "issues", "commits")
    return tuple(
        _part(source, f"aurora/crane-{at // 3}:{names[at % 3]}", f"aurora/crane-{at // 3} {names[at % 3]} 2025",
              *states[at % 6], None if at % 6 == 4 else 1204 * at, None if at % 6 in {4, 5} else 3_600.0 * at)
        for at in range(18)
    )  # fmt: skip


def _part(source: str, key: str, name: str, state: str, detail: str, rows: int | None, ago: float | None) -> Part:
    updated = None if ago is None else _NOW - ago
    fillable = state != "complete"
    return Part(
        source=source,
        key=key,
        name=name,
        state=PartState(state),
        detail=detail,
        rows=rows,
        updated=updated,
        fillable=fillable,
    )
