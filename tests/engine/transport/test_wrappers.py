import asyncio

from engine.model.source import Request
from engine.transport.wrappers import RoutingTransport
from tests.fakes import FakeTransport, answer


async def test_each_request_goes_its_own_way() -> None:
    api, git = FakeTransport(lambda *_: answer("api")), FakeTransport(lambda *_: answer("git"))
    routed = RoutingTransport({("http", "core"): api, ("git", "clone"): git})

    first = await routed.send(Request(key="a", url="/a"), {})
    second = await routed.send(Request(key="b", url="/b", via="git", resource="clone"), {})

    assert (first.json(), second.json()) == ("api", "git")


async def test_it_closes_each_transport_and_tells_apart_who_asks() -> None:
    one, two = FakeTransport(lambda *_: answer()), FakeTransport(lambda *_: answer())
    two.identity = "somebody"
    routed = RoutingTransport({("http", "a"): one, ("http", "b"): two})

    await routed.close()

    assert one.closed
    assert two.closed
    assert routed.identity != RoutingTransport({("http", "a"): one}).identity


async def test_it_prepares_the_ways_of_one_resource_only() -> None:
    loop = asyncio.get_running_loop()
    slow, other = FakeTransport(lambda *_: answer(), loading=5), FakeTransport(lambda *_: answer(), loading=100)
    routed = RoutingTransport({("http", "a"): slow, ("git", "a"): slow, ("http", "b"): other})
    began = loop.time()

    await routed.prepare("a")

    assert loop.time() - began == 5
