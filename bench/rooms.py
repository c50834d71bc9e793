"""`make rooms`: draw the rooms of docs/architecture.md from the imports of the code."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import grimp

PAGE: Final = Path(__file__).parents[1] / "docs" / "architecture.md"
BEGINS: Final = "<!-- rooms: written by `make rooms` -->"
ENDS: Final = "<!-- end of rooms -->"
HOUSES: Final = ("tui", "sources", "engine")
"""From the top floor down. Their packages are the rooms; a module that lies in no package is a room of its own."""
BESIDE: Final = ("bench", "simulator", "themes")
WIDTH: Final = 78

Imports = Mapping[str, frozenset[str]]


def imports() -> Imports:
    """Return which rooms each room imports from, itself left out."""
    graph = grimp.build_graph(*HOUSES, *BESIDE, cache_dir=None)
    found: dict[str, set[str]] = defaultdict(set)
    for module in graph.modules:
        room = _room(module)
        found[room] |= {_room(each) for each in graph.find_modules_directly_imported_by(module)} - {room}
    return {room: frozenset(others) for room, others in found.items() if room not in HOUSES}


def draw(rooms: Imports) -> str:
    """Draw the floors: a room imports only from rooms below it, never from one beside it."""
    lines = []
    for house in HOUSES:
        lines.append(f" {house} ".center(WIDTH, "="))
        inside = {room: others for room, others in rooms.items() if room.startswith(f"{house}.")}
        lines += [_row(room.removeprefix(f"{house}.") for room in floor) for floor in _floors(inside)]
    lines.append("=" * WIDTH)
    return "\n".join(line.rstrip() for line in lines)


def table(rooms: Imports) -> str:
    """List the arrows: what each room imports from."""
    lines = ["| room | imports from |", "|---|---|"]
    for room, others in sorted(rooms.items(), key=lambda item: _order(item[0])):
        if room not in BESIDE and others:
            lines.append(f"| `{room}` | {', '.join(f'`{each}`' for each in sorted(others, key=_order))} |")
    return "\n".join(lines)


def block() -> str:
    """Return the part of the page that is made from the imports."""
    rooms = imports()
    return f"{BEGINS}\n```\n{draw(rooms)}\n```\n\n{table(rooms)}\n{ENDS}"


def main() -> int:
    """Write the part anew."""
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGINS)[0], page.split(ENDS)[1]
    PAGE.write_text(before + block() + after, encoding="utf-8")
    return 0


def _room(module: str) -> str:
    house, _, rest = module.partition(".")
    return house if house in BESIDE or not rest else f"{house}.{rest.partition('.')[0]}"


def _order(room: str) -> tuple[int, str]:
    house = room.partition(".")[0]
    return (HOUSES.index(house) if house in HOUSES else len(HOUSES), room)


def _floors(rooms: Imports) -> Sequence[Sequence[str]]:
    """Sort rooms into floors, the top one first: each stands one above the highest room it imports from."""
    height: dict[str, int] = {}

    def measure(room: str) -> int:
        if room not in height:
            height[room] = 1 + max((measure(each) for each in rooms[room] if each in rooms), default=-1)
        return height[room]

    for room in rooms:
        measure(room)
    return [sorted(room for room in rooms if height[room] == each) for each in range(max(height.values()), -1, -1)]


def _row(names: Iterable[str]) -> str:
    return "   ".join(f"[{name}]" for name in names).center(WIDTH)


if __name__ == "__main__":
    sys.exit(main())
