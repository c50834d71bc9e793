"""Types whose log to show: a worker's number, after the name of its lane where the source has several."""

from collections.abc import Callable

from engine.common.text import clean
from engine.model.snapshot import Group
from tui.screens.prompts import Prompt


class WorkerPrompt(Prompt):
    """Asks for a worker, its lane already typed. `told` hears what is wrong, "" once nothing is.

    `done` hears the lane and the number; "" for the lane is the worker of that number in each.
    """

    def __init__(
        self, group: Group, lane: str, *, told: Callable[[str], None], done: Callable[[str, int], None]
    ) -> None:
        super().__init__(
            f"log of worker {group.name}/",
            text=f"{lane}/" if len(group.lanes) > 1 else "",
            changed=lambda typed: told(self._problem(typed)),
            done=lambda typed: done(*found(group, typed)),
            cancelled=lambda: told(""),
        )
        self._group = group

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; enter only where there is such a worker."""
        return not (key == "enter" and self._problem(self.line.text)) and super().key(key, character)

    def _problem(self, typed: str) -> str:
        try:
            found(self._group, typed)
        except ValueError as error:
            return str(error)
        return ""


def found(group: Group, typed: str) -> tuple[str, int]:
    """Read "3", "graphql/3" or as much of a lane's name as no other begins with; return the lane and the number.

    Raises:
        ValueError: there is no such lane, or no number; the message is one line.
    """
    name, _, number = typed.strip().rpartition("/")
    names = [lane.resource for lane in group.lanes]
    fitting = [name] if name in {"", *names} else [one for one in names if one.startswith(name)]
    if len(fitting) != 1:
        raise ValueError(f"{clean(name, 40)} is no lane of {group.name}: {', '.join(names)}")
    if not (number.isascii() and number.isdecimal()):
        raise ValueError(f"a worker has a number: {fitting[0] or '00'}{'/00' if fitting[0] else ''} is the first")
    return fitting[0], int(number)
