"""Wearing themes: what is tried is shown at once, what is kept is remembered."""

from abc import abstractmethod
from collections.abc import Callable

from textual.app import App

from tui.actions import messages
from tui.app.notices import SECONDS
from tui.app.themes import Wardrobe
from tui.widgets.rows import Tone


class Dressing(App[int], inherit_bindings=False):
    """The part of the app that knows what it wears."""

    _wardrobe: Wardrobe
    _on_theme: Callable[[str], None] | None

    @abstractmethod
    def say(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a sentence in the status line for a while."""

    @abstractmethod
    def redraw(self) -> None:
        """Draw the screen on top."""

    def on_theme_tried(self, message: messages.ThemeTried) -> None:
        """Wear a theme; remember it where it is kept."""
        self._wardrobe.wear(message.name)
        self.dress()
        self.redraw()
        if message.kept:
            self.say(f"theme {message.name}")
            if self._on_theme is not None:
                self._on_theme(message.name)

    def dress(self) -> None:
        """Tell Textual what is worn: it paints what lies between the panels."""
        if self._wardrobe.colourless:
            self.theme = "ansi-dark"
            return
        self.register_theme(self._wardrobe.worn)
        self.theme = self._wardrobe.worn.name
