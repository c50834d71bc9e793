"""What is written besides the database can be read by its owner alone, with the widest umask there is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.common.atomic_file import write_each
from engine.storage.opening import writing
from engine.transport.git.command import Git, environment
from tui.__main__ import main


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def loose(folder: Path) -> list[Path]:
    """The files and folders in a folder that others may do something with."""
    return [path for path in folder.rglob("*") if mode(path) & 0o077 and not path.is_symlink()]


def stored(tmp_path: Path) -> Path:
    with writing(tmp_path / "rows.db") as db:
        db.execute(
            "create table github_repo(id integer, name text, raw text, added_at real not null,"
            " changed_at real not null, raw_page, primary key(id))"
        )
        db.execute("insert into github_repo values(1, 'a', '{}', 1.0, 1.0, null)")
        db.execute("insert into run(source, scope, full, state, started_at) values('github', 's', 0, 'done', 1.0)")
    return tmp_path / "rows.db"


def test_exports_and_their_folders_are_private_and_a_looser_one_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = ["export", "--db", str(stored(tmp_path))]

    assert main([*export, "all", "--out", str(tmp_path / "new" / "folder")]) == 0
    assert loose(tmp_path / "new") == []
    assert mode(tmp_path / "new") == 0o700

    (file,) = (tmp_path / "new" / "folder").iterdir()
    file.chmod(0o644)
    assert main([*export, "github_repo", "--out", str(file)]) == 0
    assert "others may read it (mode 0644, as before)" in capsys.readouterr().err
    assert mode(file) == 0o644


def test_link_files_are_private_those_of_an_earlier_version_too(tmp_path: Path) -> None:
    (tmp_path / "a.link").write_text("old")

    write_each(tmp_path, [("a.link", b"new"), ("b.link", b"new")])

    assert [mode(tmp_path / name) for name in ("a.link", "b.link")] == [0o600, 0o600]


async def test_what_git_makes_is_private(tmp_path: Path) -> None:
    git = Git(program="git", environ=environment(os.environ, settings=(), secret=None, allow_file=False))
    try:
        await git.run("init", "--quiet", "clone", cwd=tmp_path)
        await git.run("-C", "clone", "config", "some.key", "value", cwd=tmp_path)
    finally:
        git.close()

    assert mode(tmp_path / "clone") == 0o700
    assert loose(tmp_path / "clone") == []
