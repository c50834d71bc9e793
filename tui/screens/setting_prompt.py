"""Types a setting: what the configuration would not take is told while it is typed, and enter does not take it."""

from collections.abc import Callable

from engine.model.snapshot import Tuning
from tui.common.settings_text import text, tuned
from tui.screens.prompts import Prompt


class SettingPrompt(Prompt):
    """Asks for one setting, the present one already typed. `told` hears what is wrong, "" once nothing is."""

    def __init__(self, now: Tuning, name: str, *, told: Callable[[str], None], done: Callable[[Tuning], None]) -> None:
        super().__init__(
            f"{name} ",
            text=text(now, name),
            changed=lambda typed: told(self._problem(typed)),
            done=lambda typed: done(tuned(now, name, typed)),
            cancelled=lambda: told(""),
        )
        self._now = now
        self._name = name

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; enter only where the setting is right."""
        return not (key == "enter" and self._problem(self.line.text)) and super().key(key, character)

    def _problem(self, typed: str) -> str:
        try:
            tuned(self._now, self._name, typed)
        except ValueError as error:
            return str(error)
        return ""
