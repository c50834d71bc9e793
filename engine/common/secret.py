"""A value that must never be seen: a token, a cookie, a password."""

from collections.abc import Callable
from typing import Final, NoReturn, final

_MASK: Final = "Secret(***)"


@final
class Secret:
    """Holds a text that no repr, format, log line, pickle or comparison message shows; only `reveal()` gives it out."""

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        # A closure, not an attribute: tools that dump an object's fields print a function, not the value.
        self._reveal: Callable[[], str] = lambda: value

    def reveal(self) -> str:
        """Return the value itself. Call it where the bytes leave, and keep the result in no variable."""
        return self._reveal()

    def __repr__(self) -> str:
        return _MASK

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return _MASK

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied: pass the object itself")
