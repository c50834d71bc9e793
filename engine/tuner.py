"""What a person may change of a source while it runs: told to its lanes, and written to the decision log."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.controller import Controller
from engine.group_settings import GroupSettings
from engine.handover import Handover
from engine.host import Seat
from engine.lane import Lane
from engine.policies import parse_restraint
from engine.snapshot import Tuning

Policy = Callable[[Lane, str], Controller]
"""Makes the controller that a policy names, for a lane."""
Moved = Callable[[str, int, int, str], None]
"""Hears of a lane whose limit a change moved: its resource, old, new and why."""


class Tuner:
    """Holds the wishes for a source. What the keys do to single lanes shows in them too."""

    def __init__(
        self,
        *,
        lanes: Sequence[Lane],
        start: Tuning,
        settings: GroupSettings,
        retries: int,
        policy: Policy,
        moved: Moved,
        now: Callable[[], float],
    ) -> None:
        self._lanes = lanes
        self._wanted = start
        self._settings = settings
        self._retries = retries
        """How often the source itself would send a request again."""
        self._policy = policy
        self._moved = moved
        self._now = now

    @property
    def limit(self) -> int | None:
        """Requests after which the source stops."""
        return self._wanted.limit

    def tuning(self) -> Tuning:
        """Say how the source is tuned now."""
        pins = {lane.admission.pin for lane in self._lanes}
        ceilings = {lane.admission.ceiling for lane in self._lanes}
        return replace(
            self._wanted,
            workers=pins.pop() if len(pins) == 1 else None,
            cap=ceilings.pop() if len(ceilings) == 1 else None,
        )

    def tune(self, wanted: Tuning) -> None:
        """Change what differs from now; the rest is left as it is.

        Raises:
            ConfigError: the policy or a rule is none; nothing has changed.
        """
        now = self.tuning()
        restraint = parse_restraint(wanted.rules)
        policies = [self._policy(lane, wanted.policy) for lane in self._lanes] if wanted.policy != now.policy else []
        before = [lane.admission.limit for lane in self._lanes]
        for lane, policy in zip(self._lanes, policies, strict=False):
            self._hand_over(lane, policy)
        for lane in self._lanes:
            admission = lane.admission
            admission.restraint = restraint
            admission.spacing = wanted.spacing
            if wanted.workers != now.workers:
                admission.pin = wanted.workers
            if wanted.cap != now.cap:
                admission.ceiling = wanted.cap
        self._settings.retries = self._retries if wanted.retries is None else wanted.retries
        self._wanted = wanted
        self._tell(before, f"by hand: {_words(now, wanted)}")
        for lane in self._lanes:
            lane.nudge()

    def _hand_over(self, lane: Lane, policy: Controller) -> None:
        old = lane.admission.controller
        if isinstance(old, Handover):
            old = old.new
        if isinstance(old, Seat):
            old.leave()
        if isinstance(policy, Seat):
            policy.freed = lane.nudge
        lane.admission.controller = Handover(old, policy, since=self._now(), under_way=lane.in_flight)

    def _tell(self, before: Sequence[int], why: str) -> None:
        for lane, old in zip(self._lanes, before, strict=True):
            if lane.admission.limit != old:
                self._moved(lane.resource, old, lane.admission.limit, why)


def _words(old: Tuning, new: Tuning) -> str:
    """Say what changed: "cap 12, policy fixed 4"."""
    names = [name for name in Tuning.__dataclass_fields__ if getattr(old, name) != getattr(new, name)]
    return ", ".join(f"{name} {_value(getattr(new, name))}" for name in names)


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(value) or "none"
    return "automatic" if value is None else str(value)
