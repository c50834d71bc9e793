"""The pages of one API, rendered on demand and cached while there is room."""

from collections import OrderedDict

from simulator.common.api import Api, Call, Router
from simulator.common.page import Page

NO_ROUTE = "(none)"
"""The route of a path without a handler."""

_Key = tuple[str, str, str, bool]


class Pages:
    """Renders calls, and caches the latest responses by address, up to `limit` bytes."""

    def __init__(self, api: Api, *, limit: int) -> None:
        self._api = api
        self._limit = limit
        self._bytes = 0
        self._router = Router(api.routes)
        self._kept: OrderedDict[_Key, tuple[str, Page]] = OrderedDict()

    def route(self, call: Call) -> str:
        """Return the template of a call's route."""
        if kept := self._kept.get(_key(call)):
            return kept[0]
        found = self._router.find(call.path)
        return found[0].template if found else NO_ROUTE

    def render(self, call: Call) -> Page:
        key = _key(call)
        if (kept := self._kept.get(key)) and call.method != "POST":
            self._kept.move_to_end(key)
            return kept[1]
        found = self._router.find(call.path)
        if found is None:
            return self._api.missing(call)
        route, names = found
        page = route.handler(call, names)
        if page.cacheable and call.method != "POST":
            self._keep(key, route.template, page)
        return page

    def _keep(self, key: _Key, template: str, page: Page) -> None:
        self._kept[key] = (template, page)
        self._bytes += page.weight
        while self._bytes > self._limit:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= dropped.weight


def _key(call: Call) -> _Key:
    return call.base, call.path, call.query, call.endless
