"""Files are replaced whole or not at all, whatever else writes, is killed, or is planted in their folder."""

import errno
import fcntl
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from engine.common.atomic_file import _is_device, open_atomic, read_owned, replace_file, write_each, write_owned

ROOT = Path(__file__).parents[3]
DEAD = ".fetchdeck-0123456789abcdef.part"
"""A name as the writer gives it to its temporary files."""
WRITER = """
import sys
from pathlib import Path
from engine.common.atomic_file import open_atomic

file, letter = Path(sys.argv[1]), sys.argv[2].encode()
with open_atomic(file) as stream:
    stream.write(letter * 100_000)
    stream.flush()
    print("half", flush=True)
    sys.stdin.readline()
    stream.write(letter * 100_000)
print("whole", flush=True)
"""


@contextmanager
def writer(file: Path, letter: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that has written half of a file, and writes the rest when it is told to."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file), letter],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "half\n"
            yield process
        finally:
            process.kill()


def finish(process: subprocess.Popen[str]) -> None:
    said, _ = process.communicate("\n")
    assert (process.returncode, said) == (0, "whole\n")


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "state.toml"

    write_owned(file, {"theme": "ember"})

    assert read_owned(file) == {"theme": "ember"}


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    write_owned(tmp_path / "state.toml", {"theme": "ember"})

    assert (tmp_path / "state.toml").stat().st_mode & 0o777 == 0o600


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "state.toml"
    write_owned(file, {"theme": "ember"})

    with pytest.raises(TypeError):
        write_owned(file, {"theme": object()})

    assert read_owned(file) == {"theme": "ember"}
    assert names(tmp_path) == ["state.toml"]


def test_a_stream_that_breaks_in_the_middle_leaves_the_file_of_last_time_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_bytes(b"older")

    with pytest.raises(TypeError), open_atomic(tmp_path / "out.csv") as stream:
        stream.writelines([b"half", None])  # type: ignore[list-item]  # what breaks in the middle

    assert (tmp_path / "out.csv").read_bytes() == b"older"
    assert names(tmp_path) == ["out.csv"]


@pytest.mark.parametrize("content", [b"= broken", b"\xff\xfe"])
def test_a_damaged_file_counts_as_empty(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.toml").write_bytes(content)

    assert read_owned(tmp_path / "state.toml") == {}


def test_a_missing_file_counts_as_empty(tmp_path: Path) -> None:
    assert read_owned(tmp_path / "state.toml") == {}


def test_a_file_that_is_replaced_keeps_its_mode_and_a_link_to_it_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)

    replace_file(link, b"new")

    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("umask", [0, 0o022, 0o777])
def test_a_stream_has_the_mode_that_is_named_and_is_private_without_one_whatever_the_umask(
    tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        with open_atomic(tmp_path / "out"), open_atomic(tmp_path / "theirs", mode=0o644):
            pass
    finally:
        os.umask(before)

    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "theirs").stat().st_mode & 0o777 == 0o644


def test_a_link_in_the_place_of_a_stream_is_replaced_and_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    (tmp_path / "out").symlink_to(precious)

    with open_atomic(tmp_path / "out") as stream:
        stream.write(b"rows")

    assert precious.read_bytes() == b"mine"
    assert not (tmp_path / "out").is_symlink()
    assert (tmp_path / "out").read_bytes() == b"rows"


def test_a_link_planted_under_the_temporary_name_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    (tmp_path / DEAD).symlink_to(precious)
    guesses = iter([DEAD[11:27], "f" * 16])
    monkeypatch.setattr(secrets, "token_hex", lambda _count: next(guesses))  # as if it had been guessed

    with open_atomic(tmp_path / "out") as stream:
        stream.write(b"rows")

    assert precious.read_bytes() == b"mine"
    assert (tmp_path / "out").read_bytes() == b"rows"
    assert (tmp_path / DEAD).is_symlink()


def test_the_temporary_name_cannot_be_foreseen(tmp_path: Path) -> None:
    used = set()
    for _ in range(2):
        with open_atomic(tmp_path / "out"):
            used |= {name for name in names(tmp_path) if name != "out"}

    assert len(used) == 2


def test_a_name_as_long_as_names_may_be_can_be_written(tmp_path: Path) -> None:
    replace_file(tmp_path / ("x" * 255), b"new")

    assert (tmp_path / ("x" * 255)).read_bytes() == b"new"


def test_two_processes_that_write_one_file_at_once_never_mix_and_the_later_wins(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"

    with writer(file, "a") as first, writer(file, "b") as second:
        finish(second)
        between = file.read_text(encoding="utf-8")
        finish(first)

    assert between == "b" * 200_000
    assert file.read_text(encoding="utf-8") == "a" * 200_000
    assert names(tmp_path) == ["out.jsonl"]


def test_what_a_killed_writer_leaves_is_removed_by_the_next_call_and_a_live_writers_is_not(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    file.write_bytes(b"old")

    with ExitStack() as processes:
        live = processes.enter_context(writer(tmp_path / "live.jsonl", "l"))
        (of_live,) = set(names(tmp_path)) - {"out.jsonl"}
        with writer(file, "k") as killed:
            killed.kill()
            killed.wait()
        assert file.read_bytes() == b"old"
        assert len(names(tmp_path)) == 3

        write_owned(tmp_path / "state.toml", {"theme": "ember"})

        assert names(tmp_path) == sorted([of_live, "out.jsonl", "state.toml"])
        finish(live)
    assert names(tmp_path) == ["live.jsonl", "out.jsonl", "state.toml"]


def test_a_writer_of_this_process_is_alive_too(tmp_path: Path) -> None:
    with open_atomic(tmp_path / "slow") as slow:
        slow.write(b"one")
        with open_atomic(tmp_path / "quick") as quick:
            quick.write(b"two")

    assert (tmp_path / "slow").read_bytes() == b"one"
    assert (tmp_path / "quick").read_bytes() == b"two"


def test_only_what_is_provably_ours_is_removed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    (tmp_path / DEAD).symlink_to(precious)
    os.mkfifo(tmp_path / DEAD.replace("0", "1"))
    (tmp_path / DEAD.replace("0", "2")).mkdir()
    (tmp_path / ".fetchdeck-notes.part").write_bytes(b"mine")
    (tmp_path / ".out.part").write_bytes(b"mine")
    before = names(tmp_path)

    replace_file(tmp_path / "out", b"new")

    assert names(tmp_path) == sorted([*before, "out"])
    assert precious.read_bytes() == b"mine"


def test_a_file_of_somebody_else_is_not_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / DEAD).write_bytes(b"theirs")
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)

    replace_file(tmp_path / "out", b"new")

    assert names(tmp_path) == [DEAD, "out"]


def test_a_temporary_file_that_was_taken_for_a_leftover_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock = fcntl.flock
    taken: list[str] = []

    def removed_before_it_is_locked(handle: int, how: int) -> None:
        if not taken:
            taken.extend(names(tmp_path))
            (tmp_path / taken[0]).unlink()
        flock(handle, how)

    monkeypatch.setattr(fcntl, "flock", removed_before_it_is_locked)

    replace_file(tmp_path / "out", b"new")

    assert len(taken) == 1
    assert names(tmp_path) == ["out"]


def test_where_there_are_no_locks_files_are_written_and_none_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(_handle: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    (tmp_path / DEAD).write_bytes(b"perhaps alive")

    replace_file(tmp_path / "out", b"new")

    assert names(tmp_path) == [DEAD, "out"]


def test_content_reaches_the_disk_before_the_name_and_the_name_before_the_call_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def sync(handle: int) -> None:
        fsync(handle)
        of_folder = os.path.samestat(os.fstat(handle), tmp_path.stat())
        done.append("folder" if of_folder else f"{os.fstat(handle).st_size} bytes")

    def rename(self: Path, target: Path) -> Path:
        done.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", rename)

    with open_atomic(tmp_path / "out") as stream:
        stream.write(b"seven b")

    assert done == ["7 bytes", "rename", "folder"]

    done.clear()
    write_each(tmp_path, [("a", b"1"), ("b", b"22")])

    assert done == ["1 bytes", "rename", "2 bytes", "rename", "folder"]


def test_a_folder_that_cannot_be_synced_holds_up_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def files_alone(handle: int) -> None:
        if os.path.samestat(os.fstat(handle), tmp_path.stat()):
            raise OSError(errno.EINVAL, "invalid argument")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", files_alone)

    replace_file(tmp_path / "out", b"new")

    assert (tmp_path / "out").read_bytes() == b"new"


@pytest.mark.parametrize("of_folder", [True, False])
def test_a_disk_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_folder: bool) -> None:
    (tmp_path / "out").write_bytes(b"old")
    fsync = os.fsync

    def broken(handle: int) -> None:
        if os.path.samestat(os.fstat(handle), tmp_path.stat()) == of_folder:
            raise OSError(errno.EIO, "input/output error")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", broken)

    with pytest.raises(OSError, match="input/output error"):
        replace_file(tmp_path / "out", b"new")

    assert (tmp_path / "out").read_bytes() == (b"new" if of_folder else b"old")
    assert names(tmp_path) == ["out"]


def test_a_folder_that_may_be_written_and_not_listed_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def files_alone(path: Path, flags: int, mode: int = 0o777) -> int:
        if path == tmp_path:
            raise PermissionError(errno.EACCES, "permission denied")
        return opened(path, flags, mode)

    def unlisted(_path: Path) -> None:
        raise PermissionError(errno.EACCES, "permission denied")

    monkeypatch.setattr(os, "open", files_alone)  # the tests may run as root, whom no mode holds back
    monkeypatch.setattr(os, "scandir", unlisted)

    replace_file(tmp_path / "out", b"new")

    assert (tmp_path / "out").read_bytes() == b"new"


def test_a_pipe_is_written_to_and_keeps_its_name(tmp_path: Path) -> None:
    """As root, `--out /dev/null` replaced the device by a plain file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # else the writer would wait for one

    with open_atomic(pipe) as stream:
        stream.write(b"rows")

    assert os.read(reader, 10) == b"rows"
    assert pipe.is_fifo()
    os.close(reader)


@pytest.mark.parametrize("name", ["/dev/null", "/dev/full", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_a_name_of_a_device_is_one(name: str) -> None:
    assert _is_device(Path(name))


def test_a_directory_in_the_place_of_a_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    with pytest.raises(IsADirectoryError), open_atomic(tmp_path / "out") as stream:
        stream.write(b"rows")

    assert names(tmp_path) == ["out"]


def test_of_many_files_each_is_asked_for_when_the_last_is_in_its_place(tmp_path: Path) -> None:
    def each() -> Iterator[tuple[str, bytes]]:
        yield "a", b"1"
        yield "b", (tmp_path / "a").read_bytes() + b"2"
        raise LookupError

    with suppress(LookupError):
        write_each(tmp_path, each())

    assert names(tmp_path) == ["a", "b"]
    assert (tmp_path / "b").read_bytes() == b"12"


def test_many_files_remove_what_a_killed_writer_left_too(tmp_path: Path) -> None:
    (tmp_path / DEAD).write_bytes(b"half")

    write_each(tmp_path, [("a", b"1")])

    assert names(tmp_path) == ["a"]
