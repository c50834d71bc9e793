"""Paths below a target folder: no name and no link leads out of it, even one that is planted meanwhile."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.transport.git import safe_path
from engine.transport.git.safe_path import PathRefused, inside, move, open_folder, prune, remove


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    (tmp_path / "outside").mkdir()
    return tmp_path / "root"


@pytest.fixture(autouse=True)
def nothing_outside(tmp_path: Path) -> Iterator[None]:
    yield
    assert list((tmp_path / "outside").iterdir()) == []
    assert {each.name for each in tmp_path.iterdir()} <= {"root", "outside"}


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/etc/passwd", "a/..", "a/../../b", "a//b", "a/", "a\0b", "a\nb", "a\\..\\b", "x" * 256, "é" * 128],
)
def test_a_name_that_is_no_path_below_the_folder_is_refused_in_one_clean_line(root: Path, name: str) -> None:
    with pytest.raises(PathRefused) as refused:
        inside(root, name)

    assert re.search("no path below the target folder|longer than 255 bytes", str(refused.value))
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("link", [True, False])
@pytest.mark.parametrize("planted", ["a", "a/b", "a/b/c"])
def test_no_part_of_a_path_may_be_a_link_or_a_file(root: Path, tmp_path: Path, planted: str, link: bool) -> None:
    place = root / planted
    place.parent.mkdir(parents=True, exist_ok=True)
    if link:
        place.symlink_to(tmp_path / "outside")
    else:
        place.touch()

    with pytest.raises(PathRefused, match="is no folder"):
        inside(root, "a/b/c")
    with pytest.raises(PathRefused, match="is no folder"), open_folder(root, root / "a/b/c", make=True):
        pass


def test_what_an_open_folder_is_used_for_stays_in_it_when_a_link_takes_its_place(root: Path, tmp_path: Path) -> None:
    with open_folder(root, root / "a/b", make=True) as folder:
        (root / "a").rename(root / "gone")
        (root / "a").symlink_to(tmp_path / "outside")
        os.mkdir("made", dir_fd=folder)

    assert (root / "gone/b/made").is_dir()


def test_folders_that_are_made_are_for_their_owner_whatever_the_umask(root: Path) -> None:
    before = os.umask(0o277)
    try:
        with open_folder(root, root / "a/b", make=True):
            pass
    finally:
        os.umask(before)

    assert [(root / each).stat().st_mode & 0o777 for each in ("a", "a/b")] == [0o700, 0o700]


def test_a_folder_is_not_moved_through_a_link_that_is_planted_after_the_check(root: Path, tmp_path: Path) -> None:
    (root / "old").mkdir()
    place = inside(root, "group/new")
    (root / "group").symlink_to(tmp_path / "outside")

    with pytest.raises(PathRefused, match="'group' is there already and is no folder"):
        move(root, root / "old", place)

    assert (root / "old").is_dir()


@pytest.mark.parametrize("there", ["file", "link", "folder", "dangling"])
def test_a_folder_is_not_moved_over_what_is_there(root: Path, tmp_path: Path, there: str) -> None:
    (root / "old").mkdir()
    place = root / "new"
    match there:
        case "file":
            place.write_text("mine")
        case "link":
            place.symlink_to(tmp_path / "outside")
        case "dangling":
            place.symlink_to(tmp_path / "outside/nothing")
        case _:
            (place / "mine").mkdir(parents=True)

    for over_empty in (False, True):
        with pytest.raises(PathRefused, match="new is there already: old was not moved"):
            move(root, root / "old", place, over_empty=over_empty)

    assert (root / "old").is_dir()
    assert place.is_symlink() == (there in {"link", "dangling"})


def test_nothing_is_removed_through_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside/a").mkdir()
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "direct").symlink_to(tmp_path / "outside/a")

    remove(root, root / "link/a")
    remove(root, root / "direct")
    prune(root, root / "link/a")

    assert (tmp_path / "outside/a").is_dir()
    (tmp_path / "outside/a").rmdir()


def test_who_owns_the_target_is_trusted_and_nobody_else(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "mine").mkdir()

    assert not safe_path.belongs_to_another(root, root / "mine")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert not safe_path.belongs_to_another(root, root / "mine")
