"""The messages from the screens to the app, and the commands in them. Only the app talks to the engine."""

from dataclasses import replace
from enum import StrEnum

from textual.dom import DOMNode
from textual.message import Message

from engine.model.changes import Changes
from engine.model.commands import Command, Pause, Quarantine, Release, Resume, Retry, SetCap, SetPin, Tune
from engine.model.snapshot import DeckState, Failure, GroupState, State
from engine.model.tuning import Tuning
from tui.common.settings_text import describe_changes, differing
from tui.widgets.states import ENDED


class QuitAction(StrEnum):
    """What a request to quit leads to."""

    LEAVE = "leave"
    ASK = "ask"
    """Wait for a second press."""
    STOP = "stop"
    """Finish what is in flight first."""
    STOP_NOW = "stop now"


def quit_action(state: State | None, *, asked: bool, sure: bool = True) -> QuitAction:
    """Return what a request to leave leads to.

    Args:
        state: the state of the deck; None if nothing was started.
        asked: whether it was asked to stop already.
        sure: whether this is a signal, or a key pressed twice.
    """
    if state is None or state in ENDED:
        return QuitAction.LEAVE
    if not sure:
        return QuitAction.ASK
    return QuitAction.STOP_NOW if asked or state is State.DRAINING else QuitAction.STOP


def screen_exit_code(state: State | None) -> int:
    """Return 1 when the harvest failed, else 0: stopping on request is no failure."""
    return 1 if state is State.FAILED else 0


class EngineCommand(Message):
    """A command for the engine. The app sends it, and shows `said` once it is carried out, or why it was refused."""

    def __init__(self, command: Command, said: str = "") -> None:
        super().__init__()
        self.command = command
        self.said = said

    def too_late(self, _deck: DeckState) -> str:
        """Return what to do instead if nothing runs that could carry it out; "" if something does."""
        return ""


def over(deck: DeckState) -> bool:
    """Return whether the whole deck has ended, so that it no longer writes its database."""
    return quit_action(deck.state, asked=False) is QuitAction.LEAVE


def tune(group: GroupState, tuning: Tuning) -> EngineCommand:
    """Change settings of a source. A source that has ended keeps them, so that they can be saved."""
    changes = describe_changes(differing(group.tuning, tuning))
    said = f"{changes}; S saves"
    if group.state in ENDED:
        said = f"{group.name} runs no more: S writes {changes} for the next time"
    return EngineCommand(Tune(group.name, tuning), said if changes else "")


def set_pin(group: GroupState | None, source: str, number: int | None) -> EngineCommand:
    """Pin the requests in flight. A source that has ended keeps the number, so that it can be saved."""
    if group is None or group.state not in ENDED or number is None:
        return EngineCommand(SetPin(source, number))
    cap = group.tuning.cap
    return tune(group, replace(group.tuning, workers=number, cap=None if cap is not None and cap < number else cap))


def set_cap(group: GroupState | None, source: str, number: int) -> EngineCommand:
    """Cap the requests in flight. A source that has ended keeps the number, so that it can be saved."""
    if group is None or group.state not in ENDED:
        return EngineCommand(SetCap(source, number))
    return tune(group, replace(group.tuning, cap=number))


def toggle_pause(deck: DeckState, source: str) -> Command:
    """Pause a source; if it is paused, resume it."""
    paused = any(group.name == source and group.state is State.PAUSED for group in deck.groups)
    return Resume(source) if paused else Pause(source)


def toggle_pause_all(deck: DeckState) -> Command:
    """Pause every source; if none runs, resume them all."""
    idle = all(
        group.state is State.PAUSED or quit_action(group.state, asked=False) is QuitAction.LEAVE
        for group in deck.groups
    )
    return Resume() if idle else Pause()


