"""Whatever an API sends, no byte of it acts on the terminal."""

import pytest

from tests.terminal.conftest import Open
from tests.terminal.payloads import FINGERPRINTS, HOSTILE

pytestmark = pytest.mark.slow

KEYS = (b"l", b"e", b"w", b"\r", b"?", b"\x1b", b"C", b"o", b"\x1b", b"h", b"j", b"\x1b")


SETTINGS = (b"s", b"\r", b"\x1b", b"j", b"j", b"\r", b"a", b"\r", b"S", b"\x1b", b"w", b"\t", b"\r")
TRIAGE = (b"e", b"e", b"\r", b"\r", b"G", b"\x1b", b"\x1b", b"U", b"j", b"\r", b"\x1b", b"A")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
@pytest.mark.parametrize("keys", [KEYS, SETTINGS, TRIAGE], ids=["panes", "settings", "triage"])
def test_no_payload_reaches_the_terminal_by_any_path(
    pretended: Open, size: tuple[int, int], keys: tuple[bytes, ...]
) -> None:
    """Uncleaned payloads in every field of the deck: names, reasons, limits, workers, log, errors,
    settings, requests, attempts, quarantine, summary."""
    screen = pretended("hostile", size=size)
    screen.shows("quit")

    for number in range(len(HOSTILE)):
        screen.press(keys[number % len(keys)])
        screen.listen(0.5)
    while screen.process.poll() is None:
        screen.press(b"q")
        screen.listen(0.5)

    assert screen.ends() == 130
    assert screen.restored()
    assert screen.raw.count(b"\a") == 0
    assert [mark for mark in FINGERPRINTS if mark in screen.raw] == []
