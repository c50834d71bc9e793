"""The knee tracker: finds how many requests a server works on at once before they only queue.

It reads one thing, how much longer answers take than they would on an idle server, and moves round by round. A level of
latency becomes the new baseline only if it was seen with fewer requests in flight or survived a cut: that is what
keeps the baseline from drifting into a queue of our own making.
"""

import math
from enum import StrEnum
from typing import Final

from engine.pacing.concurrency.controller import LoadSignal, Move, Sample
from engine.pacing.concurrency.knee_phases import Start, Suspicion, Throughput
from engine.pacing.concurrency.rounds import FAILED, MEDIAN, Baseline, Finding, Round, find, size

# What the knee tracker is doing, in the words the screen shows.


class Phase(StrEnum):
    """What the tracker is doing."""

    START = "doubling until requests queue"
    CRUISE = "holding the knee"
    VERDICT = "asking less to see whether the queue is ours"
    DRAIN = "asking a little less to measure the latency without a queue"


FIRST: Final = 2.0
SMOOTH: Final = 0.2
DEAD: Final = 0.05
"""A queue of this share of the baseline is none."""
DOUBT: Final = 2.0
"""A queue within so many standard errors is none."""
DRAIN_EVERY: Final = 8
DRAIN_SELDOM: Final = 48
DRAIN_TO: Final = 0.9
CUT: Final = 0.8
TRUST: Final = 8
SLACK: Final = 0.7
"""Times the variation of the latency and the root of the limit: square-root staffing."""
SPACING: Final = 1.0
"""Never leave more seconds than this between two sends for the sake of smoothness."""


