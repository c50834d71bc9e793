"""The adaptive controller: finds the knee, which is the concurrency beyond which further requests only wait in a queue.

The only signal is the queue: how much longer answers take than on an idle server. It decides once a round (see
`rounds`). It never learns the idle latency from a queue of its own: a higher latency becomes the baseline only if it
was measured at reduced concurrency, or stayed after the concurrency was cut. Latency limiters without this rule drift,
for example https://github.com/Netflix/concurrency-limits/issues/165.
"""

import math
from enum import StrEnum
from typing import Final

from engine.pacing.concurrency.controller import LoadSignal, Move, Sample
from engine.pacing.concurrency.knee_phases import SlowStart, Suspicion, Throughput
from engine.pacing.concurrency.rounds import FAILED, MEDIAN, Baseline, Finding, Round, find, size


class Phase(StrEnum):
    """What the controller is doing. The values are the words that the screen shows."""

    START = "doubling until requests queue"
    CRUISE = "holding the knee"
    VERDICT = "asking less to see whether the queue is ours"
    DRAIN = "asking a little less to measure the latency without a queue"


# docs/benchmarks.md and docs/decisions/0012-what-the-law-takes-for-proof.md have the measurements behind these numbers.
# `make yardstick` shows what a change of one of them does to each scenario.
FIRST: Final = 2.0
"""Limit of the first round."""
SMOOTH: Final = 0.2
"""Weight of the newest round in the moving averages of spread and variation."""
DEAD: Final = 0.05
"""Dead band: a queue of at most this share of the baseline counts as none."""
DOUBT: Final = 2.0
"""Dead band in standard errors: a queue of at most so many is noise."""
DRAIN_EVERY: Final = 8
"""Rounds from one measuring round (drain) to the next."""
DRAIN_SELDOM: Final = 48
"""Upper bound of that interval, which grows by half with each drain that confirms the baseline."""
DRAIN_TO: Final = 0.9
"""A drain runs at this share of the limit or of the knee, whichever is less."""
CUT: Final = 0.8
"""Each of the two cuts that test a sudden queue goes to this share of the number in flight."""
TRUST: Final = 8
"""Rounds without another test after one that showed the queue to be our own."""
SLACK: Final = 0.7
"""Factor of the standing queue allowed for varying latency. It is multiplied by the coefficient of variation and the
square root of the limit (square-root staffing, https://en.wikipedia.org/wiki/Square-root_staffing)."""
SPACING: Final = 1.0
"""Longest interval in seconds between two sends that is imposed to spread them over a round trip."""


