"""What a request of an endpoint sends: its parameters, headers and body, with the values of the items above."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import msgspec

from engine.model.source import Param, Request
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.formats import ACCEPT
from sources.rest.config.since import Since
from sources.rest.config.types import ParamValue, Scalar
from sources.rest.paging.placement import field_name, is_sendable, put_into
from sources.rest.slices.slices import ANY
from sources.rest.templates import fill_json, fill_param, fits_in_address, places, plain_param


def fill_params(params: Mapping[str, ParamValue], known: Mapping[str, Any]) -> dict[str, Param]:
    """Return parameters or form fields, filled in."""
    return {
        name: tuple(_fill(each, known) for each in value) if isinstance(value, tuple) else _fill(value, known)
        for name, value in params.items()
    }


def accepted(endpoint: Endpoint, headers: Mapping[str, str]) -> dict[str, str]:
    """Return the header that asks for an endpoint's format, unless the source or the endpoint sets it."""
    said = any(name.lower() == "accept" for name in (*headers, *endpoint.headers))
    return {} if said or endpoint.format not in ACCEPT else {"accept": ACCEPT[endpoint.format]}


def fill_headers(endpoint: Endpoint, known: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of an endpoint, filled in."""
    return {name.lower(): fill_param(value, known) for name, value in endpoint.headers.items()}


def fill_body(endpoint: Endpoint, known: Mapping[str, Any]) -> Any:
    """Return the JSON body of an endpoint, filled in; None without one."""
    return None if endpoint.json is None else fill_json(endpoint.json, known)


def fill_form(endpoint: Endpoint, known: Mapping[str, Any]) -> dict[str, Param] | None:
    """Return the form of an endpoint, filled in; None without one."""
    return None if endpoint.form is None else fill_params(endpoint.form, known)


def method(endpoint: Endpoint) -> str:
    """Return the method of an endpoint's requests."""
    return endpoint.method or ("POST" if endpoint.sends_body else "GET")


def named_headers(endpoint: Endpoint) -> list[str]:
    """List the headers that name values of the items above."""
    return [name for name, template in endpoint.headers.items() if places(template)]


def body_digest(json: Any, form: Any, headers: Mapping[str, str], beside: Sequence[Any]) -> str:
    """Return what tells requests of one address apart; "" if nothing does.

    Args:
        json: the body.
        form: the body as a form.
        headers: the headers with values from above.
        beside: values from above that make other rows of the same answer.
    """
    further = [headers, beside] if headers or beside else []
    if json is None and form is None and not further:
        return ""
    return blake2b(msgspec.json.encode([json, form, *further], order="sorted"), digest_size=6).hexdigest()


def ask_since(request: Request, since: Since, value: Scalar, paged: Mapping[str, str | int] | None) -> Request:
    """Return a request that asks for what changed since `value`.

    `paged` are the parameters for its place in the list, which have precedence; None where an answer named the whole
    address, which has the parameter already.
    """
    if since.in_header:
        return replace(request, headers={**request.headers, since.in_header.lower(): str(plain_param(value))})
    if since.in_body and request.form is not None:
        return replace(request, form={**request.form, field_name(since.in_body): plain_param(value)})
    if since.in_body:
        return replace(request, json=put_into(request.json, since.in_body, value))
    if since.param is None or paged is None:
        return request
    return replace(request, params={**request.params, since.param: plain_param(value), **paged})


def can_ask(endpoint: Endpoint, known: Mapping[str, Any]) -> bool:
    """Say whether every value that the templates want is there, and can stand where it is wanted.

    The ends of a window are filled in later. A header cannot hold everything that an API may have put into an item.
    """
    known = {**ANY, **known}
    wanted = (known.get(place) for _, template in endpoint.templates for place in places(template))
    return all(map(fits_in_address, wanted)) and all(map(is_sendable, fill_headers(endpoint, known).values()))


def _fill(value: Scalar, known: Mapping[str, Any]) -> str | int:
    return fill_param(value, known) if isinstance(value, str) else plain_param(value)
