"""The part of the app that applies themes: the one under the cursor at once; a kept one is stored."""

from abc import abstractmethod
from collections.abc import Callable

from textual.app import App

from tui.actions import messages
from tui.app.notices import SECONDS
from tui.app.themes import Wardrobe
from tui.widgets.rows import Tone


class Dressing(App[int], inherit_bindings=False):
    """The part of the app that applies themes."""

    _wardrobe: Wardrobe
    _on_theme: Callable[[str], None] | None

    @abstractmethod
    def say(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a message in the status line for some seconds."""

    @abstractmethod
    def redraw(self) -> None:
        """Draw the top screen."""

    def on_theme_tried(self, message: messages.ThemeTried) -> None:
        self._wardrobe.wear(message.name)
        self.dress()
        self.redraw()
        if message.kept:
            self.say(f"theme {message.name}")
            if self._on_theme is not None:
                self._on_theme(message.name)

    def dress(self) -> None:
        """Set Textual's theme too, because Textual paints the cells between the panels."""
        if self._wardrobe.colourless:
            self.theme = "ansi-dark"
            return
        self.register_theme(self._wardrobe.worn)
        self.theme = self._wardrobe.worn.name
