"""The terminal's title, its bell and its notifications."""

import pytest

from tests.terminal.conftest import Open

pytestmark = pytest.mark.slow


def test_the_title_says_the_state_and_is_given_back(pretended: Open) -> None:
    screen = pretended("ending")
    screen.until(lambda: b"\x1b]2;fetchdeck: running\x1b\\" in screen.raw, "the title")
    screen.until(lambda: b"\x1b]2;fetchdeck: done, cut\x1b\\" in screen.raw, "the new title")

    screen.press(b"q")
    screen.ends()

    assert screen.raw.count(b"\x1b[22;2t") == 1
    assert screen.raw.rfind(b"\x1b[23;2t") > screen.raw.rfind(b"\x1b]2;")


def test_the_end_rings_and_notifies_once(pretended: Open) -> None:
    screen = pretended("ending")
    screen.until(lambda: b"\x1b]9;fetchdeck: done" in screen.raw, "the notification")
    screen.listen(1)

    assert screen.raw.count(b"\x1b]9;") == 1
    assert screen.raw.count(b"\a") == 1


def test_a_source_that_needs_a_login_is_said_and_its_words_are_harmless(pretended: Open) -> None:
    screen = pretended("refused")
    screen.until(lambda: b"\x1b]9;fetchdeck: github needs a login: 401: ?]52;c;AAAA?bad\x1b\\" in screen.raw, "it")

    assert b"\x1b]52" not in screen.raw


def test_the_linux_console_only_gets_the_bell(pretended: Open) -> None:
    screen = pretended("ending", TERM="linux")
    screen.shows("done, cut after")
    screen.listen(0.5)

    assert b"\x1b]" not in screen.raw
    assert screen.raw.count(b"\a") == 1
