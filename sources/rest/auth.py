"""How a REST configuration authenticates, and its pace."""

from collections.abc import Iterator

from engine.model.source import Auth, RateBudget
from sources.rest.config.access import Access
from sources.rest.config.options import RestOptions


def auth(access: Access, name: str) -> Auth:
    """Return where the secret is found and what carries it. The default variable is FETCHDECK_NAME_TOKEN."""
    env = (access.env or f"FETCHDECK_{name.upper().replace('-', '_')}_TOKEN",)
    match access.type:
        case "bearer":
            return Auth(env=env, required=access.required, hint=access.hint)
        case "basic":
            return Auth(env=env, prefix="Basic ", basic=True, required=access.required, hint=access.hint)
        case "query":
            return Auth(env=env, query=access.name or "", prefix="", required=access.required, hint=access.hint)
        case _:
            return Auth(
                env=env, header=access.name or "", prefix=access.prefix, required=access.required, hint=access.hint
            )


def budgets(options: RestOptions) -> Iterator[RateBudget]:
    """Yield every configured rate; without one, only the concurrency limit."""
    spans = (
        (options.requests_per_second, 1.0),
        (options.requests_per_minute, 60.0),
        (options.requests_per_hour, 3600.0),
        (1 if options.min_interval else None, options.min_interval or 1.0),
    )
    given = [(requests, per) for requests, per in spans if requests]
    for requests, per in given:
        yield RateBudget(requests=requests, per=per, concurrency=options.concurrency)
    if not given:
        yield RateBudget(concurrency=options.concurrency)


def secret_param(options: RestOptions) -> str | None:
    """Return the query parameter that carries the secret, if there is one."""
    return options.auth.name if options.auth and options.auth.type == "query" else None
