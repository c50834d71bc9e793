"""A wrapper for tokens, cookies and passwords that keeps them out of logs and output."""

from collections.abc import Callable
from typing import Final, NoReturn, final

from engine.common.redaction import LIVE

_MASK: Final = "Secret(***)"


@final
class Secret:
    """A text that no repr, format, log line, pickle or comparison shows. Only `reveal()` returns it.

    What the process logs, stores and shows is searched for it from now on; see `engine.common.redaction`.
    """

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        LIVE.learn(value)
        # A closure instead of an attribute: tools that dump the fields of an object print a function, not the value.
        self._reveal: Callable[[], str] = lambda: value

    def reveal(self) -> str:
        """Return the value. Call it where the bytes leave, and do not store the result."""
        return self._reveal()

    def __repr__(self) -> str:
        return _MASK

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return _MASK

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied: pass the object itself")
