"""Names of files and folders that are made of names from outside."""

import re
from typing import Final

_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?\Z", re.IGNORECASE)


def is_reserved(name: str) -> bool:
    """Return whether a name stands for a device on Windows, whatever its ending, so that no file can have it there.

    The folder may be on a disk or a share that Windows reads too. The names are listed in
    https://learn.microsoft.com/windows/win32/fileio/naming-a-file.
    """
    return _RESERVED.match(name) is not None
