"""docs/architecture.md and CONTRIBUTING.md name files that exist, and draw the rooms as the imports have them."""

import re
from pathlib import Path

import pytest

from bench import rooms

ROOT = Path(__file__).parents[1]
PAGES = ("docs/architecture.md", "docs/retries.md", "CONTRIBUTING.md")
_FOLDERS = "engine|sources|tui|themes|tests|simulator|bench|docs|examples"


def named_paths(page: str) -> set[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return set(re.findall(rf"`((?:{_FOLDERS})/[\w/.-]*[\w/])", text))


@pytest.mark.parametrize("page", PAGES)
def test_every_file_a_page_names_is_there(page: str) -> None:
    found = named_paths(page)

    assert found
    assert sorted(path for path in found if not (ROOT / path).exists()) == []


def test_the_rooms_are_drawn_as_the_imports_have_them() -> None:
    """`make rooms` draws them again."""
    assert rooms.block() in rooms.PAGE.read_text(encoding="utf-8")


def test_every_room_has_its_promise() -> None:
    page = rooms.PAGE.read_text(encoding="utf-8")
    promised = page.split("## What each room promises")[1].split("\n## ")[0]

    missing = [
        room
        for room in rooms.imports()
        if room.partition(".")[0] == "engine" and f"| `{room.replace('.', '/')}` |" not in promised
    ]

    assert missing == []
