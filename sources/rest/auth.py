"""How a REST configuration authenticates."""

from engine.model.source import Auth
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


def secret_param(options: RestOptions) -> str | None:
    """Return the query parameter that carries the secret, if there is one."""
    return options.auth.name if options.auth and options.auth.type == "query" else None
