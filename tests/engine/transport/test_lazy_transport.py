from engine.model.source import Request
from engine.transport.base import Transport
from engine.transport.wrappers import LazyTransport
from tests.fakes import FakeTransport, answer


async def test_nothing_is_made_before_it_is_used() -> None:
    made = list[Transport]()
    inner = FakeTransport(lambda request, _: answer([1]), latency=0)

    def make() -> Transport:
        made.append(inner)
        return inner

    late = LazyTransport(make)
    await late.close()
    assert not made

    assert (await late.send(Request(key="a", url="/a"), {})).json(list[int]) == [1]
    assert late.identity == "nobody"
    await late.close()

    assert made == [inner]
    assert inner.closed
