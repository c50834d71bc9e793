"""How git is run: an environment and settings in which nothing prompts, nothing runs, and no secret is in sight. Pure.

All of it goes through the environment: other users of a machine can read the arguments of a process, and only its own
user its environment.
"""

import base64
import os
from collections.abc import Iterable, Mapping
from typing import Final

from engine.common.secret import Secret

Setting = tuple[str, str]
_KEPT: Final = (
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
)  # fmt: skip
"""What git may know of the person's environment. Everything else stays behind, GIT_TRACE and GIT_DIR among it."""
_FIXED: Final[tuple[Setting, ...]] = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.askPass", "true"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    ("credential.helper", ""),
    ("credential.interactive", "false"),
    ("http.followRedirects", "false"),
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "60"),
    ("gc.autoDetach", "false"),
    ("maintenance.auto", "false"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("init.templateDir", ""),
    ("advice.detachedHead", "false"),
)
"""Redirects are off, for git would send the credential to where one leads."""


def environment(
    given: Mapping[str, str], *, settings: Iterable[Setting], secret: tuple[str, Secret] | None, allow_file: bool
) -> dict[str, str]:
    """Return git's whole environment.

    Args:
        given: of this process.
        settings: the person's own; ours win.
        secret: a base address and the token that is sent to it, and to nothing else.
        allow_file: whether repositories on this machine may be cloned.
    """
    env = {"PATH": os.defpath, **{name: given[name] for name in _KEPT if name in given}}
    env |= {
        "LC_ALL": "C",
        "GIT_ASKPASS": "true",
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ALLOW_PROTOCOL": "http:https:ssh:file" if allow_file else "http:https:ssh",
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=20",
        "GIT_OPTIONAL_LOCKS": "0",
    }
    pairs = [*settings, *_FIXED, *_header(secret)]
    env["GIT_CONFIG_COUNT"] = str(len(pairs))
    for index, (name, value) in enumerate(pairs):
        env |= {f"GIT_CONFIG_KEY_{index}": name, f"GIT_CONFIG_VALUE_{index}": value}
    return env


def basic(secret: Secret) -> Secret:
    """Return what carries a token over HTTP: https://docs.gitlab.com/user/profile/personal_access_tokens."""
    return Secret("Basic " + base64.b64encode(f"oauth2:{secret.reveal()}".encode()).decode())


def _header(secret: tuple[str, Secret] | None) -> Iterable[Setting]:
    """Send the credential at once: a request without it first would count as a refused login for each repository."""
    if secret is None:
        return ()
    base, token = secret
    return ((f"http.{base}/.extraHeader", f"Authorization: {basic(token).reveal()}"),)
