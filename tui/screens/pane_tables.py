"""The panes that are tables: the errors, the workers and the settings."""

from textual.message import Message

from tui.messages import RequestsAsked, SettingAsked
from tui.screens.choice import row_of
from tui.screens.matching import Filter
from tui.screens.pane import PaneKeys
from tui.tunables import TUNABLES
from tui.widgets import failures, settings, workers


class ErrorKeys(PaneKeys):
    """The kinds of error."""

    @property
    def filter(self) -> Filter | None:
        """What it lets through."""
        return self.choice.errors

    def narrow(self, found: Filter) -> None:
        """Let something else through."""
        self.choice.errors, self.choice.scrolled = found, 0

    def length(self, width: int) -> int:
        """Return how many lines the table has."""
        return failures.length(self.seen.failed, width)

    def move(self, step: int, height: int, width: int) -> None:
        """Move the cursor by kinds."""
        _ = (height, width)
        self.choice.move_failure(self.seen.failed, step)

    def opened(self) -> Message | None:
        """Ask for the requests of the kind under the cursor."""
        wanted = self.choice.failure
        one = next((one for one in self.seen.deck.failures if one.fingerprint == wanted), None)
        return None if one is None else RequestsAsked(one.source, one.fingerprint)

    def row(self) -> str | None:
        """Return the kind under the cursor."""
        found = self.seen.failed
        return failures.whole(found[row_of(found, self.choice.failure)]) if found else None

    def whole(self, height: int) -> str | None:
        """Return every kind that is listed."""
        _ = height
        return "\n".join(failures.whole(one) for one in self.seen.failed)


class WorkerKeys(PaneKeys):
    """The workers: there is no cursor, they scroll."""

    def length(self, width: int) -> int:
        """Return how many lines the grid takes."""
        return 1 + (workers.lines(self.seen.group, width) if self.seen.group is not None else 0)

    def whole(self, height: int) -> str | None:
        """Take what is drawn."""
        _ = height
        return None


class SettingKeys(PaneKeys):
    """The settings of the chosen source."""

    def length(self, width: int) -> int:
        """Return how many lines they take."""
        _ = width
        return 1 + len(TUNABLES)

    def move(self, step: int, height: int, width: int) -> None:
        """Move the cursor by settings."""
        _ = (height, width)
        self.choice.setting = min(max(0, self.choice.setting + step), len(TUNABLES) - 1)

    def scroll(self, lines: int, height: int, width: int) -> None:
        """Move the cursor: it keeps itself in view."""
        self.move(lines, height, width)

    def opened(self) -> Message | None:
        """Ask to type the setting under the cursor."""
        return None if self.seen.group is None else SettingAsked(TUNABLES[self.choice.setting].name)

    def row(self) -> str | None:
        """Return the setting under the cursor."""
        lines = self._lines()
        return lines[self.choice.setting] if lines else None

    def whole(self, height: int) -> str | None:
        """Return every setting."""
        _ = height
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        return [] if self.seen.group is None else [settings.whole(self.seen.group, one) for one in TUNABLES]
