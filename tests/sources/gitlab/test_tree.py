"""The tree as text, JSON and YAML."""

from typing import Any

import msgspec

from sources.gitlab.tree import build, render

GROUPS: list[dict[str, Any]] = [
    {"id": 2, "parent_id": 1, "full_path": "harbour/docks", "name": "Docks", "gone": 0},
    {"id": 1, "parent_id": None, "full_path": "harbour", "name": "Harbour", "gone": 0},
    {"id": 3, "parent_id": 1, "full_path": "harbour/old", "name": "Old", "gone": 1},
]
PROJECTS: list[dict[str, Any]] = [
    {"id": 11, "grp_id": 2, "full_path": "harbour/docks/crane", "archived": 1, "empty_repo": 0},
    {"id": 10, "grp_id": 1, "full_path": "harbour/buoy", "empty_repo": 1},
    {"id": 12, "grp_id": 7, "full_path": "lena/boat"},
]
SHARES: list[dict[str, Any]] = [
    {"project_id": 12, "grp_id": 2, "active": 1},
    {"project_id": 10, "grp_id": 2, "active": 0},
    {"project_id": 99, "grp_id": 2, "active": 1},
]


def test_a_tree_shows_groups_then_projects_with_their_marks() -> None:
    assert render(build(GROUPS, PROJECTS, SHARES), "tree") == (
        "harbour\n"
        "├── docks/\n"
        "│   ├── crane (archived)\n"
        "│   └── lena/boat (shared)\n"
        "├── old/ (gone)\n"
        "└── buoy (empty)\n"
        "lena\n"
        "└── boat\n"
    )


def test_json_nests_groups_and_projects() -> None:
    roots = msgspec.json.decode(render(build(GROUPS, PROJECTS, SHARES), "json"))

    assert [(root["path"], [group["path"] for group in root["groups"]]) for root in roots] == [
        ("harbour", ["harbour/docks", "harbour/old"]),
        ("lena", []),
    ]
    assert roots[0]["groups"][0]["projects"][1] == {
        "id": 12, "path": "lena/boat", "name": "boat", "archived": False, "empty": False, "shared": True, "gone": False,
    }  # fmt: skip


def test_yaml_quotes_every_string() -> None:
    rows = [{"id": 1, "parent_id": None, "full_path": "a: b\n- c", "name": "\x1b[2J no", "gone": 0}]

    assert render(build(rows, []), "yaml") == (
        '- id: 1\n  path: "a: b\\n- c"\n  name: "\\u001b[2J no"\n  gone: false\n  groups: []\n  projects: []\n'
    )
    assert render([], "yaml") == "[]\n"


def test_yaml_nests_by_indentation() -> None:
    lines = render(build(GROUPS, PROJECTS), "yaml").splitlines()

    assert lines[:6] == [
        "- id: 1", '  path: "harbour"', '  name: "Harbour"', "  gone: false", "  groups:", "    - id: 2",
    ]  # fmt: skip
    assert '          path: "harbour/docks/crane"' in lines


def test_groups_that_are_in_each_other_are_both_shown_once() -> None:
    circle = [{"id": 1, "parent_id": 2, "full_path": "a"}, {"id": 2, "parent_id": 1, "full_path": "b"}]

    assert render(build(circle, []), "tree") == "a\nb\n"
