"""`fetchdeck completion`: a script for the shell, made from the parser itself and from the keys of the sources."""

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
"""Commands that a source's keys mean something to; the others that take its name read what is on disk."""

Keys = Mapping[str, Mapping[str, Any]]
"""Of each key the sources that have it, each with the key's type there."""


def run(arguments: argparse.Namespace) -> int:
    """Print the script for one shell, with the sources installed now and their options."""
    sys.stdout.write(script(arguments.shell, Registry()) + "\n")
    return Exit.COMPLETE


def script(shell: str, registry: Registry) -> str:
    """Make the script that completes commands, options, the sources' own ones too, files and source names."""
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
    """List the keys of every source, with the type each gives it. One that cannot be loaded has none."""
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
    """Add the keys to a command, as `tui.cli.source_flags` reads them; the command's own options come first."""
    taken = {name for action in parser.options() for name in action.option_strings}
    group = parser.add_argument_group("options of the sources")
    for key, types in keys.items():
        if flag(key) not in taken:
            _add_key(group, key, types, f"of {', '.join(types)}")


def _add_key(group: "argparse._ArgumentGroup", key: str, types: Mapping[str, Any], help_: str) -> None:
    """Add one key: a switch in some sources may want a value in others."""
    valued = [one for one in types.values() if one is not bool]
    words = dict.fromkeys(word for one in valued if get_origin(one) is Literal for word in get_args(one))
    if len(valued) < len(types):
        group.add_argument(flag(f"no_{key}"), action="store_true", help=help_)
    if valued:
        many = "?" if len(valued) < len(types) else None
        group.add_argument(flag(key), nargs=many, choices=list(words) or None, metavar="VALUE", help=help_)
    else:
        group.add_argument(flag(key), action="store_true", help=help_)
