"""Lines on terminals and in files."""

import io

import pytest

from tui.headless.lines import Line, Tone
from tui.headless.printer import Printer, is_terminal

LINE = Line(verb="Fetched", source="github", text="3 requests", tone=Tone.GOOD)
ERROR = Line(verb="Failed", source="github", text="404", tone=Tone.ERROR)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Broken(io.StringIO):
    """Breaks on the first write, and counts how often it was written to."""

    writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        raise BrokenPipeError


def test_a_verb_is_aligned_to_the_right() -> None:
    stream = io.StringIO()

    Printer(stream, environ={}).line(LINE)

    assert stream.getvalue() == "     Fetched github  3 requests\n"


def test_a_file_gets_no_escapes() -> None:
    stream = io.StringIO()
    printer = Printer(stream, environ={})

    printer.status([LINE])
    printer.line(ERROR)
    printer.clear()

    assert "\x1b" not in stream.getvalue()


def test_a_terminal_gets_a_bold_coloured_verb() -> None:
    stream = Terminal()

    Printer(stream, environ={"TERM": "xterm"}).line(ERROR)

    assert stream.getvalue() == "\x1b[1;31m      Failed\x1b[0m github  404\n"


@pytest.mark.parametrize(("value", "coloured"), [("1", False), ("", True)])
def test_no_color_counts_when_it_is_not_empty(value: str, coloured: bool) -> None:
    stream = Terminal()

    Printer(stream, environ={"TERM": "xterm", "NO_COLOR": value}).line(LINE)

    assert ("\x1b[1;32m" in stream.getvalue()) is coloured


def test_the_status_is_drawn_over_the_last_one() -> None:
    stream = Terminal()
    printer = Printer(stream, environ={"NO_COLOR": "1"})
    printer.status([LINE, LINE])
    stream.seek(0)
    stream.truncate()

    printer.status([LINE, LINE])

    assert stream.getvalue().startswith("\x1b[2A\x1b[J")


def test_a_line_goes_above_the_status() -> None:
    stream = Terminal()
    printer = Printer(stream, environ={"NO_COLOR": "1"})
    printer.status([LINE])
    stream.seek(0)
    stream.truncate()

    printer.line(ERROR)

    assert stream.getvalue() == "\x1b[1A\x1b[J      Failed github  404\n"


def test_the_status_never_wraps() -> None:
    stream = Terminal()

    Printer(stream, environ={}).status([LINE])

    assert stream.getvalue().startswith("\x1b[?7l")
    assert stream.getvalue().endswith("\x1b[?7h")


def test_quiet_prints_errors_only() -> None:
    stream = io.StringIO()
    printer = Printer(stream, environ={}, quiet=True)

    printer.line(LINE)
    printer.status([LINE])
    printer.line(ERROR)

    assert stream.getvalue() == "      Failed github  404\n"


def test_a_stream_that_broke_is_written_to_no_more() -> None:
    stream = Broken()
    printer = Printer(stream, environ={})

    printer.line(LINE)
    printer.line(LINE)
    printer.status([LINE])

    assert stream.writes == 1


def test_a_dumb_terminal_or_a_closed_stream_is_no_terminal() -> None:
    closed = io.StringIO()
    closed.close()

    assert is_terminal(Terminal(), {"TERM": "xterm"})
    assert not is_terminal(Terminal(), {"TERM": "dumb"})
    assert not is_terminal(closed, {})
    assert not is_terminal(None, {})
