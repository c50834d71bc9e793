"""Guess what a person meant: the known name nearest to a mistyped one."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `word`, or None where nothing is like it."""
    import difflib

    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say what was probably meant, then everything there is: `did you mean "run"? There are: demo, run`."""
    names = sorted(known)
    guess = nearest(word, names)
    everything = f"there are: {', '.join(names)}" if names else "there are none"
    return f'did you mean "{guess}"? T{everything[1:]}' if guess else everything
