"""What becomes of rows outside the database: link files, progress, and files set aside."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sources.videos.channels import read_channels
from sources.videos.delivery import Delivery, write_progress

SINCE = 1000.0


class Rows:
    """Stored rows, by table."""

    def __init__(self, channels: Sequence[Mapping[str, Any]], videos: Sequence[Mapping[str, Any]]) -> None:
        self.tables = {"channel": channels, "video": videos}

    def select(
        self, table: str, where: Mapping[str, Any] | None = None, *, above: tuple[str, int] | None = None
    ) -> Iterator[Mapping[str, Any]]:
        found = [row for row in self.tables[table] if all(row[name] == value for name, value in (where or {}).items())]
        if above:
            name, least = above
            found = sorted((row for row in found if (row[name] or 0) > least), key=lambda row: row[name])
        yield from found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "channels"
    made.mkdir()
    (made / "a.toml").write_text('link = "https://x.test/a"\ntarget_folder = "A"\n', encoding="utf-8")
    return made


def channel(path: str = "a.toml", **values: Any) -> dict[str, Any]:
    return {"path": path, "link": "https://x.test/a", "last_index": 0, "last_video": "", "gone": 0,
            "changed_at": SINCE + 1, **values}  # fmt: skip


def video(id: str, index: int | None, path: str = "a.toml") -> dict[str, Any]:
    raw = json.dumps({"id": id, "url": "u", "title": id})
    return {"channel": path, "id": id, "my_index": index, "my_title": f"{index} {id}", "raw": raw}


def deliver(folder: Path, rows: Rows, queue: Path | None = None) -> Sequence[str]:
    work = Delivery(folder=folder, queue=queue or folder / "queue", cookies=Path("/home/me/cookies.txt"))
    return work.run(read_channels(folder), rows, SINCE)


def test_only_numbers_above_the_progress_become_link_files(folder: Path) -> None:
    write_progress(folder / "a.toml", 2, "v2")
    rows = Rows(
        [channel(last_index=4, last_video="v4")], [video("old", None), *(video(f"v{n}", n) for n in range(1, 5))]
    )

    problems = deliver(folder, rows)

    assert problems == []
    assert sorted(file.name for file in (folder / "queue").iterdir()) == ["v3.link", "v4.link"]
    assert (
        json.loads((folder / "queue" / "v4.link").read_text(encoding="utf-8"))["cookies_file"] == "/home/me/cookies.txt"
    )


def test_delivering_again_changes_nothing(folder: Path) -> None:
    rows = Rows([channel(last_index=1, last_video="v1")], [video("v1", 1)])
    deliver(folder, rows)
    link = folder / "queue" / "v1.link"
    link.unlink()

    deliver(folder, rows)

    assert not link.exists()


def test_two_videos_whose_ids_begin_alike_have_a_file_each(folder: Path) -> None:
    ids = ["x" * 20 + "one", "x" * 20 + "two"]
    rows = Rows([channel(last_index=2, last_video=ids[1])], [video(id, n) for n, id in enumerate(ids, start=1)])

    deliver(folder, rows)

    files = sorted((folder / "queue").iterdir())
    assert [json.loads(file.read_text(encoding="utf-8"))["id"] for file in files] == [ids[1], ids[0]]
    assert files[1].name == "x" * 20 + ".link"


def test_one_video_of_two_channels_has_a_file_for_each(folder: Path) -> None:
    (folder / "b.toml").write_text('link = "https://x.test/b"\ntarget_folder = "B"\n', encoding="utf-8")
    channels = [channel(last_index=1, last_video="v"), channel("b.toml", last_index=1, last_video="v")]

    deliver(folder, Rows(channels, [video("v", 1), video("v", 1, "b.toml")]))

    found = {json.loads(file.read_text(encoding="utf-8"))["target_folder"] for file in (folder / "queue").iterdir()}
    assert found == {"A", "B"}


def test_a_link_in_place_of_a_link_file_is_replaced_and_not_followed(folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine", encoding="utf-8")
    queue = folder / "queue"
    queue.mkdir()
    (queue / "v.link").symlink_to(precious)

    deliver(folder, Rows([channel(last_index=1, last_video="v")], [video("v", 1)]))

    assert precious.read_text(encoding="utf-8") == "mine"
    assert not (queue / "v.link").is_symlink()


def test_progress_is_never_lowered(folder: Path) -> None:
    write_progress(folder / "a.toml", 9, "v9")
    before = (folder / "a.toml").read_text(encoding="utf-8")

    deliver(folder, Rows([channel(last_index=4, last_video="v4")], []))

    assert (folder / "a.toml").read_text(encoding="utf-8") == before


def test_a_channel_file_that_is_a_link_stays_one(folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    (folder / "a.toml").rename(real)
    (folder / "a.toml").symlink_to(real)

    write_progress(folder / "a.toml", 3, "v")

    assert (folder / "a.toml").is_symlink()
    assert "last_download_index = 3" in real.read_text(encoding="utf-8")


def test_keys_are_added_above_the_first_table(folder: Path) -> None:
    file = folder / "a.toml"
    file.write_text(
        'link = "@x"\r\ntarget_folder = "t"\r\n\r\n[mine]\r\nlast_video = "kept"\r\n', encoding="utf-8", newline=""
    )

    write_progress(file, 1, "v")

    found = read_channels(folder).good["a.toml"]
    assert (found.last_download_index, found.last_video) == (1, "v")
    assert 'last_video = "kept"' in file.read_text(encoding="utf-8")


def test_a_file_that_broke_meanwhile_is_set_aside_and_its_rows_wait(folder: Path) -> None:
    channels = read_channels(folder)
    (folder / "a.toml").write_text("link = ", encoding="utf-8")
    work = Delivery(folder=folder, queue=folder / "queue", cookies=None)

    problems = work.run(channels, Rows([channel(last_index=1, last_video="v")], [video("v", 1)]), SINCE)

    assert len(problems) == 1
    assert (folder / "a.toml.broken").exists()
    assert not (folder / "queue").exists()


def test_setting_aside_overwrites_nothing(folder: Path) -> None:
    (folder / "a.toml.broken").write_text("older", encoding="utf-8")
    (folder / "a.toml").write_text("link = ", encoding="utf-8")

    deliver(folder, Rows([], []))

    assert (folder / "a.toml.broken").read_text(encoding="utf-8") == "older"
    assert (folder / "a.toml.2.broken").exists()


def test_a_file_named_back_is_not_set_aside_again_before_it_was_asked(folder: Path) -> None:
    rows = Rows([channel(gone=3, changed_at=SINCE - 1)], [])

    assert deliver(folder, rows) == []
    assert (folder / "a.toml").exists()


def test_one_channel_that_cannot_be_delivered_costs_no_other(folder: Path) -> None:
    (folder / "b.toml").write_text('link = "https://x.test/b"\ntarget_folder = "B"\n', encoding="utf-8")
    queue = folder / "queue"
    (queue / "v1.link").mkdir(parents=True)  # no file takes the place of a folder
    channels = [channel(last_index=1, last_video="v1"), channel("b.toml", last_index=1, last_video="v2")]

    problems = deliver(folder, Rows(channels, [video("v1", 1), video("v2", 1, "b.toml")]))

    assert len(problems) == 1
    assert problems[0].startswith("a.toml: its new videos cannot be delivered")
    assert (queue / "v2.link").exists()
