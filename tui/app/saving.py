"""Saving changed settings: the app shows what it would write into which file, and writes after a confirmation."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from engine.common.errors import UsageError
from engine.model.snapshot import DeckState, GroupState
from engine.model.tuning import Tuning
from tui.app.notices import Say
from tui.common.settings_text import describe_changes, differing
from tui.screens.prompts import Question
from tui.widgets.rows import Tone

THINK: Final = 60.0
"""Seconds the sentence about what would be written stays."""


class SettingsWriter(Protocol):
    """Writes settings into a configuration."""

    @property
    def name(self) -> str:
        """The file, as people write it."""

    def save(self, source: str, values: Mapping[str, Any]) -> None:
        """Write settings of a source; None removes a key.

        Raises:
            UsageError: nothing was written; it says why.
        """


class SettingsSaver:
    """Knows which settings of each source are saved, and saves those that were changed."""

    def __init__(self, *, writer: SettingsWriter | None, say: Say) -> None:
        self._writer = writer
        self._say = say
        self.saved: dict[str, Tuning] = {}
        """The settings of each source when it was first shown, or when they were last saved."""

    def look(self, deck: DeckState) -> None:
        """Note the settings of sources that are shown for the first time: those of the file and the command line."""
        for group in deck.groups:
            self.saved.setdefault(group.name, group.tuning)

    def question(self, group: GroupState) -> Question | None:
        """Return the question whether to write the changed settings; None, and a sentence, where that cannot be."""
        changes, writer = differing(self.saved.get(group.name, group.tuning), group.tuning), self._writer
        if not changes:
            self._say(f"no setting of {group.name} is changed")
        elif writer is None:
            self._say("there is no configuration to save to", Tone.WARN)
        else:
            self._say(f"[sources.{group.name}] {describe_changes(changes)}", Tone.ACCENT, THINK)
            return Question(f"write that to {writer.name}?", lambda: self._save(writer, group, changes))
        return None

    def _save(self, writer: SettingsWriter, group: GroupState, changes: Mapping[str, Any]) -> None:
        try:
            writer.save(group.name, changes)
        except UsageError as error:
            self._say(str(error), Tone.BAD)
            return
        self.saved[group.name] = group.tuning
        self._say(f"saved in {writer.name}: {describe_changes(changes)}", Tone.GOOD)
