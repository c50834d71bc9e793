"""Which requests get a fault, by the rules. The same seed and the same requests give the same faults."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simulator.common.settings import FaultRule


@dataclass(slots=True)
class _Armed:
    """A rule and what it has counted."""

    rule: FaultRule
    chance: random.Random
    seen: int = 0
    fired: int = 0

    def fires(self) -> bool:
        self.seen += 1
        rule = self.rule
        lucky = rule.rate > 0 and self.chance.random() < rule.rate
        if self.fired < rule.next or lucky or (rule.every and self.seen % rule.every == 0):
            self.fired += 1
            return True
        return False


class FaultPlan:
    """The fault rules of one API. The first rule that fires applies."""

    def __init__(self, rules: Sequence[FaultRule], *, seed: int) -> None:
        self._seed = seed
        self._armed: list[_Armed] = []
        self.add(rules)

    @property
    def rules(self) -> tuple[FaultRule, ...]:
        """The rules in force."""
        return tuple(armed.rule for armed in self._armed)

    def add(self, rules: Iterable[FaultRule]) -> None:
        """Add rules behind the others."""
        for rule in rules:
            chance = random.Random(self._seed * 1000 + len(self._armed))
            self._armed.append(_Armed(rule, chance))

    def replace(self, rules: Iterable[FaultRule]) -> None:
        """Replace all rules."""
        self._armed.clear()
        self.add(rules)

    def choose(self, route: str) -> FaultRule | None:
        """Return the fault of a request, if any."""
        for armed in self._armed:
            if armed.rule.route in route and armed.fires():
                return armed.rule
        return None