class Knee:
    """A `Controller` that holds the number in flight just above the knee."""

    def __init__(self, cap: int, start: float = FIRST) -> None:
        self._cap = max(1, cap)
        self._limit = max(1.0, min(float(self._cap), start))
        self._phase = Phase.START
        self._start = Start(self._cap)
        self._baseline = Baseline()
        self._throughput = Throughput()
        self._spread = self._variation = -1.0
        self._latency = self._base = 0.0
        self._knee = math.inf
        self._queued = self._free = self._fast = 0
        """Rounds in a row with a queue, without one, and faster than the baseline."""
        self._trust = 0
        self._failing = False
        """A round with too many errors was answered with a cut; until one is better, none is answered again."""
        self._drain_every, self._since_drain = DRAIN_EVERY, 0
        self._kept = self._limit
        self._suspicion = Suspicion()
        self._round = Round(first=0, limit=self.limit, size=size(self._limit, 0.0, starting=True))
        self._spacing = 0.0

    def __repr__(self) -> str:
        return f"<Knee {self._limit:.1f}, {self._phase.name.lower()}>"

    @property
    def limit(self) -> int:
        """How many may be in flight."""
        return max(1, min(self._cap, int(self._limit)))

    @property
    def spacing(self) -> float:
        """Seconds between two sends."""
        return self._spacing

    @property
    def base(self) -> float:
        """Mean latency without a queue of the last mix of routes, in seconds; 0 before the first round."""
        return self._base

    def words(self) -> str:
        """Say what it is doing."""
        return self._phase.value

    def ask(self, now: float) -> None:
        """Note nothing: whether more is wanted shows in how full a round is."""

    def sent(self, now: float, in_flight: int, route: str) -> int:
        """Count a request into the running round."""
        return self._round.sent(now, in_flight, route)

    def observe(self, now: float, sample: Sample) -> Move | None:
        """Count an answer into its round; at the round's end, decide."""
        this = self._round
        in_flight = this.left(sample.tag)
        if in_flight is None:
            return None
        if sample.outcome is LoadSignal.OVERLOADED:
            this.failed += 1
            if this.failing and not self._failing:
                return self._fail(this.failed / (this.failed + len(this.latencies)))
            return None
        if sample.outcome is LoadSignal.NEUTRAL or sample.lagged or not 0.0 < sample.latency < math.inf:
            return None
        if this.answered(sample.route, sample.latency, in_flight):
            return self._decide(find(this, self._baseline, now))
        return None

    def resume(self, limit: float) -> Move | None:
        """Start again from this limit, doubling up to twice as many and no further."""
        self._start.again(2 * limit)
        self._suspicion.forget()
        return self._go(limit, Phase.START, "starts again from half of what it was")

    def try_out(self, limit: float, why: str) -> Move:
        """Go to a limit the person wants; the rounds that follow judge it, and may take it back."""
        old = self.limit
        self._suspicion.forget()
        rising = self._phase is Phase.START and limit >= self._limit
        return self._go(limit, Phase.START if rising else Phase.CRUISE, why) or Move(old, old, why)

    def _decide(self, found: Finding) -> Move | None:
        self._failing = self._failing and self._round.failed >= FAILED * found.count / (1 - FAILED) / 2
        self._meet(found)
        self._smooth(found)
        found_error = self._error(found)
        dead = max(DEAD * found.base, DOUBT * found_error)
        self._throughput.note(found, restart=self._phase is Phase.START)
        self._knee = max(1.0, found.in_flight * (1 - max(0.0, found.queue - found_error) / found.latency))
        match self._phase:
            case Phase.START:
                return self._double(found, dead)
            case Phase.VERDICT:
                return self._weigh(found)
            case Phase.DRAIN:
                return self._drained(found, dead)
            case _:
                return self._cruise(found, dead, found_error)

    def _double(self, found: Finding, dead: float) -> Move | None:
        step = self._start.decide(found, self._limit, dead=dead, enough=self._knee + self._slack())
        if not found.limited and found.queue <= dead:
            self._baseline.move(found.residuals, most=0.5)
        reason = step.reason or f"requests queue {_ms(found.queue)}: the knee is near {self._knee:.0f}"
        return self._go(step.limit, Phase.CRUISE if step.over else Phase.START, reason)

    def _cruise(self, found: Finding, dead: float, error: float) -> Move | None:
        self._trust = max(0, self._trust - 1)
        if found.queue < -dead:
            self._fast += 1
            if self._fast >= 2:
                self._baseline.move(found.residuals, most=0.5)
        else:
            self._fast = 0
        if found.queue > dead:
            return self._crowded(found, error)
        self._queued = 0
        if not found.limited:
            # Nothing of ours can queue when something else holds us back: as good as a drain, and free.
            self._baseline.move(found.residuals, most=0.5)
            self._free = self._since_drain = 0
            return self._go(self._limit, Phase.CRUISE, "")
        self._free += 1
        growth = min(0.5 * self._limit, self._slack() * 2.0 ** min(20, max(0, self._free - 2)))
        return self._go(self._limit + growth, self._next(), f"no queue at {found.in_flight:.0f}: a few more")

    def _crowded(self, found: Finding, error: float) -> Move | None:
        self._free = 0
        self._queued += 1
        if found.queue > max(0.5 * found.base, 3 * error) and self._throughput.fell and not self._trust:
            return self._suspect_queue(found)
        to = max(self._knee + self._slack(), (0.7 if self._queued < 2 else 0.5) * self._limit)
        to = min(to, self._limit + self._slack() if found.limited else self._limit)
        return self._go(to, self._next(), f"requests queue {_ms(found.queue)}: the knee is near {self._knee:.0f}")

    def _suspect_queue(self, found: Finding) -> Move | None:
        if found.in_flight < 1.5:
            self._accept(found)
            return self._go(self._limit, Phase.CRUISE, "")
        self._suspicion.begin(found)
        self._kept = self._limit
        return self._go(CUT * found.in_flight, Phase.VERDICT, f"latency rose by {_ms(found.queue)}: is it our queue?")

    def _weigh(self, found: Finding) -> Move | None:
        ours = self._suspicion.weigh(found)
        if ours is None:
            return self._go(CUT * found.in_flight, Phase.VERDICT, "latency is up: a second cut")
        if ours:
            self._trust = TRUST
            to = min(self._knee + self._slack(), self._kept)
            return self._go(to, Phase.CRUISE, f"the queue followed the cut: the knee is near {self._knee:.0f}")
        self._accept(found)
        move = self._go(self._kept, Phase.CRUISE, f"the server takes {_ms(found.queue)} longer, whatever we ask of it")
        # What was known of the knee holds no longer: look for it in larger steps.
        self._free = 1
        return move

    def _drained(self, found: Finding, dead: float) -> Move | None:
        empty = found.in_flight <= 1.1 * self._limit + 1
        if empty:
            self._baseline.move(found.residuals, most=0.5)
        confirmed = abs(found.queue) <= dead
        self._drain_every = min(DRAIN_SELDOM, int(1.5 * self._drain_every)) if confirmed else DRAIN_EVERY
        return self._go(self._kept, Phase.CRUISE, "the measuring round is over")

    def _next(self) -> Phase:
        """Say whether the next round measures the baseline."""
        self._since_drain += 1
        return Phase.DRAIN if self._since_drain >= self._drain_every else Phase.CRUISE

    def _accept(self, found: Finding) -> None:
        self._baseline.shift(found.residuals, found.queue)
        self._queued = 0

    def _fail(self, share: float) -> Move | None:
        phase = self._phase if self._phase is Phase.START else Phase.CRUISE
        to = 0.7 * (self._kept if self._phase in {Phase.DRAIN, Phase.VERDICT} else self._limit)
        self._suspicion.forget()
        self._failing = True
        self._start.threshold = min(self._start.threshold, self._limit)
        return self._go(to, phase, f"{share:.0%} of a round failed")

    def _meet(self, found: Finding) -> None:
        quiet = not found.limited or (self._phase is Phase.START and self._limit <= 8)
        for route, latencies in found.latencies.items():
            self._baseline.meet(route, latencies, 0.0 if quiet else max(0.0, found.queue), extend=quiet)

    def _smooth(self, found: Finding) -> None:
        gain = SMOOTH if self._spread >= 0 else 1.0
        self._spread += gain * (found.spread - self._spread)
        self._variation += gain * (found.variation - self._variation)
        self._latency, self._base = found.latency, found.base

    def _error(self, found: Finding) -> float:
        """Return the standard error of the queue: that of the round and that of the baseline."""
        return MEDIAN * self._spread * math.sqrt(1 / found.count + 1 / found.support)

    def _slack(self) -> float:
        """Return how many may stand in the queue on purpose, so that the server never runs dry."""
        return 0.5 + 0.05 * self._limit + SLACK * max(0.0, self._variation) * math.sqrt(self._limit)

    def _go(self, limit: float, phase: Phase, reason: str) -> Move | None:
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
