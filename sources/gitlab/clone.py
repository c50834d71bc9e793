"""Git jobs for projects, and the responses to them: the second lane of the GitLab source.

A request of this lane has a path below the instance and a job in its body. Target folder and credential belong to the
transport: neither is ever in a request.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urlsplit

from engine.common.errors import BadBody, SourceError
from engine.model.source import Avoided, Memory, Page, Record, Request, Response
from sources.common.file_names import is_reserved
from sources.common.json_values import Row, at, instant, integer, stamp, text
from sources.common.links import same_origin
from sources.gitlab.options import GitLabOptions
from sources.gitlab.rows import number

LONGEST: Final = 120
"""Bytes of one folder name: with the paths git makes inside, the total stays below the limits of file systems."""
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\/\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]')
_GIT: Final = re.compile(r"\.git[. ]*\Z|git~[0-9]+\Z|\.fetchdeck\Z", re.IGNORECASE)
BARE: Final = ".git"
GIT: Final = "git"
SETTLED: Final = frozenset({"ok", "empty"})
ANSWERED: Final = frozenset({403, 404, 409, 422})
"""Statuses with which the git transport reports a fault of one repository."""
ACTIVITY_STEP: Final = timedelta(hours=1)
"""GitLab updates `last_activity_at` at most once an hour, so a push within an hour after an update does not show.

Source: app/models/event.rb, RESET_PROJECT_ACTIVITY_INTERVAL.
"""
_SSH: Final = re.compile(
    r"(?:ssh://)?(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*)(?::[0-9]{1,5}/|:|/)[!-~]+\Z"
)
_PATH: Final = re.compile(r"/[A-Za-z0-9_~.+%/-]+\Z")


# Folder names made of group and project names, whatever those contain. Pure.


def folder(value: Any, options: GitLabOptions) -> str:
    """Return the folder of a project's repository, relative to the target; "" where the project has no path."""
    full = text(value, "path_with_namespace") or ""
    parts = full.split("/")
    if options.naming == "name":
        names = (text(value, "name_with_namespace") or "").split(" / ")
        parts = names if len(names) == len(parts) else parts
    if not full.strip("/ ."):
        return ""
    return "/".join(map(segment, parts)) + (BARE if options.update == "mirror" else "")


def segment(name: str) -> str:
    """Return a folder name that every file system accepts and that leads nowhere else."""
    plain = _FORBIDDEN.sub("_", name.encode("utf-8", errors="replace").decode()).rstrip(". ").lstrip(" ")
    if not plain or is_reserved(plain) or _GIT.match(plain) or plain.startswith("-"):
        plain = f"_{plain}"
    if len(plain.encode()) <= LONGEST:
        return plain
    digest = blake2b(name.encode("utf-8", errors="replace"), digest_size=6).hexdigest()
    return f"{plain.encode()[: LONGEST - 14].decode(errors='ignore')}~{digest}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about a project's repository."""

    request: Request | None = None
    records: tuple[Record, ...] = ()
    avoided: tuple[Avoided, ...] = ()
    note: str = ""


def plan(row: Row, options: GitLabOptions, memory: Memory) -> Plan:
    """Decide whether git is needed for a project, and for what."""
    value, project_id = row.value, number(row.value, "id")
    if not options.clone or project_id is None:
        return Plan()
    place, before = folder(value, options), memory.rows("clone", [(project_id,)]).get((project_id,), {})
    if text(value, "repository_access_level") == "disabled":
        return _without(project_id, place, "disabled", "the repository is switched off", memory)
    if _is_current(value, place, before, options, memory):
        # A shared project is in several lists but would be fetched once, so it is counted in none.
        saved = Avoided(1, "no activity since the repository was fetched")
        return Plan() if at(value, "shared_with_groups") else Plan(avoided=(saved,))
    url, ssh = address(value, options)
    if not url or not place:
        return _without(project_id, place, "refused", "its address or its path is none that git may be given", memory)
    job = {
        "project": project_id,
        "folder": place,
        "was": text(before, "path") or "",
        "how": options.update,
        "ssh": ssh,
        "branch": text(value, "default_branch") or "",
        "empty": integer(value, "empty_repo"),
        "submodules": options.submodules,
        "depth": options.depth,
        "fail_fast": options.fail_fast,
    }
    context = {"kind": GIT, "id": project_id, "activity": text(value, "last_activity_at")}
    return Plan(request=_request(f"git {project_id}", url, job, context))


