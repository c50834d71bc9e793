from engine.model.source import Request
from engine.transport.wrappers import HeaderRenamingTransport
from tests.fakes import FakeTransport, answer


async def test_a_header_gets_the_name_the_engine_reads_and_keeps_its_own() -> None:
    told = {"x-calls-left": "7", "x-ratelimit-limit": "9"}
    inner = FakeTransport(lambda _request, _tries: answer(headers=told), latency=0.0)
    transport = HeaderRenamingTransport(
        inner, {"x-ratelimit-remaining": "X-Calls-Left", "x-ratelimit-reset": "X-Calls-Reset"}
    )

    response = await transport.send(Request(key="k", url="/"), {})
    await transport.close()

    assert response.headers == {"x-calls-left": "7", "x-ratelimit-limit": "9", "x-ratelimit-remaining": "7"}
    assert (transport.identity, inner.closed) == ("nobody", True)
