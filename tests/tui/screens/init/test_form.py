"""The form of `fetchdeck init` under Pilot."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from engine.config.settings import load_settings
from tests.test_docs import declared
from tests.tui import fakes
from tests.tui.fakes import SIZES, lines, settle, text
from tui.app.app import FetchdeckApp
from tui.init.draft import Draft
from tui.screens.frame import Frame
from tui.screens.init.form import Addresses, Form
from tui.screens.init.review import Review, compared
from tui.wiring.builder import Wiring
from tui.wiring.registry import GROUP, Registry

GITHUB = "sources.github.source:GitHub"
MINE = '# mine\n[sources.github]\norgs = ["psf"] # psf!\n'


class Sitting:
    """The form before a person, and whether they have written."""

    def __init__(self, folder: Path, *, keyring: str = "", text: str = "", **environ: str) -> None:
        self.file = folder / "config.toml"
        if text:
            self.file.write_text(text)
        wiring = Wiring(
            settings=load_settings(self.file),
            registry=declared(),
            environ=environ,
            version="1",
            database=folder / "rows.db",
        )
        self.draft = Draft(file=self.file, registry=declared(), wiring=wiring)
        self.app: FetchdeckApp = fakes.app(opening=self._form)
        self._keyring = keyring
        self.taken: list[str] = []

    def _form(self, frame: Frame) -> Form:
        addresses = Addresses(lambda text: text.partition("?")[0] if "://" in text else "", self.taken.append)
        return Form(frame, self.draft, keyring=self._keyring, done=self._done, addresses=addresses)

    def _done(self) -> None:
        self.draft.write()
        self.app.exit(0)


async def typed(pilot: Pilot[int], answer: str) -> None:
    """Open the line under the cursor, clear it, type, and go on."""
    await settle(pilot, "enter", "ctrl+u", *(_key(letter) for letter in answer), "enter")


def _key(letter: str) -> str:
    return {"/": "slash", ",": "comma", " ": "space", "-": "minus", ".": "full_stop"}.get(letter, letter)


async def test_a_newcomer_writes_a_file_that_works(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "j", "space")
        assert "nothing to fetch: set orgs" in text(sitting.app)
        await settle(pilot, "j")
        await typed(pilot, "psf, python")
        assert "psf, python" in text(sitting.app)
        await settle(pilot, "w")
        assert '+ orgs = ["psf", "python"]' in text(sitting.app)
        assert not sitting.file.exists()
        await settle(pilot, "y")

    settings = load_settings(sitting.file)
    assert settings.sources["github"].own == {"orgs": ["psf", "python"]}
    assert settings.database == tmp_path / "rows.db"


async def test_a_pasted_address_is_taken_only_after_a_question_that_hides_its_secret(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)
    address = "https://api.example.org/v1/books?api_key=s3cret9"

    async with sitting.app.run_test(size=(100, 24), notifications=True, tooltips=True) as pilot:
        sitting.app.screen.post_message(events.Paste(address))
        await settle(pilot)
        assert "leave the form, and ask https://api.example.org/v1/books once" in text(sitting.app)
        assert "s3cret9" not in text(sitting.app)
        await settle(pilot, "n")
        assert sitting.taken == []
        sitting.app.screen.post_message(events.Paste("ydw"))  # no address, and never keys
        await settle(pilot)
        assert "once" not in text(sitting.app)
        sitting.app.screen.post_message(events.Paste(address))
        await settle(pilot, "y")

    assert sitting.taken == [address]


async def test_a_wrong_answer_says_why_and_can_be_mended(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "j", "space", "j", "j", "j", "j")
        await typed(pilot, "20x4")
        assert 'got "20x4", want a whole number' in text(sitting.app)
        await settle(pilot, "backspace", "backspace", "2", "4", "enter")

    assert sitting.draft.part("github").answers == {"year": 2024}


async def test_what_cannot_run_is_not_written(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "w")
        assert "choose a source first" in text(sitting.app)
        await settle(pilot, "j", "space", "G", "w")
        assert "github cannot run yet: nothing to fetch" in text(sitting.app)
        assert not isinstance(sitting.app.screen, Review)


async def test_what_the_file_says_is_shown_and_stays(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, text=MINE)

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        assert "psf" in text(sitting.app)
        await settle(pilot, "j", "space")
        assert "only you take it out" in text(sitting.app)
        await settle(pilot, "j", "j")
        await typed(pilot, "gvanrossum")
        await settle(pilot, "w", "y")

    assert sitting.file.read_text() == MINE + (
        '# logins of people, all of whose repositories count\nusers = ["gvanrossum"]\n'
    )


async def test_a_file_that_somebody_else_changed_is_not_overwritten(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, text=MINE)
    sitting.draft.part("github").answers["year"] = 2024
    sitting.file.write_text(MINE + "year = 2023\n")

    with pytest.raises(Exception, match="was changed meanwhile; nothing is written"):
        sitting.draft.write()

    assert sitting.file.read_text() == MINE + "year = 2023\n"


async def test_a_token_is_typed_unseen_for_the_keyring(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, keyring="Memory", text=MINE)

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, *"jjjjjj")
        assert "enter types one for the keyring (Memory)" in text(sitting.app)
        await settle(pilot, "enter", *"s3cret")
        assert "s3cret" not in text(sitting.app)
        assert "******" in text(sitting.app)
        await settle(pilot, "enter")
        assert "typed just now; it goes into the keyring" in text(sitting.app)

    token = sitting.draft.part("github").token
    assert token is not None
    assert token.reveal() == "s3cret"
    assert "s3cret" not in sitting.draft.result()


async def test_a_token_with_a_blank_in_it_is_refused(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, keyring="Memory", text=MINE)

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, *"jjjjjj", "enter", *"a b".replace(" ", "_"), "left", "space", "enter")
        assert "holds characters no token has" in text(sitting.app)

    assert sitting.draft.part("github").token is None


async def test_without_a_keyring_a_file_can_be_named(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, text=MINE)

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, *"jjjjjj")
        assert "there is no keyring here: set FETCHDECK_GITHUB_TOKEN" in text(sitting.app)
        await typed(pilot, "github-token")

    assert 'token_file = "github-token"' in sitting.draft.result()


async def test_a_token_that_is_found_is_said(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, text=MINE, GITHUB_TOKEN="s3cret")

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True):
        assert "token from GITHUB_TOKEN" in text(sitting.app)
        assert "s3cret" not in text(sitting.app)


async def test_a_switch_is_turned_by_enter(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)
    part = sitting.draft.part("pr0gramm")

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, *"jjj", "space", *"jjjj", "enter")
        assert part.answers == {"details": False}
        await settle(pilot, "enter")
        assert part.answers == {"details": True}


async def test_another_database_can_be_named(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, text=MINE)

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "g")
        await typed(pilot, "other.db")

    assert 'database = "other.db"' in sitting.draft.result()


async def test_leaving_with_answers_asks_first(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path)

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "j", "space", "q")
        assert "leave without writing? y/N" in text(sitting.app)
        await settle(pilot, "n", "q", "y")

    assert sitting.app.return_value == 0
    assert not sitting.file.exists()


async def test_the_review_scrolls_and_goes_back(tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, text=MINE + "# more\n" * 40)
    sitting.draft.part("github").answers["year"] = 2024

    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "w")
        assert "your file, with what is new" in lines(sitting.app)[0]
        before = text(sitting.app)
        await settle(pilot, "G")
        assert text(sitting.app) != before
        await settle(pilot, "escape")
        assert isinstance(sitting.app.screen, Form)


def test_the_review_marks_what_comes_and_goes() -> None:
    assert compared("a\nb\n", "a\nc\n") == [(" ", "a"), ("-", "b"), ("+", "c")]


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_form_fits_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    sitting = Sitting(tmp_path, text=MINE)

    async with sitting.app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await settle(pilot, "j", "j", "enter", "x", "enter", "w", "escape")

        assert all(len(line) <= size[0] for line in lines(sitting.app))


async def test_the_picker_leads_to_it(tmp_path: Path) -> None:
    asked: list[bool] = []
    app = fakes.app(picker=True, set_up=lambda: asked.append(True), greeting="nothing configured yet: i sets it up")

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        assert "nothing configured yet: i sets it up" in lines(app)[0]
        await settle(pilot, "i")

    assert asked == [True]


async def test_where_it_cannot_be_done_the_picker_does_not_offer_it() -> None:
    app = fakes.app(picker=True)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        assert "set up" not in lines(app)[-1]
        await settle(pilot, "i")
        assert app.is_running


def test_a_strangers_source_that_is_broken_is_left_out(tmp_path: Path) -> None:
    registry = Registry([EntryPoint("broken", "no.such.module:Source", GROUP), EntryPoint("github", GITHUB, GROUP)])
    wiring = Wiring(settings=load_settings(tmp_path / "c.toml"), registry=registry, environ={}, version="1")

    draft = Draft(file=tmp_path / "c.toml", registry=registry, wiring=wiring)

    assert [part.name for part in draft.parts] == ["github"]
