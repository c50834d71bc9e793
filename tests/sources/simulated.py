"""Plays a source against the simulator over HTTP, one request after another, so that the simulator counts them."""

from collections.abc import Mapping

import httpx2 as httpx

from engine.model.source import Request, Response


class Asking:
    """Sends what a source asks for; `bases` says where each resource's requests go."""

    def __init__(self, bases: Mapping[str, str], headers: Mapping[str, str] | None = None) -> None:
        self._bases = bases
        self._client = httpx.Client(headers={"User-Agent": "tests", **(headers or {})})

    def __call__(self, request: Request) -> Response:
        base = self._bases[request.resource]
        url = request.url if request.url.startswith("http") else base + request.url
        params = dict(request.params) or None
        answer = self._client.request(request.method, url, params=params, json=request.json)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(
            status=answer.status_code, headers=headers, body=answer.content, url=str(answer.url), elapsed=0.1
        )

    def close(self) -> None:
        self._client.close()
