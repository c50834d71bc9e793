"""The settings that the user may change while a source runs. Changes go to its lanes and to the decision log."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from engine.config.tables import Common
from engine.config.validation import convert
from engine.harvest.context import SourceContext
from engine.harvest.lane import Lane
from engine.model.tuning import Tuning
from engine.pacing.admission import Admission
from engine.pacing.concurrency.controller import Controller, Move
from engine.pacing.concurrency.policies import parse_restraint
from engine.pacing.concurrency.shared_host import HostShare, PolicySwitch, current_controller, deciding_object, release

TRIAL_FACTOR: Final = 1.25
"""`nudge` tries a quarter more, or a fifth less, which undoes it."""
MAX_PIN: Final = 1000

OnMove = Callable[[str, Move], None]
"""Called with a lane's resource and the change of its limit."""


class ManualControl:
    """Pins, caps and nudges the concurrency of every lane of a source. Each change is reported with its reason.

    Budgets, penalties and the source's own cap win over all of them.
    """

    def __init__(self, lanes: Sequence[Lane], *, on_move: OnMove) -> None:
        self._lanes = lanes
        self._on_move = on_move

    def nudge(self, step: int) -> None:
        """Try a quarter more or a fifth less; the controller keeps it only if throughput grew.

        Where the number is pinned, or the controller cannot judge a trial, the pin moves by one instead.
        """
        tried: set[int] = set()
        """Lanes may share a controller (one per host). It is nudged once, or n lanes would raise it n times."""

        def change(admission: Admission) -> str:
            if admission.pin is not None:
                return _pin(admission, max(1, min(max(admission.cap, admission.pin), admission.pin + step)))
            number, here = id(deciding_object(admission.controller)), admission.controller.limit
            reason = "by hand: a quarter more" if step > 0 else "by hand: a fifth less"
            to = max(TRIAL_FACTOR * here, here + 1.0) if step > 0 else max(1.0, min(here / TRIAL_FACTOR, here - 1.0))
            if number not in tried and admission.controller.try_out(to, reason) is None:
                return _pin(admission, max(1, min(admission.cap, admission.limit + step)))
            tried.add(number)
            return f"{reason}, on trial: the next rounds judge it"

        self._change_all(change)

    def pin(self, number: int | None = None) -> None:
        """Keep exactly this many in flight; None for as many as now. A manual cap below the pin is lifted."""
        self._change_all(lambda admission: _pin(admission, max(1, min(MAX_PIN, number or admission.limit))))

    def cap(self, step: int) -> None:
        """Move the cap by `step`. A cap that reaches the source's own is lifted."""
        self._change_all(lambda admission: _cap(admission, (admission.manual_cap or admission.cap) + step))

    def cap_at(self, number: int) -> None:
        """Never have more in flight than this. A cap that reaches the source's own is lifted."""
        self._change_all(lambda admission: _cap(admission, number))

    def unpin(self) -> None:
        """Let the controllers find the number again, starting from the pin."""
        self._change_all(_unpin)

    def uncap(self) -> None:
        """Lift the manual cap."""
        self._change_all(lambda admission: _cap(admission, admission.cap))

    def automatic(self) -> None:
        """Lift the pin and the cap. The controllers go on from where the pin was."""
        self._change_all(_automatic)

    def _change_all(self, change: Callable[[Admission], str]) -> None:
        """Change every lane, then report what changed; `change` returns the reason, "" for no change."""
        # All lanes are changed before the first report: lanes that share a host change each other's limits.
        before = [lane.admission.limit for lane in self._lanes]
        reasons = [change(lane.admission) for lane in self._lanes]
        for lane, old, reason in zip(self._lanes, before, reasons, strict=True):
            if reason:
                self._on_move(lane.resource, Move(old, lane.admission.limit, reason))
            lane.wake()


