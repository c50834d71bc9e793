"""The registry of APIs: every module in simulator/apis is one, through its `KIND`, and every shape."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from simulator import apis
from simulator.common.api import Api, Clock
from simulator.common.settings import ApiConfig, Preset
from simulator.shapes.api import ShapeKind
from simulator.shapes.catalog import SHAPES


class Kind(Protocol):
    """A kind of API: its name, its presets, and how it is built."""

    name: str
    """Also the path prefix it is served under."""
    path: str
    """What follows the prefix in a client's base URL ("/api")."""

    def preset(self, preset: Preset) -> ApiConfig:
        """Return the configuration of a preset."""

    def build(self, config: ApiConfig, *, seed: int, year: int, clock: Clock) -> Api: ...


def names() -> tuple[str, ...]:
    """List every API by name. The shapes are left out: they are served where they are named."""
    return tuple(module.name for module in iter_modules(apis.__path__))


def kind(name: str) -> Kind:
    """Return a kind of API by name.

    Raises:
        KeyError: there is no such API.
    """
    if name in SHAPES:
        return ShapeKind(name)
    if name not in names():
        known = ", ".join((*names(), *SHAPES))
        raise KeyError(f"there is no simulated API {name!r}; known: {known}")
    found: Kind = import_module(f"{apis.__name__}.{name}").KIND
    return found
