"""Saving changed settings: the app shows what it would write into which file, and writes after a confirmation."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from engine.common.errors import UsageError
from engine.model.snapshot import DeckState, GroupState
from engine.model.tuning import Tuning
from tui.app.notices import ShowMessage
from tui.common.settings_text import describe_changes, differing
from tui.screens.prompts import Question
from tui.widgets.rows import Tone

THINK: Final = 60.0
"""Seconds that the message about what would be written stays."""


class SettingsWriter(Protocol):
    """Writes settings into a configuration."""

    @property
    def name(self) -> str:
        """The path of the file, with `~` for the home folder."""

    def save(self, source: str, values: Mapping[str, Any]) -> None:
        """Write settings of a source; None removes a key.

        Raises:
            UsageError: nothing was written; it says why.
        """


class SettingsSaver:
    """Knows which settings of each source are saved, and saves those that were changed."""

    def __init__(self, *, writer: SettingsWriter | None, show_message: ShowMessage) -> None:
        self._writer = writer
        self._show_message = show_message
        self.saved: dict[str, Tuning] = {}
        """The settings of each source when it was first shown, or when they were last saved."""

    def on_snapshot(self, deck: DeckState) -> None:
        """Remember the settings of sources shown for the first time: those of the file and the command line."""
        for group in deck.groups:
            self.saved.setdefault(group.name, group.tuning)

    def question(self, group: GroupState) -> Question | None:
        """Return the question whether to write the changed settings; if nothing can be written, say why."""
        changes, writer = differing(self.saved.get(group.name, group.tuning), group.tuning), self._writer
        if not changes:
            self._show_message(f"no setting of {group.name} is changed")
        elif writer is None:
            self._show_message("there is no configuration to save to", Tone.WARN)
        else:
            self._show_message(f"[sources.{group.name}] {describe_changes(changes)}", Tone.ACCENT, THINK)
            return Question(f"write that to {writer.name}?", lambda: self._save(writer, group, changes))
        return None

    def _save(self, writer: SettingsWriter, group: GroupState, changes: Mapping[str, Any]) -> None:
        try:
            writer.save(group.name, changes)
        except UsageError as error:
            self._show_message(str(error), Tone.BAD)
            return
        self.saved[group.name] = group.tuning
        self._show_message(f"saved in {writer.name}: {describe_changes(changes)}", Tone.GOOD)
