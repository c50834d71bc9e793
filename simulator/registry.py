"""The registry of APIs: every module in simulator/apis is one, through its `KIND`."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from simulator import apis
from simulator.common.api import Api, Clock
from simulator.common.settings import ApiConfig, Preset


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
    """List every API by name."""
    return tuple(module.name for module in iter_modules(apis.__path__))


def kind(name: str) -> Kind:
    """Return a kind of API by name.

    Raises:
        KeyError: there is no such API.
    """
    if name not in names():
        raise KeyError(f"there is no simulated API {name!r}; known: {', '.join(names())}")
    found: Kind = import_module(f"{apis.__name__}.{name}").KIND
    return found
