"""A refused credential: its source waits for another one, by the rule for waits whose cause is outside of fetchdeck."""

import asyncio
from dataclasses import dataclass, field

import pytest

from engine.common.errors import FetchdeckError, LoginNeeded
from engine.common.secret import Secret
from engine.model.commands import LookForLogin, Refused
from engine.model.credentials import (
    COMMAND_LOOKS,
    FILE_LOOKS,
    KEYRING_LOOKS,
    CredentialProvider,
    Credentials,
    Looks,
)
from engine.model.events import OutsideWaitBegan, OutsideWaitEnded, RunEnded
from engine.model.outside_wait import Cause
from engine.model.snapshot import State
from engine.model.source import Request, Response
from engine.storage.database import Database
from tests.engine.harness import EPOCH, Harvest, prepare
from tests.fakes import FakeSource, FakeTransport, answer, job

HOUR = 3600.0
BEGAN = 1000.0
"""The time on the virtual clock at which a test begins."""


@dataclass
class Place(CredentialProvider):
    """A place whose token is accepted from some second on; it notes when it is looked at."""

    pauses: tuple[float, ...]
    good_at: float = float("inf")
    identity: str = "somebody"
    said: FetchdeckError | None = None
    looked: list[float] = field(default_factory=list)
    good: bool = False

    @property
    def looks(self) -> Looks:
        return Looks(place="the place", pauses=self.pauses)

    async def credentials(self) -> Credentials:
        return Credentials(headers={"authorization": Secret("a")})

    async def refused(self, credentials: Credentials) -> bool:
        return False

    async def look_again(self) -> bool:
        now = asyncio.get_running_loop().time()
        self.looked.append(round(now - BEGAN))
        if self.said is not None:
            raise self.said
        self.good = self.good or now - BEGAN >= self.good_at
        return self.good


def behind(place: Place, source: FakeSource, *, good_for: int = 0) -> FakeTransport:
    """Answer so many requests, and the others once the place has a good token."""

    def script(request: Request, _: int) -> Response:
        if place.good or len(transport.sent) <= good_for:
            return source.truth(request)
        return answer({"message": "token expired"}, status=401)

    transport = FakeTransport(script, latency=0.1)
    transport.credentials = place
    return transport


async def harvested(database: Database, place: Place, *, patience: float = float("inf"), good_for: int = 0) -> Harvest:
    source = FakeSource(per_page=6, details=True)
    harvest = prepare(database, job(source, behind(place, source, good_for=good_for), retries=0), patience=patience)
    await harvest.deck.run()
    return harvest


@pytest.mark.parametrize(
    ("pauses", "good_at", "looks"),
    [
        (FILE_LOOKS, 9.0, [3, 5, 7, 9]),
        (COMMAND_LOOKS, 3 * HOUR, [60, 360, 1260, 4860, 8460, 12060]),
    ],
)
async def test_a_place_is_looked_at_in_its_own_rhythm_until_it_has_a_good_token(
    database: Database, pauses: tuple[float, ...], good_at: float, looks: list[float]
) -> None:
    place = Place(pauses, good_at=good_at)

    harvest = await harvested(database, place)

    assert place.looked == pytest.approx(looks, abs=0.4 * len(looks) + 3)
    group = harvest.group()
    assert (group.state, group.rows, group.failed) == (State.DONE, 12, 0)
    assert await harvest.rows("select distinct outcome from attempt") == [("login needed",)]
    assert await harvest.rows("select max(attempt) from request") == [(0,)]


async def test_the_wait_says_its_reason_and_its_next_try_and_its_end(database: Database) -> None:
    place, source = Place(COMMAND_LOOKS, good_at=100.0), FakeSource(pages=40)
    harvest = prepare(database, job(source, behind(place, source, good_for=1)))
    await harvest.deck.run()

    (began,) = harvest.facts(OutsideWaitBegan)
    assert began.wait.cause is Cause.LOGIN_NEEDED
    assert began.wait.words == (
        "401 Unauthorized: the credential was refused or is missing: token expired; the place is looked at again"
    )
    assert began.wait.next_try is not None
    assert len(harvest.facts(OutsideWaitEnded)) == 1


