"""A bad configuration and the line that must be said of it: file, key, value and way out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.tui.command import fetchdeck
from tui.common.exit_codes import Exit

SHOP: Final = "sources.shop"
ITEMS: Final = f"{SHOP}.endpoints.items"
NOT_SHOWN: Final = "a value that is not shown here"


@dataclass(frozen=True, kw_only=True)
class Bad:
    """A bad configuration, and what the line about it has."""

    text: str | bytes
    key: str
    """The key, or the position where the file is no TOML."""
    value: str = ""
    """The value as it is shown; "" where a key is missing or unknown."""
    way_out: str
    hidden: str = ""
    """What must not be shown."""


def rest(
    source: str = "", endpoint: str = 'path = "/items"', more: str = "", base: str = "https://api.example.org"
) -> str:
    head = f'[sources.shop]\nkind = "rest"\nbase_url = "{base}"\n{source}\n'
    return f"{head}[sources.shop.endpoints.items]\n{endpoint}\n{more}"


def items(keys: str) -> str:
    """Write an endpoint with further keys."""
    return rest(endpoint=f'path = "/items"\n{keys}')


def bare(line: str) -> str:
    return f'[sources.shop]\nkind = "rest"\nbase_url = "https://api.example.org"\n{line}\n'


def check_refused(home: Path, bad: Bad) -> None:
    """Load a bad configuration as every command does, and judge what is said of it."""
    file = home / "shop.toml"
    file.write_bytes(bad.text if isinstance(bad.text, bytes) else bad.text.encode())

    ended = fetchdeck(home, "plan", "--config", str(file))

    assert ended.returncode == Exit.USAGE
    (line,) = ended.stderr.splitlines()
    assert line.isprintable()
    assert len(line) < 700
    _, _, said = line.partition("shop.toml: ")
    assert said.startswith(bad.key)
    assert bad.value in said
    assert bad.way_out in said.replace(bad.key, "", 1)
    assert " - at `$" not in said, "a message of msgspec"
    assert not bad.hidden or bad.hidden not in ended.stdout + ended.stderr
    assert not (home / "fetchdeck.db").exists()
