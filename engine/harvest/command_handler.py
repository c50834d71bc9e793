"""Carries out commands: the one place where each command meets the worker group it is about."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import assert_never

from engine.common.errors import FetchdeckError, UsageError
from engine.common.text import clean
from engine.harvest.group import WorkerGroup
from engine.model.commands import (
    Automatic,
    ChangeCap,
    ChangeLimit,
    Done,
    Fill,
    ForSource,
    Outcome,
    Pause,
    Quarantine,
    Refused,
    Release,
    Resume,
    Retry,
    SetCap,
    SetPin,
    Tune,
)


class CommandHandler:
    """Carries out commands on the groups of a deck."""

    def __init__(
        self,
        *,
        groups: Mapping[str, WorkerGroup],
        fill: Callable[[str, Sequence[str]], Awaitable[int]],
        recount: Callable[[WorkerGroup], Awaitable[None]],
        broken: Callable[[str, str, str], None],
    ) -> None:
        """Take the deck's part in it.

        Args:
            groups: by source; the deck adds and replaces them.
            fill: fetches parts of a source, in a run of its own where that is needed.
            recount: reads the failures of a group that has ended again.
            broken: reports what went wrong: of which source, where, and how.
        """
        self._groups = groups
        self._fill = fill
        self._recount = recount
        self._broken = broken

    async def carry_out(self, command: ForSource) -> Outcome:
        """Carry out a command; whatever goes wrong is its outcome, and ends nothing."""
        try:
            return Done(await self._for_all(command))
        except UsageError as error:
            return Refused(clean(str(error)))
        except FetchdeckError as error:
            self._broken(command.source or "", _place(command), str(error))
            return Refused(clean(str(error)))

    async def _for_all(self, command: ForSource) -> int:
        groups = [group for name, group in self._groups.items() if command.source in {None, name}]
        if not groups:
            raise UsageError(f"{command.source} is no source of this harvest")
        if command.source is None:
            groups = [group for group in groups if group.running] or groups
        return sum(await asyncio.gather(*(self._for_one(group, command) for group in groups)))

    async def _for_one(self, group: WorkerGroup, command: ForSource) -> int:  # noqa: PLR0912, C901 - one case a command
        if not isinstance(command, Tune | Quarantine | Release | Fill):
            group.check_running()
        match command:
            case Pause():
                group.pause()
            case Resume():
                group.resume()
            case ChangeLimit():
                group.hand.nudge(command.step)
            case SetPin():
                group.hand.pin(command.number)
            case ChangeCap():
                group.hand.cap(command.step)
            case SetCap():
                group.hand.cap_at(command.number)
            case Automatic():
                group.hand.free()
            case Tune():
                group.tune(command.tuning)
            case Retry():
                return await group.retry(command.failure, command.id)
            case Quarantine():
                many = await group.set_aside(command.failure, command.id)
                await self._recount(group)
                return many
            case Release():
                many = await group.let_out(command.id)
                await self._recount(group)
                return many
            case Fill():
                return await self._fill(group.name, command.parts)
            case _:
                assert_never(command)
        return 0


def _place(command: ForSource) -> str:
    """Name what went wrong, for the log."""
    match command:
        case Quarantine() | Release():
            return "the quarantine"
        case Fill():
            return f"filling parts of {command.source}"
        case _:
            return "a command"
