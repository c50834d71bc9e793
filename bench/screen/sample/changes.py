"""The change feed of the sample deck: rows of every kind."""

from engine.model.changes import Change, Changes, Tally

_NOW = 1_767_278_571.0


def changes() -> Changes:
    """Return the changes since yesterday: 12 new rows, 3 changed, 2 renamed and one gone."""
    kinds = [*["new"] * 12, *["changed"] * 3, *["renamed"] * 2, "gone"]
    rows = tuple(_change(number, kind) for number, kind in enumerate(kinds, start=1))
    return Changes(
        born=_NOW - 86_400 * 40,
        tallies=(
            Tally(source="github", table="pull", kind="changed", count=3),
            Tally(source="github", table="pull", kind="new", count=12),
            Tally(source="github", table="repo", kind="gone", count=1),
            Tally(source="github", table="repo", kind="renamed", count=2),
        ),
        rows=rows[::-1],
    )


def _change(number: int, kind: str) -> Change:
    what = {
        "changed": (("state", "open", "closed"), ("closed_at", "nothing", "2026-01-01T14:40:00Z")),
        "renamed": (("full_name", "aurora/boat", "aurora/ship"), ("name", "boat", "ship")),
        "gone": (("gone_at", "nothing", "2026-01-01T14:41:00Z"),),
    }.get(kind, ())
    repo = kind in {"renamed", "gone"}
    return Change(
        number=number,
        source="github",
        table="repo" if repo else "pull",
        key=str(500 + number) if repo else f"501/{number}",
        name="aurora/ship" if repo else "Carry less, sail further",
        at=_NOW - 60 * (20 - number),
        run=3,
        kind=kind,
        what=what,
    )
