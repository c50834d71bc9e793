"""A sudden queue is put to the test: asked less, does it shorten as a queue of ours would? Pure."""

from typing import Final

from engine.pacing.concurrency.rounds import Finding

CUTS: Final = 2


class Suspicion:
    """Compares the queue after two cuts with what it would be if it were ours."""

    def __init__(self) -> None:
        self._before: Finding | None = None
        self._cuts = 0

    def begin(self, found: Finding) -> None:
        """Suspect the queue of a round; the first cut follows."""
        self._before, self._cuts = found, 1

    def forget(self) -> None:
        """Suspect nothing."""
        self._before, self._cuts = None, 0

    def weigh(self, found: Finding) -> bool | None:
        """Say whether the queue is ours; None while another cut must show it."""
        before = self._before
        assert before is not None, "a verdict follows a suspicion"
        if self._cuts < CUTS:
            self._cuts += 1
            if found.queue > before.queue:
                # The first look was taken while the queue still built up.
                self._before = found
            return None
        self.forget()
        share = found.in_flight / max(before.in_flight, 1e-9)
        ours = (before.base + before.queue) * share - before.base
        return share > 0.95 or found.queue <= (before.queue + ours) / 2
