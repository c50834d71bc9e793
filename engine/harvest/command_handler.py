"""Carries out commands: the one place where commands become calls of worker groups."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, assert_never

from engine.common.errors import FetchdeckError, UsageError, blame
from engine.common.text import clean
from engine.harvest.group import WorkerGroup
from engine.model.commands import (
    Automatic,
    ChangeCap,
    ChangeLimit,
    Done,
    Fill,
    ForSource,
    LookForLogin,
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

log: Final = logging.getLogger(__name__)


class CommandHandler:
    def __init__(
        self,
        *,
        groups: Mapping[str, WorkerGroup],
        fill: Callable[[str, Sequence[str]], Awaitable[int]],
        recount: Callable[[WorkerGroup], Awaitable[None]],
        report_crash: Callable[[str, str, str], None],
    ) -> None:
        """Keep the deck's collaborators.

        Args:
            groups: by source; the deck adds and replaces them.
            fill: fetches parts of a source, in the present run or in a new one.
            recount: reads the failure counts of a group from disk again, if the group has ended.
            report_crash: logs an error: the source, where it happened, and the message.
        """
        self._groups = groups
        self._fill = fill
        self._recount = recount
        self._report_crash = report_crash

    async def carry_out(self, command: ForSource) -> Outcome:
        """Carry out a command. An error becomes a refusal and ends nothing."""
        try:
            return Done(await self._for_all(command))
        except UsageError as error:
            return Refused(clean(str(error)))
        except FetchdeckError as error:
            self._report_crash(command.source or "", _subject(command), str(error))
            return Refused(clean(str(error)))
        except Exception as error:
            # Left to the deck's task group, this would cancel every source. It may be a bug of a third party's source.
            log.exception("%s failed", command)
            self._report_crash(command.source or "", _subject(command), blame(error))
            return Refused(blame(error))

    async def _for_all(self, command: ForSource) -> int:
        groups = [group for name, group in self._groups.items() if command.source in {None, name}]
        if not groups:
            raise UsageError(f"{command.source} is no source of this harvest")
        if command.source is None:
            # A command for all sources goes to those that run; if none does, each refuses it with its reason.
            groups = [group for group in groups if group.running] or groups
        return sum(await asyncio.gather(*(self._for_one(group, command) for group in groups)))

    async def _for_one(self, group: WorkerGroup, command: ForSource) -> int:  # noqa: PLR0912, C901 - one case a command
        if not isinstance(command, Tune | Quarantine | Release | Fill):
            group.check_running()  # the group may have ended while the command was on its way
        match command:
            case Pause():
                group.pause()
            case Resume():
                group.resume()
            case ChangeLimit():
                group.manual.nudge(command.step)
            case SetPin():
                group.manual.pin(command.number)
            case ChangeCap():
                group.manual.cap(command.step)
            case SetCap():
                group.manual.cap_at(command.number)
            case Automatic():
                group.manual.automatic()
            case Tune():
                group.tune(command.tuning)
            case Retry():
                return await group.retry(command.failure, command.id)
            case Quarantine():
                count = await group.requeue.quarantine(command.failure, command.id)
                await self._recount(group)
                return count
            case Release():
                count = await group.release(command.id)
                await self._recount(group)
                return count
            case Fill():
                return await self._fill(group.name, command.parts)
            case LookForLogin():
                group.look_for_login()
            case _:
                assert_never(command)
        return 0


def _subject(command: ForSource) -> str:
    """Return what the log calls a command that failed."""
    match command:
        case Quarantine() | Release():
            return "the quarantine"
        case Fill():
            return f"filling parts of {command.source}"
        case _:
            return "a command"
