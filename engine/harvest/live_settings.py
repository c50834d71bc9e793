"""What a person may change of a source while it runs: told to its lanes, and written to the decision log."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from engine.harvest.context import SourceContext
from engine.harvest.lane import Lane
from engine.model.tuning import Tuning
from engine.pacing.admission import Admission
from engine.pacing.concurrency.controller import Controller, Move
from engine.pacing.concurrency.policies import parse_restraint
from engine.pacing.concurrency.shared_host import HostShare, PolicySwitch, held, owner, release

# What the person sets of the concurrency by hand, on every lane of a source at once; each move says its reason.

TRIAL_FACTOR: Final = 1.25
"""A nudge is a quarter more, or as much less as that undoes."""
MAX_PIN: Final = 1000

OnMove = Callable[[str, Move], None]
"""Hears of a lane by its resource, and of its move."""


class ManualControl:
    """Pins, caps and nudges. Budgets, penalties and the source's own cap win over all of them."""

    def __init__(self, lanes: Sequence[Lane], *, moved: OnMove) -> None:
        self._lanes = lanes
        self._moved = moved

    def nudge(self, step: int) -> None:
        """Try a quarter more or a fifth less once; where a pin is, or nobody would judge it, pin one more or fewer."""
        asked: set[int] = set()

        def change(admission: Admission) -> str:
            if admission.pin is not None:
                return _pin(admission, max(1, min(max(admission.cap, admission.pin), admission.pin + step)))
            number, here = id(owner(admission.controller)), admission.controller.limit
            words = "by hand: a quarter more" if step > 0 else "by hand: a fifth less"
            to = max(TRIAL_FACTOR * here, here + 1.0) if step > 0 else max(1.0, min(here / TRIAL_FACTOR, here - 1.0))
            if number not in asked and admission.controller.try_out(to, words) is None:
                return _pin(admission, max(1, min(admission.cap, admission.limit + step)))
            asked.add(number)
            return f"{words}, on trial: the next rounds judge it"

        self._each(change)

    def pin(self, number: int | None = None) -> None:
        """Have so many in flight, no more and no fewer; None is as many as now. A cap by hand below that is lifted."""
        self._each(lambda admission: _pin(admission, max(1, min(MAX_PIN, number or admission.limit))))

    def cap(self, step: int) -> None:
        """Never have more in flight than `step` above or below what the cap is now; lift it at the top."""
        self._each(lambda admission: _cap(admission, (admission.manual_cap or admission.cap) + step))

    def cap_at(self, number: int) -> None:
        """Never have more in flight than this; lift it where the source's own cap is no higher."""
        self._each(lambda admission: _cap(admission, number))

    def unpin(self) -> None:
        """Let the controllers find the number again, from where the pin was."""
        self._each(_unpin)

    def uncap(self) -> None:
        """Have no cap by hand."""
        self._each(lambda admission: _cap(admission, admission.cap))

    def free(self) -> None:
        """Give the concurrency back to the controllers: no pin, no cap. What was pinned is where they go on from."""
        self._each(_automatic)

    def _each(self, change: Callable[[Admission], str]) -> None:
        """Change every lane, and tell what came of it."""
        before = [lane.admission.limit for lane in self._lanes]
        reasons = [change(lane.admission) for lane in self._lanes]
        for lane, old, reason in zip(self._lanes, before, reasons, strict=True):
            if reason:
                self._moved(lane.resource, Move(old, lane.admission.limit, reason))
            lane.wake()


def _pin(admission: Admission, number: int) -> str:
    admission.pin = number
    if admission.manual_cap is not None and admission.manual_cap < number:
        admission.manual_cap = None
    held = f", but no more than {admission.limit} may run" if admission.limit < number else ""
    return f"by hand: pinned at {number}{held}"


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


Policy = Callable[[Lane, str], Controller]
"""Makes the controller that a policy names, for a lane."""


class LiveSettings:
    """Changes the settings of a source. What the keys do to single lanes shows in them too."""

    def __init__(self, lanes: Sequence[Lane], *, context: SourceContext, hand: ManualControl, policy: Policy) -> None:
        self._lanes = lanes
        self._context = context
        self._hand = hand
        self._policy = policy

    def tuning(self) -> Tuning:
        """Say how the source is tuned now."""
        pins = {lane.admission.pin for lane in self._lanes}
        caps = {lane.admission.manual_cap for lane in self._lanes}
        return replace(
            self._context.settings.tuning,
            workers=pins.pop() if len(pins) == 1 else None,
            cap=caps.pop() if len(caps) == 1 else None,
        )

    def tune(self, wanted: Tuning) -> None:
        """Change what differs from now; the rest is left as it is.

        Raises:
            ConfigError: the policy or a rule is none; nothing has changed.
        """
        now = self.tuning()
        restraint = parse_restraint(wanted.rules)
        if wanted.policy != now.policy:
            self._follow(wanted.policy)
        if wanted.workers != now.workers:
            self._hand.unpin() if wanted.workers is None else self._hand.pin(wanted.workers)
        if wanted.cap != now.cap:
            self._hand.uncap() if wanted.cap is None else self._hand.cap_at(wanted.cap)
        for lane in self._lanes:
            lane.admission.restraint = restraint
            lane.admission.spacing = wanted.spacing
            lane.wake()
        self._context.settings.tuning = wanted

    def _follow(self, name: str) -> None:
        """Let each lane follow another policy, and tell what that makes of its limit."""
        policies = [self._policy(lane, name) for lane in self._lanes]
        for lane, policy in zip(self._lanes, policies, strict=True):
            old = lane.admission.limit
            self._hand_over(lane, policy)
            self._context.reporter.moved(lane.resource, Move(old, lane.admission.limit, f"by hand: policy {name}"))

    def _hand_over(self, lane: Lane, policy: Controller) -> None:
        old = held(lane.admission.controller)
        release(old)
        if isinstance(policy, HostShare):
            policy.freed = lane.wake
        lane.admission.controller = PolicySwitch(old, policy, since=self._context.now(), under_way=lane.in_flight)
