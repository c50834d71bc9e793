"""Texts that an API could send to take a terminal over."""

from typing import Final

HOSTILE: Final = (
    "[red]markup[/red] [/nope] [@click=app.exit]x[/]",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[31;1msgr\x1b[0m",
    "\x1b]0;owned\x07",
    "\x1b]52;c;b3duZWQ=\x07",
    "\x1b[2J\x1b[H\x1bc",
    "\x9b31mC1\x9d0;owned\x9c",
    "\u202egnirts lacitirc\u2066\u200f",
    "zero\u200b\u200d\ufeff\u2060width",
    "\a\a\abel\b\b",
    "tab\tand\rreturn\nline\vfeed",
    "a\x00b\x7fc\x85d" + "m" * 20_000,
)
FINGERPRINTS: Final = (
    b"\x1b]8;", b"\x1b[31;1m", b"\x1b]0;", b"\x1b]52", b"\x1b[2J", b"\x1bc", b"\x9b31m", b"\xc2\x9b", b"\xc2\x9d",
    "\u202e".encode(), "\u2066".encode(), "\u200f".encode(), "\u200b".encode(), "\ufeff".encode(), b"\b", b"\x00",
    b"\x7f", b"\xc2\x85", b"\t", b"\v",
)  # fmt: skip
"""What of them would act on a terminal; the screen itself never sends any of it."""
