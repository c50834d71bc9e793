"""How long each source has taken, by the times its events carry."""

from collections.abc import Mapping

from engine.model.events import Event, RunEnded, RunStarted


class Stopwatch:
    """Listens to events; may be read from any thread once the harvest has ended."""

    def __init__(self) -> None:
        self._started: dict[str, float] = {}
        self._ended: dict[str, float] = {}

    def hear(self, event: Event) -> None:
        """Note when a source starts and when it ends."""
        if isinstance(event, RunStarted):
            self._started.setdefault(event.source, event.at)
        elif isinstance(event, RunEnded):
            self._ended[event.source] = event.at

    def durations(self) -> Mapping[str, float]:
        """Return seconds by source, for those that started and ended."""
        return {
            source: max(self._ended[source] - began, 0.0)
            for source, began in self._started.items()
            if source in self._ended
        }
