"""Saving changed settings: the app shows what it would write into which file, and writes after a confirmation."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from engine.common.errors import UsageError
from engine.model.snapshot import DeckState, GroupState
from engine.model.tuning import Tuning
from tui.app.notices import SECONDS
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

    def __init__(self, keeper: SettingsWriter | None, say: Callable[[str, Tone, float], None]) -> None:
        self._keeper = keeper
        self._say = say
        self.saved: dict[str, Tuning] = {}
        """The settings of each source when it was first shown, or when they were last saved."""

    def look(self, deck: DeckState) -> None:
        """Note the settings of sources that are shown for the first time: those of the file and the command line."""
        for group in deck.groups:
            self.saved.setdefault(group.name, group.tuning)

    def question(self, group: GroupState) -> Question | None:
        """Return the question whether to write the changed settings; None, and a sentence, where that cannot be."""
        changes, keeper = differing(self.saved.get(group.name, group.tuning), group.tuning), self._keeper
        if not changes:
            self._say(f"no setting of {group.name} is changed", Tone.TEXT, SECONDS)
        elif keeper is None:
            self._say("there is no configuration to save to", Tone.WARN, SECONDS)
        else:
            self._say(f"[sources.{group.name}] {describe_changes(changes)}", Tone.ACCENT, THINK)
            return Question(f"write that to {keeper.name}?", lambda: self._save(keeper, group, changes))
        return None

    def _save(self, keeper: SettingsWriter, group: GroupState, changes: Mapping[str, Any]) -> None:
        try:
            keeper.save(group.name, changes)
        except UsageError as error:
            self._say(str(error), Tone.BAD, SECONDS)
            return
        self.saved[group.name] = group.tuning
        self._say(f"saved in {keeper.name}: {describe_changes(changes)}", Tone.GOOD, SECONDS)
