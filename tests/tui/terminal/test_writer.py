"""Writing to a terminal that may take nothing."""

import os
import pty
import termios
import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import TextIO

import pytest

from tui.terminal.hangup import Hangup
from tui.terminal.restore import Deadline
from tui.terminal.traffic import Line
from tui.terminal.writer import MOST, Writer


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """The person's end of a pseudo-terminal, and the program's."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as file:
        yield master, file
    os.close(master)


def test_what_is_written_arrives_and_is_counted(terminal: tuple[int, TextIO]) -> None:
    master, file = terminal
    line = Line()
    writer = Writer(file, line)
    writer.start()

    writer.write("zwölf")
    writer.stop()

    assert os.read(master, 100) == "zwölf".encode()
    assert (line.total, line.backlog) == (6, 0)


def test_a_terminal_that_takes_nothing_holds_nobody_up(terminal: tuple[int, TextIO]) -> None:
    _master, file = terminal
    line = Line()
    writer = Writer(file, line)
    writer.start()

    for _ in range(5):
        writer.write("x" * (MOST // 2))
    writer.stop()

    assert 0 < line.total < MOST
    assert line.backlog == 0
    assert line.recovered()


def test_after_its_end_a_writer_takes_no_more(terminal: tuple[int, TextIO]) -> None:
    _master, file = terminal
    line = Line()
    writer = Writer(file, line)
    writer.start()
    writer.stop()

    writer.write("late")

    assert line.backlog == 0


def test_a_terminal_that_has_gone_is_noticed() -> None:
    master, slave = pty.openpty()
    gone = threading.Event()
    watch = Hangup(gone.set, handle=slave, every=0.01)
    watch.start()
    assert not gone.wait(0.1)

    os.close(master)

    assert gone.wait(10)
    os.close(slave)


def test_what_is_no_terminal_is_not_watched() -> None:
    read, write = os.pipe()
    gone = threading.Event()

    Hangup(gone.set, handle=read, every=0.01).start()
    os.close(write)

    assert not gone.wait(0.1)
    os.close(read)


def test_writing_to_a_terminal_that_has_gone_ends_the_writer() -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as file:
        line = Line()
        writer = Writer(file, line)
        os.close(master)
        writer.start()

        writer.write("x")
        writer.join(10)

        assert line.gone
        assert not writer.is_alive()
        with pytest.raises(termios.error):
            termios.tcgetattr(file.fileno())


def test_a_deadline_that_passes_ends_with_its_code() -> None:
    codes: SimpleQueue[int] = SimpleQueue()

    with Deadline(143, within=0.0, over=codes.put):
        assert codes.get(timeout=10) == 143


def test_a_deadline_that_is_met_does_nothing() -> None:
    codes: list[int] = []

    with Deadline(143, within=60.0, over=codes.append):
        pass

    assert codes == []