def address(value: Any, options: GitLabOptions) -> tuple[str, str]:
    """Return a repository's path below the instance, and its ssh address for protocol "ssh"; ("", "") where refused.

    A repository on another host than the API's is refused. With `rewrite_links` the host in GitLab's addresses is
    ignored and only the path counts.
    """
    root, url = options.instance_url, text(value, "http_url_to_repo") or ""
    if options.protocol == "ssh":
        ssh = text(value, "ssh_url_to_repo") or ""
        found = _SSH.match(ssh)
        allowed = {options.host, options.ssh_host or options.host}
        path = f"/{text(value, 'path_with_namespace') or ''}.git"
        return (path, ssh) if found and found["host"] in allowed and _PATH.match(path) else ("", "")
    if options.rewrite_links:
        try:
            path = urlsplit(url).path
        except ValueError:
            return "", ""
        path = path.removeprefix(urlsplit(root).path)
    else:
        path = url.removeprefix(root) if url.startswith(f"{root}/") and same_origin(url, root) else ""
    return (path, "") if _PATH.match(path) and ".." not in path.split("/") else ("", "")


def landed(request: Request, response: Response, options: GitLabOptions, memory: Memory) -> Page:
    """Turn git's response into the clone's row. A refused repository is tried once more at the end, and then fails.

    Raises:
        BadBody: it is no response of the git transport.
        SourceError: a clone failed and `fail_fast` is on.
    """
    said, job = response.json(), request.json
    project_id, state = number(request.context, "id"), text(said, "state")
    if project_id is None or not isinstance(job, dict) or not state:
        raise BadBody(f"{request.key}: not an answer of git's transport")
    message = text(said, "message") or ""
    if response.status >= 400 and options.fail_fast:
        raise SourceError(f"gitlab: stopped by fail_fast, for git failed at {job.get('folder')}: {message}")
    data: dict[str, Any] = {
        "project_id": project_id,
        "state": state,
        "note": message or text(said, "did"),
        "updated_at": stamp(memory.started),
    }
    if response.status >= 400:
        again = _request(f"{request.key} again", request.url, job, {**request.context, "again": True}, priority=9)
        note = f"git {job.get('folder')}: {message}; asked once more at the end"
        return Page(records=[Record(table="clone", data=data, raw=response.body)], more=[again], note=note)
    data |= {name: text(said, name) for name in ("path", "head", "branch")}
    data |= {
        "bytes": integer(said, "bytes"),
        "activity": text(request.context, "activity"),
        "how": text(job, "how"),
    }
    did = text(said, "did") or ""
    note = f"git {job.get('folder')}: {did}" if did in {"reset", "moved"} else ""
    return Page(records=[Record(table="clone", data=data, raw=response.body)], note=note)


def _without(project_id: int, place: str, state: str, note: str, memory: Memory) -> Plan:
    data = {"project_id": project_id, "state": state, "note": note, "updated_at": stamp(memory.started)}
    return Plan(records=(Record(table="clone", data=data),), note=f"git {place or project_id}: {note}")


def _is_current(value: Any, place: str, before: Mapping[str, Any], options: GitLabOptions, memory: Memory) -> bool:
    activity = text(value, "last_activity_at")
    same = (before.get("path"), before.get("activity"), before.get("how")) == (place, activity, options.update)
    moment, fetched = instant(activity), instant(text(before, "updated_at"))
    if memory.full or not same or before.get("state") not in SETTLED or moment is None or fetched is None:
        return False
    return _later(moment) <= fetched


def _later(moment: datetime) -> datetime:
    return moment + ACTIVITY_STEP if moment.year < 9999 else moment


def _request(key: str, url: str, job: Any, context: Mapping[str, Any], priority: int = 0) -> Request:
    """Make a git request. Each repository is a route of its own, as the time of one says nothing about another."""
    return Request(key=key, url=url, via="git", resource=GIT, route=key, context=context, json=job, priority=priority)
