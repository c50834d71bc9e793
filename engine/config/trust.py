"""Which configurations may act: those of the person's own folder, and those that the person has allowed.

As direnv does it (https://direnv.net): what was allowed is the file together with what acts in it, so a file that acts
otherwise is asked about anew. Kept in a file of its own, 0600.
"""

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from engine.common.atomic_file import read_owned, write_owned

_FOR_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One value that acts."""

    key: str
    """"sources.github.token_command"."""
    value: str
    """What it says, in one way of writing."""
    does: str
    """What it does, clean: "runs gh auth token"."""


class Trust:
    """What the person has allowed.

    Args:
        kept: the file it is kept in.
        own: the folder of the person's own configuration.
    """

    def __init__(self, kept: Path, own: Path) -> None:
        self._kept = kept
        self._own = own

    def may_act(self, file: Path, acts: Sequence[Act]) -> bool:
        """Whether a configuration may do what it says."""
        if not acts or self.is_own(file):
            return True
        return self._allowed().get(str(file.resolve())) == digest(file, acts)

    def allow(self, file: Path, acts: Sequence[Act]) -> None:
        """Allow a configuration what it does now.

        Raises:
            OSError: that cannot be kept.
        """
        allowed = {path: kept for path, kept in self._allowed().items() if Path(path).exists()}
        write_owned(self._kept, {"allowed": {**allowed, str(file.resolve()): digest(file, acts)}})

    def is_own(self, file: Path) -> bool:
        """Whether a file lies in the person's own folder, is theirs, and only they can write it and its folders."""
        try:
            resolved, folder = file.resolve(), self._own.resolve()
            if not resolved.is_relative_to(folder):
                return False
            above = [each for each in resolved.parents if each.is_relative_to(folder)]
            return all(_is_ours(each.stat()) for each in (resolved, *above))
        except OSError:
            return False

    def _allowed(self) -> dict[str, str]:
        allowed = read_owned(self._kept).get("allowed", {})
        return allowed if isinstance(allowed, dict) else {}


def digest(file: Path, acts: Sequence[Act]) -> str:
    """Return what stands for a file and what acts in it."""
    about = [str(file.resolve()), sorted((act.key, act.value) for act in acts)]
    return hashlib.sha256(msgspec.json.encode(about)).hexdigest()


def _is_ours(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & _FOR_OTHERS
