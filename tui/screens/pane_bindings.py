"""The keys that are about the panes."""

from typing import Final

from textual.binding import Binding, BindingType

BINDINGS: Final[list[BindingType]] = [
    Binding("escape", "back", "back", id="view.back", tooltip="back, step by step"),
    Binding("l", "pane('log')", "log", id="view.log", tooltip="the log"),
    Binding("e", "pane('errors')", "errors", id="view.errors", tooltip="errors; twice: triage"),
    Binding("w", "pane('workers')", "workers shown", show=False, id="view.workers", tooltip="all workers"),
    Binding("d", "pane('decisions')", "decisions", id="view.decisions", tooltip="why the limit moved"),
    Binding("s", "pane('settings')", "settings", id="view.settings", tooltip="change settings live"),
    Binding("S", "save", "save", show=False, id="tune.save", tooltip="save changed settings"),
    Binding("tab", "step_in", "pane", id="view.inside", tooltip="move in pane or sources"),
    Binding("slash", "filter", "filter", id="view.filter", tooltip="filter the pane"),
    Binding("n", "jump(1)", "next", show=False, id="view.next", tooltip="next match or warning"),
    Binding("N", "jump(-1)", "previous", show=False, id="view.previous", tooltip="match or warning before"),
    Binding("f", "freeze", "freeze", id="view.freeze", tooltip="freeze or follow the lines"),
    Binding("W", "worker_log", "its log", show=False, id="view.worker", tooltip="the log of one worker"),
    Binding("L", "louder", "level", show=False, id="view.level", tooltip="log: all, warn, error"),
    Binding("t", "stamps", "times", show=False, id="view.times", tooltip="times of the lines"),
    Binding("z", "zoom", "zoom", id="view.zoom", tooltip="the pane alone"),
    Binding("y", "copy_row", "copy", id="view.copy", tooltip="copy the row"),
    Binding("Y", "copy_pane", "copy all", show=False, id="view.copy-all", tooltip="copy the whole pane"),
    Binding("pageup", "scroll(-1)", id="view.page-up", tooltip="scroll the pane up"),
    Binding("pagedown", "scroll(1)", id="view.page-down", tooltip="scroll the pane down"),
]
