"""What `fetchdeck init` asks for a source: the keys of its options without which a harvest makes little sense."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A key of a source's options that `fetchdeck init` asks for: without it a harvest makes little sense.

    A source's class lists them as `questions`; without that, init asks for the keys that have no default.
    """

    key: str
    """As in the configuration; with dots where it lies in a table of its own."""
    ask: str
    """In a word or two: "organisations"."""
    help: str
    """What to write, in one line; it also stands above the key in the file."""
    unset: str = "none"
    """What leaving it out means: "the present one"."""
