"""Control sequences for the terminal itself: title, bell and notification. Text in them is cleaned and ASCII.

OSC 2 sets the title; CSI 22 and 23 save and restore it (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html). OSC 9
shows a notification in iTerm2, kitty, foot, WezTerm, Ghostty and Windows Terminal.
"""

from typing import Final

from engine.common.text import clean
from tui.widgets.ascii_fallback import plain

KEEP_TITLE: Final = "\x1b[22;2t"
RESTORE_TITLE: Final = "\x1b[23;2t"
BELL: Final = "\a"
_LONGEST: Final = 120


def title(text: str) -> str:
    return f"\x1b]2;{inert(text)}\x1b\\"


def notification(text: str) -> str:
    """Return the sequence that shows a notification.

    ConEmu takes a text that begins with a digit for a command (https://conemu.github.io/en/AnsiEscapeCodes.html), so
    ours begins with our name.
    """
    return f"\x1b]9;fetchdeck: {inert(text)}\x1b\\"


def inert(text: str) -> str:
    """Return text that cannot end a sequence or start another: printable ASCII, one line, bounded length."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in plain(clean(text, _LONGEST)))
