"""`fetchdeck init --openapi`: a document's lists become a source; the person chooses which."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.common.errors import UsageError
from engine.common.paths import expand, tilde
from engine.common.text import clean, counted
from engine.config.overrides import plain_value
from engine.model.credentials import token_variable
from sources.rest.proposal.openapi.access import base_url_of
from sources.rest.proposal.openapi.document import MOST_BYTES, Document, read_document
from sources.rest.proposal.openapi.propose import Choice, OpenApi
from sources.rest.proposal.proposal import Proposal
from sources.rest.proposal.url import looks_like_url, parse_url
from tui.init.source_proposal import Proposer

_SHOWN = 12
_LIST = "?"
"""The value of --endpoints that lists all, as the question of a terminal does."""


def propose_document(arguments: argparse.Namespace, proposer: Proposer) -> Proposal:
    """Read a document, let the person choose, and propose.

    Raises:
        UsageError: the document cannot be read, or nothing of it is chosen.
    """
    document, where = _read(arguments.openapi, proposer)
    base_url = base_url_of(document, where, arguments.base_url or "")
    api = OpenApi(document, _values(arguments.params))
    chosen = _chosen(api.choices(), arguments)
    name = proposer.free_name(base_url)
    proposal = api.propose([one.path for one in chosen], name=name, base_url=base_url, env=token_variable(name))
    if not proposal.endpoints:
        raise UsageError("; ".join(proposal.notes))
    proposer.source(name, proposal.table())  # refuses here what a configuration may not say
    stream = sys.stderr if arguments.dry_run else sys.stdout
    stream.write(f"{counted(len(proposal.endpoints), 'endpoint')} of {counted(len(api.choices()), 'list')}\n")
    return proposal


def _read(given: str, proposer: Proposer) -> tuple[Document, str]:
    """Return a document and its address; "" if it is a file."""
    if looks_like_url(given) and not Path(given).exists():
        url = parse_url(given)
        return read_document(proposer.fetch(url), clean(url.shown())), url.shown()
    file = expand(given)
    try:
        with file.open("rb") as stream:
            return read_document(stream.read(MOST_BYTES + 1), tilde(file)), ""
    except OSError as error:
        raise UsageError(f"{tilde(file)}: cannot be read: {error.strerror}") from error


def _values(params: Sequence[str]) -> Mapping[str, object]:
    made: dict[str, object] = {}
    for text in params:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise UsageError(f"--param {clean(text, 60)}: want NAME=VALUE, as in --param org=psf")
        read = plain_value(value)
        made[name] = read if isinstance(read, str | int | float | bool) else value
    return made


def _chosen(choices: Sequence[Choice], arguments: argparse.Namespace) -> Sequence[Choice]:
    """Return the lists to propose.

    Raises:
        UsageError: there are none, or there is none of a name.
    """
    if not choices:
        raise UsageError("the document has no GET request that answers with a list in JSON")
    if arguments.all:
        return choices
    said = arguments.endpoints
    if said is None and not sys.stdin.isatty():
        names = ", ".join(one.name for one in choices[:_SHOWN])
        more = f" and {len(choices) - _SHOWN} more: --endpoints '?' lists all" if len(choices) > _SHOWN else ""
        raise UsageError(f"choose with --all or --endpoints NAME,NAME; the lists are {names}{more}")
    if said == _LIST:
        _list(choices)
        raise UsageError("choose with --all or --endpoints NAME,NAME; nothing was written")
    return _of_names(choices, said if said is not None else _ask(choices))


def _ask(choices: Sequence[Choice]) -> str:
    _list(choices)
    sys.stderr.write("Which lists? Names or patterns with commas, or * for all: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _list(choices: Sequence[Choice]) -> None:
    width = max(len(one.name) for one in choices)
    for one in choices:
        needs = f" (needs {', '.join(one.missing)})" if one.missing else ""
        sys.stderr.write(clean(f"{one.name.ljust(width)}  {one.path}  {one.summary}{needs}", 160) + "\n")


def _of_names(choices: Sequence[Choice], said: str) -> Sequence[Choice]:
    found: dict[str, Choice] = {}
    for wanted in filter(None, (part.strip() for part in said.split(","))):
        matching = [one for one in choices if one.matches(wanted)]
        if not matching:
            from engine.common.text import nearest  # noqa: PLC0415 -- only a mistake needs it

            guess = nearest(wanted, [one.name for one in choices])
            way_out = f'did you mean "{guess}"?' if guess else "--endpoints '?' lists them"
            raise UsageError(f'the document has no list "{clean(wanted, 60)}": {way_out}')
        found |= {one.path: one for one in matching}
    if not found:
        raise UsageError("nothing was chosen, and nothing was written")
    return list(found.values())
