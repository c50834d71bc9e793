"""`fetchdeck config schema`: prints the JSON Schema of the configuration."""

import argparse
import json
import sys
from typing import Any

from engine.common.errors import UsageError
from engine.config.schema import schema_of
from engine.model.capabilities import ConfiguredSeveralTimes
from tui.common.exit_codes import Exit
from tui.wiring.registry import Registry


def run(_: argparse.Namespace) -> int:
    """Print the schema for the sources that are installed here."""
    sys.stdout.write(json.dumps(schema(Registry()), indent=2) + "\n")
    return Exit.COMPLETE


def schema(registry: Registry) -> dict[str, Any]:
    """Return the schema for the sources of a registry; one that cannot be loaded is left out."""
    loaded = {}
    for name in registry.names():
        try:
            loaded[name] = registry.load(name)
        except UsageError:
            continue
    several = [name for name, one in loaded.items() if isinstance(one, ConfiguredSeveralTimes) and one.many]
    return schema_of({name: one.Options for name, one in loaded.items()}, several)
