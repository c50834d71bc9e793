"""A worker group: one source's harvest, from its first request to its last outcome on disk."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from engine import parking, standing
from engine import snapshot as views
from engine.admission import Admission
from engine.admit import DRAINING, PAUSED, Wait
from engine.errors import BadBody, LaneError, SourceError, TransportError
from engine.eta import estimate
from engine.frontier import Claimed
from engine.hand import Hand
from engine.host import Seat
from engine.kit import Kit
from engine.lane import Flight, Lane
from engine.learned import Learned
from engine.naming import domain, in_words
from engine.part import Filling
from engine.settle import Settled, Settler
from engine.snapshot import Bound, State
from engine.source import Response
from engine.standing import Ending
from engine.text import clean
from engine.transport import Transport
from engine.tuner import Policy, Tuner


class WorkerGroup:
    """Runs one source over its lanes."""

    def __init__(
        self,
        *,
        kit: Kit,
        transport: Transport,
        admissions: Sequence[Admission],
        wishes: views.Tuning,
        policy: Policy,
        note: str = "",
    ) -> None:
        self.name = kit.source.name
        self.meter = kit.meter
        self.settings = kit.settings
        self._kit = kit
        self._transport = transport
        self._note = note
        self._paused = False
        self._ending: Ending | None = None
        self._ended = False
        counts = kit.store.run.counts
        self._open, self._done = counts.queued + counts.claimed, counts.done
        self._flights: asyncio.TaskGroup | None = None
        self.under_way = asyncio.Event()
        """Set once the run takes more to do, or is over."""
        host = kit.source.base_url
        self.lanes = [
            Lane(
                admission=admission,
                store=kit.store,
                host=host,
                start=self._depart,
                drop=self._drop,
                held=self._held,
                words=in_words,
            )
            for admission in admissions
        ]
        self.hand = Hand(self.lanes, moved=kit.reporter.moved)
        self._settler = Settler(kit)
        self._tuner = Tuner(self.lanes, kit=kit, hand=self.hand, start=wishes, policy=policy)
        self._share_freed_places()

    async def run(self) -> None:
        """Harvest until nothing is left, a limit is reached, or somebody says stop.

        Raises:
            UsageError: the source's options name nothing to fetch.
            StoreFailed: the database stopped taking writes.
        """
        self._kit.reporter.started(self._kit.store.run, self._open, self._note)
        filling = self._kit.filling
        seeds = filling.requests if filling else list(self._kit.source.seed(self._kit.memory))
        self._open += await self._kit.store.seed(seeds)
        if self._open == 0:
            self._end(State.DONE, "nothing new")
        async with asyncio.TaskGroup() as self._flights:
            self.under_way.set()
            for lane in self.lanes:
                self._flights.create_task(lane.run())
        ending = self._ending or Ending(state=State.DONE, reason="")
        self._ended = True
        await self._kit.store.end(ending.state, ending.reason)
        self._kit.reporter.ended(ending)

    def close(self) -> None:
        """Let go of the database."""
        self._kit.store.close()

    def stop(self, reason: str, *, state: State = State.STOPPED) -> None:
        """Finish what is in flight, then end."""
        if self._ending is None:
            self._end(state, reason)

    def pause(self) -> None:
        """Start nothing more."""
        self._set_paused(True)

    def resume(self) -> None:
        """Go on."""
        self._set_paused(False)

    def tick(self) -> None:
        """Pass on what only time brings: the hour of the day, for rules that name one."""
        hour = datetime.fromtimestamp(self._kit.wall()).hour  # noqa: DTZ006 - the person's own wall clock is meant
        for lane in self.lanes:
            lane.admission.hour = hour
        self._roll()

    def tune(self, wanted: views.Tuning) -> None:
        """Change what differs from how the source is tuned now.

        Raises:
            ConfigError: the policy or a rule is none; nothing has changed.
        """
        self._tuner.tune(wanted)
        self._end_at_limit()

    def retry(self, failure: str | None = None, id: int | None = None) -> None:
        """Queue again what failed for good: all, one kind of error, or one request. A run that ends keeps it so."""
        if self._ending is None and self._flights is not None:
            self._open += 1  # the run must not end while the disk is asked
            self._flights.create_task(self._retry(failure, id))

    @property
    def running(self) -> bool:
        """Whether it takes more to do."""
        return self._ending is None and self._flights is not None

    async def set_aside(self, failure: str | None, id: int | None) -> None:
        """Put what failed for good into quarantine: all, one kind of error, or one request."""
        found = await self._kit.store.set_aside(failure, id)
        many = sum(found.values())
        self._kit.failures.uncount(found)
        self.meter.failed = max(0, self.meter.failed - many)
        self._kit.reporter.set_aside(many)

    async def let_out(self, id: int | None) -> None:
        """Release what is in quarantine, one request or all; a run that goes on takes it up."""
        running = self.running
        self._open += running  # as in `retry`
        many = await self._kit.store.let_out(id, queue=running)
        self._kit.reporter.set_aside(many, released=True)
        if running:
            self._take_up(many, {})

    @property
    def ended(self) -> bool:
        """Whether the run is over, and its end is on disk."""
        return self._ended

    def fill(self, filling: Filling) -> None:
        """Queue what fills some parts of the coverage map."""
        if self.running:
            assert self._flights is not None, "see above"
            self._open += 1  # as in `retry`
            self._flights.create_task(self._fill(filling))

    def break_off(self, state: State, reason: str) -> None:
        """Take note that the run was cut short; what it had claimed is recovered by the next one."""
        self._ending, self._ended = Ending(state=state, reason=reason), True
        self.under_way.set()

    def quotas(self) -> Sequence[tuple[str, Sequence[views.Quota]]]:
        """Say what is known of each limit domain's budgets."""
        return [
            (domain(self._kit.source, lane.resource), lane.admission.quotas(self._kit.now())) for lane in self.lanes
        ]

    def learned(self, wall: float) -> Sequence[tuple[str, Learned]]:
        """Say what was found out about each limit domain, for the next process."""
        now = self._kit.now()
        return [(domain(self._kit.source, lane.resource), lane.admission.learned(wall, now=now)) for lane in self.lanes]

    def snapshot(self, decisions: tuple[views.Decision, ...] = ()) -> views.Group:
        """Say the state of the source."""
        now, meter = self._kit.now(), self.meter
        lanes = tuple(self._view(lane, now) for lane in self.lanes)
        self._roll()
        state, reason = standing.of_group(
            lanes,
            landing=sum(lane.landing for lane in self.lanes),
            paused=self._paused,
            ending=self._ending,
            ended=self._ended,
        )
        rate, avoided = meter.rate(now), meter.avoided()
        eta = None if self._ended else estimate(self._open, meter.seconds(), lanes)
        return views.Group(
            name=self.name,
            state=state,
            reason=reason,
            lanes=lanes,
            seconds=meter.seconds(),
            rate=rate,
            p50=meter.percentile(0.5),
            p95=meter.percentile(0.95),
            done=self._done,
            queued=self._open,
            retrying=self._settler.retrying,
            rows=meter.rows,
            bytes=meter.bytes,
            retries=meter.retries,
            throttled=meter.throttled,
            failed=meter.failed,
            avoided=sum(each.requests for each in avoided),
            avoided_by=avoided,
            eta=eta.seconds if eta else None,
            eta_resets=eta.resets if eta else 0,
            hour=meter.hour(),
            decisions=decisions,
            tuning=self._tuner.tuning(),
            most_retries=self.settings.retries,
        )

    def _view(self, lane: Lane, now: float) -> views.Lane:
        return parking.view(lane.snapshot(now), lane.admission.gate, name=self.name, now=now, wall=self._kit.wall())

    def _set_paused(self, paused: bool) -> None:
        if paused is self._paused or self._ending is not None:
            return
        self._paused = paused
        self._kit.reporter.changed(State.PAUSED if paused else State.RUNNING)
        for lane in self.lanes:
            lane.nudge()

    def _held(self, _: Lane) -> Wait | None:
        """Say what keeps every lane of the group from starting anything."""
        if self._ending is not None:
            return DRAINING
        if self._paused:
            return PAUSED
        under_way = sum(lane.in_flight + lane.landing for lane in self.lanes)
        limit = self._tuner.limit
        if limit is not None and self.meter.requests + under_way >= limit:
            return Wait(Bound.WORK, f"the limit of {limit:,} requests")
        return None

    def _end_at_limit(self) -> None:
        limit = self._tuner.limit
        if limit is not None and self.meter.requests >= limit:
            self.stop(f"the limit of {limit:,} requests is reached")

    def _roll(self) -> None:
        now, lanes = self._kit.now(), self.lanes
        left = min((share for lane in lanes if (share := lane.admission.known_left(now)) is not None), default=None)
        self.meter.roll(now, sum(lane.admission.limit for lane in lanes), sum(lane.in_flight for lane in lanes), left)

    def _share_freed_places(self) -> None:
        """Let a lane that shares its host with others look again when one of them frees a place."""
        for lane in self.lanes:
            if isinstance(lane.admission.controller, Seat):
                lane.admission.controller.freed = lane.nudge

    def _depart(self, lane: Lane, flight: Flight) -> None:
        assert self._flights is not None, "lanes run inside the task group"
        self._flights.create_task(self._fly(lane, flight))

    async def _retry(self, failure: str | None, id: int | None) -> None:
        queued = await self._kit.store.retry(failure, id)
        many = sum(queued.values())
        self._kit.reporter.queued(many)
        self._take_up(many, queued)

    async def _fill(self, filling: Filling) -> None:
        many, failed = await self._kit.store.fill(filling)
        self._kit.reporter.filled(len(filling.parts), many)
        self._take_up(many, failed)

    def _take_up(self, many: int, failed: Mapping[str, int]) -> None:
        """Go on with requests that came by hand, some of which had failed; the one that stood for them is over."""
        self._kit.failures.uncount(failed)
        self.meter.failed = max(0, self.meter.failed - sum(failed.values()))
        self._open += many - 1
        for lane in self.lanes:
            lane.feed()
        if self._open == 0:
            self._end(State.DONE, "")

    async def _fly(self, lane: Lane, flight: Flight) -> None:
        try:
            result = await self._send(flight)
        except BaseException:
            lane.admission.gone(flight.ticket)
            raise
        finally:
            lane.landing += 1
            lane.land(flight)
        try:
            await self._settle(lane, flight, result)
        finally:
            lane.landing -= 1
            lane.nudge()

    async def _send(self, flight: Flight) -> Response | TransportError | BadBody:
        try:
            return await self._transport.send(flight.claimed.request, flight.headers)
        except (TransportError, BadBody) as error:
            return error

    async def _settle(self, lane: Lane, flight: Flight, result: Response | TransportError | BadBody) -> None:
        try:
            settled = await self._settler.settle(lane, flight, result)
        except LaneError as error:
            lane.close(clean(str(error)))
            settled = await self._settler.close(flight, result, lane.closed)
        except SourceError as error:
            await self._settler.stopped(flight.claimed, result, clean(str(error)))
            self.stop(clean(str(error)), state=State.FAILED)
            return
        self._count(settled)

    def _drop(self, lane: Lane, claimed: Claimed) -> None:
        assert self._flights is not None, "lanes run inside the task group"
        lane.landing += 1
        self._flights.create_task(self._dropped(lane, claimed))

    async def _dropped(self, lane: Lane, claimed: Claimed) -> None:
        try:
            self._count(await self._settler.drop(claimed, lane.closed))
        finally:
            lane.landing -= 1
            lane.nudge()

    def _count(self, settled: Settled) -> None:
        """Take note of how an outcome changed what is left, and end when nothing is."""
        self._open += settled.opened
        self._done += settled.done
        for each in self.lanes:
            each.admission.backlog = self._open
        if settled.feed:
            for other in self.lanes:
                other.feed()
        if self._open == 0:
            self._end(State.DONE, "")
        else:
            self._end_at_limit()

    def _end(self, state: State, reason: str) -> None:
        if self._ending is None or state is State.DONE:
            self._ending = Ending(state=state, reason=reason)
        for lane in self.lanes:
            lane.stop()
