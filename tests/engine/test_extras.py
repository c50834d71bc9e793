"""What is not installed is named together with the command that installs it."""

import pytest

from engine.errors import UsageError
from engine.extras import require


def test_what_is_missing_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(UsageError, match=r"yt-dlp is not installed: pip install 'fetchdeck\[videos\]'"):
        require("no_such_module_anywhere", extra="videos", package="yt-dlp")


def test_what_is_there_is_not_imported_and_not_complained_about() -> None:
    require("json", extra="videos", package="json")
