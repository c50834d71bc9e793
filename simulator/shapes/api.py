"""Serves a shape as an API of the simulator: with its counters, faults, capacity and, where it has one, its ETag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from simulator.common.api import Api, Call, Clock, Route
from simulator.common.limits import Quota, Refusal
from simulator.common.page import Header, Page, json_page
from simulator.common.settings import ApiConfig, Preset
from simulator.shapes.catalog import SHAPES
from simulator.shapes.shape import SIZE, Answer, Item, Shape, Truth

ITEMS = 237
"""Items of a list: twelve pages, the last of which is not full."""
GROWTH = 2 * SIZE
"""Items that a list has more when it has grown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeSizes:
    """How much there is."""

    items: int = ITEMS


class ShapeApi:
    """One shape. There are no limits and no credentials: what is shown is how its lists go on."""

    def __init__(self, shape: Shape, sizes: ShapeSizes) -> None:
        self.name = shape.name
        self.conditional = shape.etag
        self._shape = shape
        self._sizes = sizes
        self._method = "POST" if shape.posts else "GET"
        self._items = shown(shape, sizes)
        self.routes: Sequence[Route] = [
            Route(template, partial(self._answer, answer)) for template, answer in shape.routes.items()
        ]

    def grow(self, *, grown: bool = True) -> None:
        """Add two pages of items that are newer than all others, or take them away again."""
        self._items = shown(self._shape, self._sizes, grown=grown)

    def _answer(self, answer: Answer, call: Call, names: Mapping[str, str]) -> Page:
        page = answer(call, names, self._items)
        page.cacheable = False  # it changes when the list grows
        return page

    def guard(self, call: Call) -> Page | None:
        """Reject every method but the one."""
        if call.method == self._method:
            return None
        return json_page({"error": f"{call.method} is not allowed here"}, status=405, cacheable=False)

    def credential(self, _call: Call) -> str:
        return ""

    def cost(self, _route: str) -> float:
        return 1.0

    def missing(self, _call: Call) -> Page:
        return json_page({"error": "not found"}, status=404)

    def refuse(self, _call: Call, _refusal: Refusal) -> Page:
        return json_page({"error": "too many requests"}, status=429)

    def broken(self) -> Page:
        return json_page({"error": "internal error"}, status=500)

    def headers(self, _call: Call, _quota: Quota | None) -> list[Header]:
        return []


class ShapeKind:
    """Makes the API of a shape. Its presets are one and the same."""

    path = ""

    def __init__(self, name: str) -> None:
        self.name = name

    def preset(self, _preset: Preset) -> ApiConfig:
        return ApiConfig(name=self.name, sizes=ShapeSizes())

    def build(self, config: ApiConfig, *, seed: int, year: int, clock: Clock) -> Api:  # noqa: ARG002 -- nothing here is drawn by lot
        return ShapeApi(SHAPES[self.name], config.sizes)


def shown(shape: Shape, sizes: ShapeSizes, *, grown: bool = False) -> list[Item]:
    """Return the items of a list, before or after it has grown."""
    everything = shape.items(sizes.items + GROWTH)
    return everything if grown else everything[: len(shape.items(sizes.items))]


def truth(name: str, sizes: ShapeSizes | None = None, *, grown: bool = False) -> Truth:
    """Return all rows of a shape, before or after its list has grown."""
    shape = SHAPES[name]
    return shape.truth(shown(shape, sizes or ShapeSizes(), grown=grown))