def _pin(admission: Admission, number: int) -> str:
    admission.pin = number
    if admission.manual_cap is not None and admission.manual_cap < number:
        admission.manual_cap = None
    limited = f", but no more than {admission.limit} may run" if admission.limit < number else ""
    return f"by hand: pinned at {number}{limited}"


def _cap(admission: Admission, number: int) -> str:
    admission.manual_cap = None if number >= admission.cap else max(1, number)
    return "by hand: no cap" if admission.manual_cap is None else f"by hand: never more than {admission.manual_cap}"


def _unpin(admission: Admission) -> str:
    if admission.pin is None:
        return ""
    at, admission.pin = admission.limit, None
    admission.controller.try_out(at, "by hand: not pinned any more")
    return "by hand: not pinned any more"


def _automatic(admission: Admission) -> str:
    if admission.pin is None and admission.manual_cap is None:
        return ""
    pinned, at = admission.pin, admission.limit
    admission.pin = admission.manual_cap = None
    if pinned is not None:
        admission.controller.try_out(at, "by hand: automatic again")
    return "by hand: automatic again"


def check_numbers(tuning: Tuning) -> None:
    """Check numbers against the bounds that the configuration file has for them.

    Raises:
        ConfigError: a number is out of bounds.
    """
    numbers = {name: getattr(tuning, name) for name in ("workers", "cap", "limit", "retries", "spacing")}
    convert({name: number for name, number in numbers.items() if number is not None}, Common, name=".".join)


Policy = Callable[[Lane, str], Controller]
"""Returns the controller of a lane for a policy by name."""


class LiveSettings:
    """The settings of a running source. They include what the keys set on its lanes (pin and cap)."""

    def __init__(self, lanes: Sequence[Lane], *, context: SourceContext, manual: ManualControl, policy: Policy) -> None:
        self._lanes = lanes
        self._context = context
        self._manual = manual
        self._policy = policy

    def tuning(self) -> Tuning:
        """Return the present settings. Pin and cap are None where the lanes differ."""
        pins = {lane.admission.pin for lane in self._lanes}
        caps = {lane.admission.manual_cap for lane in self._lanes}
        return replace(
            self._context.settings.tuning,
            workers=pins.pop() if len(pins) == 1 else None,
            cap=caps.pop() if len(caps) == 1 else None,
        )

    def tune(self, tuning: Tuning) -> None:
        """Change the settings that differ from the present ones.

        Raises:
            ConfigError: a number, the policy or a rule is invalid; nothing has changed.
        """
        check_numbers(tuning)
        present = self.tuning()
        restraint = parse_restraint(tuning.rules)
        if tuning.policy != present.policy:
            self._change_policy(tuning.policy)
        if tuning.workers != present.workers:
            self._manual.unpin() if tuning.workers is None else self._manual.pin(tuning.workers)
        if tuning.cap != present.cap:
            self._manual.uncap() if tuning.cap is None else self._manual.cap_at(tuning.cap)
        for lane in self._lanes:
            lane.admission.restraint = restraint
            lane.admission.spacing = tuning.spacing
            lane.wake()
        self._context.settings.tuning = tuning

    def _change_policy(self, name: str) -> None:
        """Switch every lane to another policy, and report its new limit."""
        # All are built before the first is used, because an invalid name raises.
        controllers = [self._policy(lane, name) for lane in self._lanes]
        for lane, controller in zip(self._lanes, controllers, strict=True):
            old = lane.admission.limit
            self._switch(lane, controller)
            self._context.reporter.moved(lane.resource, Move(old, lane.admission.limit, f"by hand: policy {name}"))

    def _switch(self, lane: Lane, controller: Controller) -> None:
        old = current_controller(lane.admission.controller)
        release(old)
        if isinstance(controller, HostShare):
            controller.freed = lane.wake
        # Answers to requests that the old controller sent must still reach it: they carry its tags.
        lane.admission.controller = PolicySwitch(old, controller, since=self._context.now(), under_way=lane.in_flight)
