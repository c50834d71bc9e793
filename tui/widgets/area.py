"""An area: where a panel stands on the screen, in cells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        """Say whether a cell of the screen is in it."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height
