"""The table `auth` of a REST configuration: how the secret is sent."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sources.rest.config.types import Scalar, Word


class Access(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The table `auth`: how the secret is sent. Its place is given by token_env, token_file or token_command."""

    type: Literal["bearer", "header", "basic", "query"]
    name: Word | None = None
    """The header ("X-Api-Key") or the query parameter."""
    prefix: str = ""
    """Text before the secret, in a header."""
    env: Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z", description="an environment variable")] | None = None
    required: bool = True
    hint: str = ""


def problems(auth: Access, params: Mapping[str, Scalar]) -> Iterator[str]:
    if auth.type in {"header", "query"} and not auth.name:
        what = "header" if auth.type == "header" else "query parameter"
        yield f'auth.name: is missing; type = "{auth.type}" wants the name of the {what}'
    if auth.type in {"bearer", "basic"} and auth.name:
        yield f'auth.name: "{auth.name}" has no use with type = "{auth.type}", which is always the Authorization header'
    if auth.type == "query" and auth.name in params:
        yield f"params.{auth.name}: this parameter carries the secret, see auth.name; leave it out here"
