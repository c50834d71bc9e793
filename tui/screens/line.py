"""A line being typed: text and cursor, without a screen. What is pasted into it is one line, controls shown."""

from typing import Final

from engine.common.text import clean

LONGEST: Final = 200


class Line:
    """The text of a prompt."""

    def __init__(self, text: str = "", longest: int = LONGEST) -> None:
        self.text = text
        self._longest = longest
        self.at = len(text)

    def key(self, key: str, character: str | None) -> None:
        """Take a key; one that means nothing here is ignored."""
        match key:
            case "backspace":
                self._replace(max(0, self.at - 1), self.at)
            case "delete":
                self._replace(self.at, self.at + 1)
            case "ctrl+u":
                self._replace(0, self.at)
            case "left":
                self.at = max(0, self.at - 1)
            case "right":
                self.at = min(len(self.text), self.at + 1)
            case "home":
                self.at = 0
            case "end":
                self.at = len(self.text)
            case _ if character is not None and character.isprintable():
                self.insert(character)

    def insert(self, text: str) -> None:
        """Put text at the cursor, safe to show and in one line; what is too long for the prompt is cut."""
        room = self._longest - len(self.text)
        shown = clean(text, self._longest)[: max(0, room)]
        self.text = self.text[: self.at] + shown + self.text[self.at :]
        self.at += len(shown)

    def _replace(self, start: int, end: int) -> None:
        self.text = self.text[:start] + self.text[end:]
        self.at = start
