"""`fetchdeck completion`: a completion script for the shell, made from the parser and the keys of the sources."""

import argparse
import sys
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args, get_origin

from engine.common.errors import UsageError
from engine.config.validation import bare
from tui.cli.arguments import build_parser
from tui.cli.parser import Parser
from tui.cli.source_flags import flag, hints_of
from tui.common.exit_codes import Exit
from tui.wiring.registry import Registry

_FILES: Final = {"config", "db", "serve_token_file"}
_NAMES: Final = {"sources", "named", "wanted"}
_FETCHING: Final = ("run", "plan", "check", "coverage")
"""Commands that accept a source's keys. Others that take a source's name only read the database."""

Keys = Mapping[str, Mapping[str, Any]]
"""For each key the sources that have it, with the type in each."""


def run(arguments: argparse.Namespace) -> int:
    """Print the script for one shell, with the installed sources and their options."""
    sys.stdout.write(script(arguments.shell, Registry()) + "\n")
    return Exit.COMPLETE


def script(shell: str, registry: Registry) -> str:
    """Return the script that completes commands, options (also those of the sources), files and source names."""
    import shtab  # noqa: PLC0415 -- nothing else needs it

    parser = build_parser()
    keys = _keys(registry)
    for name, one in {"": parser, **parser.subparsers()}.items():
        if name in _FETCHING:
            _add(one, keys)
        for action in one.options():
            if action.dest in _FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]  # shtab's own protocol
            if action.dest in _NAMES:
                action.choices = list(registry.names())
    made: str = shtab.complete(parser, shell)
    return made


def _keys(registry: Registry) -> Keys:
    """Return the keys of every source, with the type in each. A source that cannot be loaded has none."""
    found: dict[str, dict[str, Any]] = {}
    for name in registry.names():
        try:
            hints = hints_of(registry.load(name))
        except UsageError:
            continue
        for key, hint in hints.items():
            found.setdefault(key, {})[name] = bare(hint)
    return dict(sorted(found.items()))


def _add(parser: Parser, keys: Keys) -> None:
    """Add the keys as options of a command, as `tui.cli.source_flags` reads them, after the command's own options."""
    taken = {name for action in parser.options() for name in action.option_strings}
    group = parser.add_argument_group("options of the sources")
    for key, types in keys.items():
        if flag(key) not in taken:
            _add_key(group, key, types, f"of {', '.join(types)}")


def _add_key(group: "argparse._ArgumentGroup", key: str, types: Mapping[str, Any], help_: str) -> None:
    """Add one key. It can be a switch in one source and take a value in another."""
    valued = [one for one in types.values() if one is not bool]
    words = dict.fromkeys(word for one in valued if get_origin(one) is Literal for word in get_args(one))
    if len(valued) < len(types):
        group.add_argument(flag(f"no_{key}"), action="store_true", help=help_)
    if valued:
        many = "?" if len(valued) < len(types) else None
        group.add_argument(flag(key), nargs=many, choices=list(words) or None, metavar="VALUE", help=help_)
    else:
        group.add_argument(flag(key), action="store_true", help=help_)