class RetryAsked(EngineCommand):
    """Queue failed requests again: all, one kind of error, or one."""

    def __init__(self, source: str | None = None, failure: str | None = None, id: int | None = None) -> None:
        super().__init__(Retry(source, failure, id), "queued again; the log tells how many")
        self.source = source

    def too_late(self, deck: DeckState) -> str:
        """Return the command line that retries them."""
        mine = [group for group in deck.groups if self.source in {None, group.name}]
        if any(quit_action(group.state, asked=False) is QuitAction.STOP for group in mine):
            return ""
        names = " ".join(group.name for group in mine)
        return f"{names} runs no more: `fetchdeck run {names} --retry-failed` tries them again"


class SettingAsked(Message):
    """Edit a setting of the selected source."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class WorkerAsked(Message):
    """Show the log of one worker of the selected source."""

    def __init__(self, lane: str, slot: int) -> None:
        super().__init__()
        self.lane = lane
        self.slot = slot


class SaveAsked(Message):
    """Write the changed settings of a source into the configuration."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source


class PartsAsked(Message):
    """Read the parts of a source, for the coverage map."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source


class FillAsked(PartsAsked):
    """Fetch only some parts of a source."""

    def __init__(self, source: str, parts: tuple[str, ...]) -> None:
        super().__init__(source)
        self.parts = parts


class QuarantineRequests(EngineCommand):
    """Quarantine failed requests: one kind of error, or one request."""

    def __init__(self, source: str, failure: str | None = None, id: int | None = None) -> None:
        said = "in quarantine: no run tries it until it is released; U lists what is set aside"
        super().__init__(Quarantine(source, failure, id), said)
        self.source, self.wanted = source, failure if id is None else id

    def too_late(self, deck: DeckState) -> str:
        """Return the command line that quarantines them."""
        ended = f"the harvest has ended: `fetchdeck errors {self.source} --quarantine {self.wanted}` sets it aside"
        return ended if over(deck) else ""


class ReleaseAsked(EngineCommand):
    """Release a request from quarantine."""

    def __init__(self, source: str, id: int) -> None:
        super().__init__(Release(source, id), "released")
        self.source, self.id = source, id

    def too_late(self, deck: DeckState) -> str:
        """Return the command line that releases it."""
        ended = f"the harvest has ended: `fetchdeck errors {self.source} --release {self.id}` lets it out"
        return ended if over(deck) else ""


class QuarantinePageAsked(Message):
    """Show the quarantine."""


class ChangesSeen(Message):
    """The user has closed the change feed."""

    def __init__(self, changes: Changes) -> None:
        super().__init__()
        self.changes = changes


class FocusAsked(Message):
    """Show one source alone."""


class CoverageAsked(Message):
    """Show the coverage map of a source."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source


class TriageAsked(Message):
    """Show the kinds of error."""


class RequestsAsked(Message):
    """Show the failed requests of one kind of error."""

    def __init__(self, source: str, fingerprint: str) -> None:
        super().__init__()
        self.source = source
        self.fingerprint = fingerprint


class RequestAsked(Message):
    """Show one failed request."""

    def __init__(self, id: int) -> None:
        super().__init__()
        self.id = id


class ExportAsked(Message):
    """Write the failed requests of some kinds of error to a file, as "csv" or "jsonl"."""

    def __init__(self, failures: tuple[Failure, ...], kind: str) -> None:
        super().__init__()
        self.failures = failures
        self.kind = kind


class Copied(Message):
    """Put a text into the clipboard."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class CommandChosen(Message):
    """Run an action at a node of the screen below; None is the app."""

    def __init__(self, action: str, node: DOMNode | None) -> None:
        super().__init__()
        self.action = action
        self.node = node


class SourcesChosen(Message):
    """Start these sources."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names = names


class SetUpAsked(Message):
    """Leave for `fetchdeck init`."""


class ThemeTried(Message):
    """Apply a theme; `final` also stores the choice."""

    def __init__(self, name: str, *, final: bool = False) -> None:
        super().__init__()
        self.name = name
        self.final = final


class PanelBroke(Message):
    """A panel could not be drawn; the harvest goes on."""

    def __init__(self, panel: str, error: Exception) -> None:
        super().__init__()
        self.panel = panel
        self.error = error
