"""What is said to the terminal itself: its title, its bell, its notifications. Text in it is cleaned and ASCII.

OSC 2 is the title and CSI 22/23 keep and restore it (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html); OSC 9
is a notification in iTerm2, kitty, foot, WezTerm, Ghostty and Windows Terminal.
"""

from typing import Final

from engine.common.text import clean
from tui.widgets.ascii_fallback import plain

KEEP_TITLE: Final = "\x1b[22;2t"
RESTORE_TITLE: Final = "\x1b[23;2t"
BELL: Final = "\a"
_LONGEST: Final = 120


def title(text: str) -> str:
    """Return the sequence that sets the title."""
    return f"\x1b]2;{inert(text)}\x1b\\"


def notification(text: str) -> str:
    """Return the sequence that shows a notification; a text of ours never begins with a digit, which ConEmu obeys."""
    return f"\x1b]9;fetchdeck: {inert(text)}\x1b\\"


def inert(text: str) -> str:
    """Return text that cannot end a sequence or begin another: printable ASCII, one line, not long."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in plain(clean(text, _LONGEST)))
