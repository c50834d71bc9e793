"""Who hears what happens: every event goes to each of them."""

import logging
from collections.abc import Callable
from typing import Final

from engine.model.events import Event

log: Final = logging.getLogger(__name__)


class Listeners:
    """Tells events. One that raises is logged and asked no more: a listener never breaks a run."""

    def __init__(self, *first: Callable[[Event], None]) -> None:
        self._all = list(first)

    def add(self, listener: Callable[[Event], None]) -> None:
        """Push every event from now on to one more."""
        self._all.append(listener)

    def tell(self, event: Event) -> None:
        """Push an event."""
        for listener in list(self._all):
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed and is asked no more")
                self._all.remove(listener)
