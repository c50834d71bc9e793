"""The configuration of the simulator, with presets for the demo and for tests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simulator.common.settings import ApiConfig, Preset
from simulator.registry import kind, names

DEFAULT_YEAR = 2025


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """A server and the APIs it looks like."""

    apis: tuple[ApiConfig, ...]
    seed: int = 1
    """The same seed gives the same data and the same faults."""
    year: int = DEFAULT_YEAR
    """Most of the data was created in this year (UTC), some before and some after it."""
    clock_offset: float = 0.0
    """Seconds that the server's clock is ahead of the machine's."""

    def api(self, name: str) -> ApiConfig:
        """Return the configuration of an API.

        Raises:
            KeyError: the API is not served.
        """
        for api in self.apis:
            if api.name == name:
                return api
        raise KeyError(f"the simulator serves no {name!r}; it serves {', '.join(api.name for api in self.apis)}")

    def with_api(self, api: ApiConfig) -> "SimulatorConfig":
        """Replace the configuration of one API."""
        return replace(self, apis=tuple(api if old.name == api.name else old for old in self.apis))


def preset(
    name: Preset, *, apis: Sequence[str] | None = None, seed: int = 1, year: int = DEFAULT_YEAR
) -> SimulatorConfig:
    """Return a preset of some or all APIs.

    Raises:
        KeyError: there is no such API.
    """
    chosen = names() if apis is None else apis
    return SimulatorConfig(apis=tuple(kind(api).preset(name) for api in chosen), seed=seed, year=year)


def demo(*, seed: int = 1, apis: Sequence[str] | None = None) -> SimulatorConfig:
    """Return small limits that are hit within 20 seconds, a knee, some faults, and data for minutes of harvest."""
    return preset("demo", apis=apis, seed=seed)


def quiet(*, seed: int = 1, apis: Sequence[str] | None = None) -> SimulatorConfig:
    """Return no faults, no latency and limits out of reach, for tests."""
    return preset("quiet", apis=apis, seed=seed)


def real(*, seed: int = 1, apis: Sequence[str] | None = None) -> SimulatorConfig:
    """Return the documented limits of the real APIs, at a plausible latency."""
    return preset("real", apis=apis, seed=seed)
