"""What a person may change of a source while it runs: told to its lanes, and written to the decision log."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.hand import Hand
from engine.handover import Handover
from engine.harvest.context import Kit
from engine.harvest.lane import Lane
from engine.model.snapshot import Tuning
from engine.model.source import retries_of
from engine.pacing.concurrency.controller import Controller, Move
from engine.pacing.concurrency.policies import parse_restraint
from engine.pacing.concurrency.shared_host import Seat, held, leave

Policy = Callable[[Lane, str], Controller]
"""Makes the controller that a policy names, for a lane."""


class Tuner:
    """Holds the wishes for a source. What the keys do to single lanes shows in them too."""

    def __init__(self, lanes: Sequence[Lane], *, kit: Kit, hand: Hand, start: Tuning, policy: Policy) -> None:
        self._lanes = lanes
        self._kit = kit
        self._hand = hand
        self._wanted = start
        self._policy = policy

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
        if wanted.policy != now.policy:
            self._follow(wanted.policy)
        if wanted.workers != now.workers:
            self._hand.unpin() if wanted.workers is None else self._hand.pin(wanted.workers)
        if wanted.cap != now.cap:
            self._hand.uncap() if wanted.cap is None else self._hand.cap_at(wanted.cap)
        for lane in self._lanes:
            lane.admission.restraint = restraint
            lane.admission.spacing = wanted.spacing
            lane.nudge()
        own = retries_of(self._kit.source)
        self._kit.settings.retries = own if wanted.retries is None else wanted.retries
        self._wanted = wanted

    def _follow(self, name: str) -> None:
        """Let each lane follow another policy, and tell what that makes of its limit."""
        policies = [self._policy(lane, name) for lane in self._lanes]
        for lane, policy in zip(self._lanes, policies, strict=True):
            old = lane.admission.limit
            self._hand_over(lane, policy)
            self._kit.reporter.moved(lane.resource, Move(old, lane.admission.limit, f"by hand: policy {name}"))

    def _hand_over(self, lane: Lane, policy: Controller) -> None:
        old = held(lane.admission.controller)
        leave(old)
        if isinstance(policy, Seat):
            policy.freed = lane.nudge
        lane.admission.controller = Handover(old, policy, since=self._kit.now(), under_way=lane.in_flight)