async def test_a_keyring_is_asked_by_a_key_only(database: Database) -> None:
    place = Place(KEYRING_LOOKS, good_at=0.0)
    source = FakeSource(per_page=6, details=True)
    harvest = prepare(database, job(source, behind(place, source)))

    async def person() -> None:
        await asyncio.sleep(5 * HOUR)
        (wait,) = harvest.group().outside
        assert wait.next_try is None
        assert wait.words.endswith("; the place is asked again by the key i")
        await harvest.deck.send(LookForLogin("fake"))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(person())
        await harvest.deck.run()

    assert place.looked == [5 * HOUR]
    assert harvest.group().rows == 12


async def test_a_key_where_no_login_is_needed_says_so(database: Database) -> None:
    place = Place(KEYRING_LOOKS, good=True)
    source = FakeSource(pages=3)
    harvest = prepare(database, job(source, behind(place, source)))
    answered = harvest.deck.send(LookForLogin("fake"))

    await harvest.deck.run()

    assert answered.result() == Refused("fake needs no login")


async def test_patience_ends_the_run_so_that_it_can_be_resumed(database: Database) -> None:
    harvest = await harvested(database, Place(FILE_LOOKS), patience=HOUR, good_for=3)

    group = harvest.group()
    assert group.state is State.FAILED
    assert group.reason.startswith("login needed since ")
    assert group.reason.endswith("given up after 60 min, the next run goes on from here")
    assert harvest.facts(RunEnded)[0].at == pytest.approx(EPOCH + BEGAN + HOUR, abs=60)

    place = Place(FILE_LOOKS, good=True)
    again = await harvested(database, place)

    assert again.group().state is State.DONE
    assert await again.rows("select (select count(*) from fake_item), (select count(*) from fake_detail)") == [(6, 6)]


async def test_a_place_that_has_only_bad_tokens_does_not_outlast_the_patience(database: Database) -> None:
    """Each look finds another token, which is refused as well: the wait counts from its beginning."""

    @dataclass
    class Inventive(Place):
        async def look_again(self) -> bool:
            await super().look_again()
            return True

    place = Inventive(FILE_LOOKS)
    harvest = await harvested(database, place, patience=HOUR)

    assert harvest.group().state is State.FAILED
    assert harvest.facts(RunEnded)[0].at == pytest.approx(EPOCH + BEGAN + HOUR, abs=60)


async def test_other_sources_go_on(database: Database) -> None:
    source, other = FakeSource(per_page=6, details=True), FakeSource(pages=40, name="other", base_url="http://other")
    place = Place(FILE_LOOKS, good_at=HOUR)
    ready = prepare(
        database,
        job(source, behind(place, source)),
        job(other, FakeTransport(lambda request, _: other.truth(request))),
    )
    ended: list[float] = []
    ready.deck.listen(lambda event: ended.append(event.at) if isinstance(event, RunEnded) else None)
    await ready.deck.run()

    assert ended[0] < EPOCH + BEGAN + 100
    assert (ready.group("other").rows, ready.group().rows) == (400, 12)


async def test_what_the_place_says_is_told(database: Database) -> None:
    place = Place(FILE_LOOKS, said=LoginNeeded("the command gh ended with 1: not logged in"))
    harvest = await harvested(database, place, patience=60.0)

    assert "gh ended with 1: not logged in" in harvest.group().reason


async def test_a_request_that_is_refused_while_others_are_answered_fails_alone(database: Database) -> None:
    source, place = FakeSource(per_page=40, details=True), Place(FILE_LOOKS)

    def script(request: Request, _: int) -> Response:
        return answer({"message": "not you"}, status=401) if request.key == "item 3" else source.truth(request)

    transport = FakeTransport(script)
    transport.credentials = place
    harvest = prepare(database, job(source, transport, retries=0, workers=2))
    await harvest.deck.run()

    group = harvest.group()
    assert (group.state, group.failed, group.rows) == (State.DONE, 1, 79)
    assert len(place.looked) == 1


async def test_without_another_credential_to_come_the_source_stops(database: Database) -> None:
    source = FakeSource()
    transport = FakeTransport(lambda request, _: answer({"message": "token expired"}, status=401))
    harvest = prepare(database, job(source, transport))
    await harvest.deck.run()

    assert harvest.group().state is State.FAILED
    assert harvest.group().reason == "401 Unauthorized: the credential was refused or is missing: token expired"