class Knee:
    """A `Controller` that holds the number in flight just above the knee."""

    def __init__(self, cap: int, start: float = FIRST) -> None:
        self._cap = max(1, cap)
        self._limit = max(1.0, min(float(self._cap), start))
        self._phase = Phase.START
        self._start = SlowStart(self._cap)
        self._baseline = Baseline()
        self._throughput = Throughput()
        self._spread = self._variation = -1.0
        self._latency = self._base = 0.0
        self._knee = math.inf
        self._queued = self._free = self._fast = 0
        """Consecutive rounds with a queue, without one, and faster than the baseline."""
        self._trust = 0
        """Rounds left in which a sudden queue is taken for our own without a test."""
        self._failing = False
        """Whether errors have cut the limit. One burst of errors is one cut: a better round must come first."""
        self._drain_every, self._since_drain = DRAIN_EVERY, 0
        self._kept = self._limit
        """The limit to return to after a drain or a test."""
        self._suspicion = Suspicion()
        self._round = Round(first=0, limit=self.limit, size=size(self._limit, 0.0, starting=True))
        self._spacing = 0.0

    def __repr__(self) -> str:
        return f"<Knee {self._limit:.1f}, {self._phase.name.lower()}>"

    @property
    def limit(self) -> int:
        """The limit, rounded down."""
        return max(1, min(self._cap, int(self._limit)))

    @property
    def spacing(self) -> float:
        """Seconds between two sends: a round trip has room for 1.5 times the limit, 2 times while starting."""
        return self._spacing

    @property
    def base(self) -> float:
        """Mean idle latency of the last round's mix of routes, in seconds; 0 before the first round."""
        return self._base

    def describe(self) -> str:
        return self._phase.value

    def ask(self, now: float) -> None:
        """Ignored: `Round.limited` already tells whether the limit held requests back."""

    def sent(self, now: float, in_flight: int, route: str) -> int:
        return self._round.sent(now, in_flight, route)

    def observe(self, now: float, sample: Sample) -> Move | None:
        """Count an answer into its round. Decide at the end of the round, or earlier if too many requests fail."""
        this = self._round
        in_flight = this.left(sample.tag)
        if in_flight is None:  # sent in an earlier round, at another limit
            return None
        if sample.signal is LoadSignal.OVERLOADED:
            this.failed += 1
            if this.failing and not self._failing:
                return self._fail(this.failed / (this.failed + len(this.latencies)))
            return None
        # A timeout is a failure and never a latency sample: its latency is the client's setting, not the server's
        # (https://github.com/Netflix/concurrency-limits/issues/137).
        if sample.signal is LoadSignal.NEUTRAL or sample.lagged or not 0.0 < sample.latency < math.inf:
            return None
        if this.answered(sample.route, sample.latency, in_flight):
            return self._decide(find(this, self._baseline, now))
        return None

    def resume(self, limit: float) -> Move | None:
        """Restart at this limit, half of the earlier one. Doubling stops at twice the limit, the earlier one."""
        self._start.again(2 * limit)
        self._suspicion.forget()
        return self._set(limit, Phase.START, "starts again from half of what it was")

    def try_out(self, limit: float, why: str) -> Move:
        """Go to a limit that the user asked for. The next rounds judge it and may take it back."""
        old = self.limit
        self._suspicion.forget()
        rising = self._phase is Phase.START and limit >= self._limit
        return self._set(limit, Phase.START if rising else Phase.CRUISE, why) or Move(old, old, why)

    def _decide(self, found: Finding) -> Move | None:
        # The failure cut is armed again by a round with less than half the errors that count as too many.
        self._failing = self._failing and self._round.failed >= FAILED * found.count / (1 - FAILED) / 2
        self._teach_baseline(found)
        self._smooth(found)
        error = self._error(found)
        dead = max(DEAD * found.base, DOUBT * error)
        self._throughput.note(found, restart=self._phase is Phase.START)
        # Little's law (https://en.wikipedia.org/wiki/Little%27s_law): of n requests in flight, the share queue/latency
        # waits and the rest is being worked on. One standard error of the queue is given the benefit of the doubt.
        self._knee = max(1.0, found.in_flight * (1 - max(0.0, found.queue - error) / found.latency))
        match self._phase:
            case Phase.START:
                return self._double(found, dead)
            case Phase.VERDICT:
                return self._judge_queue(found)
            case Phase.DRAIN:
                return self._end_drain(found, dead)
            case _:
                return self._cruise(found, dead, error)

    def _double(self, found: Finding, dead: float) -> Move | None:
        step = self._start.decide(found, self._limit, dead=dead, enough=self._knee + self._slack())
        if not found.limited and found.queue <= dead:
            self._baseline.move(found.residuals, most=0.5)
        reason = step.reason or f"requests queue {_ms(found.queue)}: the knee is near {self._knee:.0f}"
        return self._set(step.limit, Phase.CRUISE if step.over else Phase.START, reason)

    def _cruise(self, found: Finding, dead: float, error: float) -> Move | None:
        self._trust = max(0, self._trust - 1)
        if found.queue < -dead:
            # One fast round may be chance; two in a row mean that the baseline is too high.
            self._fast += 1
            if self._fast >= 2:
                self._baseline.move(found.residuals, most=0.5)
        else:
            self._fast = 0
        if found.queue > dead:
            return self._reduce(found, error)
        self._queued = 0
        if not found.limited:
            # Something else held requests back, for example a budget, so none of them queued at the server. The round
            # measures the idle latency as well as a drain, at no cost.
            self._baseline.move(found.residuals, most=0.5)
            self._free = self._since_drain = 0
            return self._set(self._limit, Phase.CRUISE, "")
        self._free += 1
        # Growth starts at the slack and doubles from the third round without a queue on, by half of the limit at most.
        growth = min(0.5 * self._limit, self._slack() * 2.0 ** min(20, max(0, self._free - 2)))
        return self._set(self._limit + growth, self._next(), f"no queue at {found.in_flight:.0f}: a few more")

    def _reduce(self, found: Finding, error: float) -> Move | None:
        self._free = 0
        self._queued += 1
        if found.queue > max(0.5 * found.base, 3 * error) and self._throughput.fell and not self._trust:
            return self._suspect_queue(found)
        # One round may be off, so the first cut is to 0.7 of the limit at the lowest; the second in a row to 0.5.
        to = max(self._knee + self._slack(), (0.7 if self._queued < 2 else 0.5) * self._limit)
        to = min(to, self._limit + self._slack() if found.limited else self._limit)
        return self._set(to, self._next(), f"requests queue {_ms(found.queue)}: the knee is near {self._knee:.0f}")

    def _suspect_queue(self, found: Finding) -> Move | None:
        """Test a sudden queue: cut the limit, and see whether the latency follows."""
        if found.in_flight < 1.5:  # a single request cannot queue behind our own, so the server became slower
            self._rebase(found)
            return self._set(self._limit, Phase.CRUISE, "")
        self._suspicion.begin(found)
        self._kept = self._limit
        return self._set(CUT * found.in_flight, Phase.VERDICT, f"latency rose by {_ms(found.queue)}: is it our queue?")

    def _judge_queue(self, found: Finding) -> Move | None:
        ours = self._suspicion.weigh(found)
        if ours is None:
            return self._set(CUT * found.in_flight, Phase.VERDICT, "latency is up: a second cut")
        if ours:
            self._trust = TRUST
            to = min(self._knee + self._slack(), self._kept)
            return self._set(to, Phase.CRUISE, f"the queue followed the cut: the knee is near {self._knee:.0f}")
        self._rebase(found)
        move = self._set(self._kept, Phase.CRUISE, f"the server takes {_ms(found.queue)} longer, whatever we ask of it")
        # The knee has moved by an unknown amount, so growth starts one step further than usual.
        self._free = 1
        return move

    def _end_drain(self, found: Finding, dead: float) -> Move | None:
        # Requests of the round before may still have been in flight. The round counts only if the load really fell.
        empty = found.in_flight <= 1.1 * self._limit + 1
        if empty:
            self._baseline.move(found.residuals, most=0.5)
        confirmed = abs(found.queue) <= dead
        self._drain_every = min(DRAIN_SELDOM, int(1.5 * self._drain_every)) if confirmed else DRAIN_EVERY
        return self._set(self._kept, Phase.CRUISE, "the measuring round is over")

    def _next(self) -> Phase:
        """Return the phase of the next round: a drain when one is due."""
        self._since_drain += 1
        return Phase.DRAIN if self._since_drain >= self._drain_every else Phase.CRUISE

    def _rebase(self, found: Finding) -> None:
        """Take the latency of this round for the baseline: the server became slower."""
        self._baseline.shift(found.residuals, found.queue)
        self._queued = 0

    def _fail(self, share: float) -> Move | None:
        phase = self._phase if self._phase is Phase.START else Phase.CRUISE
        # During a drain or a test the limit is already reduced. The cut applies to the limit before it.
        to = 0.7 * (self._kept if self._phase in {Phase.DRAIN, Phase.VERDICT} else self._limit)
        self._suspicion.forget()
        self._failing = True
        self._start.threshold = min(self._start.threshold, self._limit)
        return self._set(to, phase, f"{share:.0%} of a round failed")

    def _teach_baseline(self, found: Finding) -> None:
        """Teach the baseline new routes, less the queue that the known routes saw in this round."""
        # Up to 8 in flight in the start hardly any server queues; subtracting noise would make the baseline too low.
        quiet = not found.limited or (self._phase is Phase.START and self._limit <= 8)
        for route, latencies in found.latencies.items():
            self._baseline.meet(route, latencies, 0.0 if quiet else max(0.0, found.queue), extend=quiet)

    def _smooth(self, found: Finding) -> None:
        gain = SMOOTH if self._spread >= 0 else 1.0
        self._spread += gain * (found.spread - self._spread)
        self._variation += gain * (found.variation - self._variation)
        self._latency, self._base = found.latency, found.base

    def _error(self, found: Finding) -> float:
        """Return the standard error of the queue, from the samples of the round and those of the baseline."""
        return MEDIAN * self._spread * math.sqrt(1 / found.count + 1 / found.support)

    def _slack(self) -> float:
        """Return the length of the standing queue that is accepted, so that the server never runs dry."""
        return 0.5 + 0.05 * self._limit + SLACK * max(0.0, self._variation) * math.sqrt(self._limit)

    def _set(self, limit: float, phase: Phase, reason: str) -> Move | None:
        """Set limit and phase, and begin a new round. Answers to requests sent before this one no longer count."""
        old = self.limit
        self._limit = max(1.0, min(float(self._cap), limit))
        if phase is Phase.DRAIN:
            self._kept, self._since_drain = self._limit, 0
            self._limit = max(1.0, DRAIN_TO * min(self._limit, self._knee))
            reason = "asking less for a round to measure the latency without a queue"
        if phase is not self._phase:
            self._queued = self._free = self._fast = 0
        self._phase = phase
        self._round = self._begin()
        return Move(old, self.limit, reason) if self.limit != old else None

    def _begin(self) -> Round:
        starting = self._phase is Phase.START
        relative = max(0.0, self._spread) / self._base if self._base > 0 else 0.0
        self._spacing = min(SPACING, self._latency / ((2.0 if starting else 1.5) * self._limit))
        many = size(self._limit, relative, starting=starting)
        return Round(first=self._round.first + self._round.sends, limit=self.limit, size=many)


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"
