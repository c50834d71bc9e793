"""Turn the names of groups and projects into folders that stay where they belong, whatever the names are. Pure."""

import re
from hashlib import blake2b
from typing import Any, Final

from sources.common.json_values import text
from sources.gitlab.options import GitLabOptions

LONGEST: Final = 120
"""Bytes of one name: with what git makes inside, a path stays below what file systems take."""
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\/\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]')
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?\Z", re.IGNORECASE)
_GIT: Final = re.compile(r"\.git[. ]*\Z|git~[0-9]+\Z|\.fetchdeck\Z", re.IGNORECASE)
BARE: Final = ".git"


def folder(value: Any, options: GitLabOptions) -> str:
    """Return where a project's repository goes below the target folder; "" where the project names no place."""
    full = text(value, "path_with_namespace") or ""
    parts = full.split("/")
    if options.naming == "name":
        names = (text(value, "name_with_namespace") or "").split(" / ")
        parts = names if len(names) == len(parts) else parts
    if not full.strip("/ ."):
        return ""
    return "/".join(map(segment, parts)) + (BARE if options.update == "mirror" else "")


def segment(name: str) -> str:
    """Return a name that every file system takes and that leads nowhere else."""
    plain = _FORBIDDEN.sub("_", name.encode("utf-8", errors="replace").decode()).rstrip(". ").lstrip(" ")
    if not plain or _RESERVED.match(plain) or _GIT.match(plain) or plain.startswith("-"):
        plain = f"_{plain}"
    if len(plain.encode()) <= LONGEST:
        return plain
    digest = blake2b(name.encode("utf-8", errors="replace"), digest_size=6).hexdigest()
    return f"{plain.encode()[: LONGEST - 14].decode(errors='ignore')}~{digest}"
