"""Saving changed settings: the app shows what it would write into which file, and writes after a confirmation."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Final, Protocol

from textual.app import App

from engine.common.errors import UsageError
from engine.model.snapshot import DeckState
from engine.model.tuning import Tuning
from tui.actions import messages
from tui.app.notices import SECONDS
from tui.common.settings_text import differing, words
from tui.screens.base import Board
from tui.screens.prompts import Question
from tui.widgets.rows import Tone

THINK: Final = 60.0
"""Seconds the sentence about what would be written stays."""


class Keeps(Protocol):
    """Writes settings into a configuration."""

    @property
    def name(self) -> str:
        """The file, as people write it."""

    def save(self, source: str, values: Mapping[str, Any]) -> None:
        """Write settings of a source; None removes a key.

        Raises:
            UsageError: nothing was written; it says why.
        """


class Keeping(App[int], inherit_bindings=False):
    """The part of the app that knows which settings are saved."""

    _deck: DeckState | None
    _keeper: Keeps | None
    _kept: dict[str, Tuning]
    """How each source was tuned when it started, or when its settings were saved last."""

    @abstractmethod
    def say(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a message in the status line for some seconds."""

    def know_tuning(self, deck: DeckState) -> None:
        """Store the settings of each source when it is first seen."""
        for group in deck.groups:
            self._kept.setdefault(group.name, group.tuning)

    def on_save_asked(self, message: messages.SaveAsked) -> None:
        """Show what would be written into which file, and ask."""
        group = next((one for one in (self._deck.groups if self._deck else ()) if one.name == message.source), None)
        if group is None or not isinstance(self.screen, Board):
            return
        tuning = group.tuning
        changes = differing(self._kept.get(group.name, tuning), tuning)
        if not changes:
            self.say(f"no setting of {group.name} is changed")
        elif self._keeper is None:
            self.say("there is no configuration to save to", Tone.WARN)
        else:
            keeper = self._keeper
            self.say(f"[sources.{group.name}] {words(changes)}", Tone.ACCENT, seconds=THINK)
            self.screen.ask(
                Question(f"write that to {keeper.name}?", lambda: self._save(keeper, group.name, changes, tuning))
            )

    def _save(self, keeper: Keeps, source: str, changes: Mapping[str, Any], tuning: Tuning) -> None:
        try:
            keeper.save(source, changes)
        except UsageError as error:
            self.say(str(error), Tone.BAD)
            return
        self._kept[source] = tuning
        self.say(f"saved in {keeper.name}: {words(changes)}", Tone.GOOD)
