"""The log of one worker, by the number it has in its lane: under Pilot."""

from dataclasses import replace

from tests.tui import fakes
from tests.tui.fakes import FakeControl, lines, settle, text


async def test_the_log_of_one_worker_is_shown_by_its_number_and_escape_shows_all_again() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "W")
        assert "log of worker github/core/" in lines(app)[-1]
        await settle(pilot, "6", "enter")
        page = text(app)
        await settle(pilot, "escape")
        everything = text(app)

    assert "github/core/06" in page
    assert "github/core/11" not in page
    assert "pr0gramm/" in everything


async def test_workers_of_two_lanes_with_one_number_have_logs_of_their_own() -> None:
    control = FakeControl()
    one = control.deck.log[-1]
    said = {"core": "GET /mine", "graphql": "POST /theirs"}
    log = [replace(one, source="github", slot=3, lane=lane, text=text) for lane, text in said.items()]
    control.deck = replace(control.deck, log=tuple(log))
    app = fakes.app(control)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "W", "ctrl+u", *"g/3", "enter")
        theirs = text(app)
        await settle(pilot, "escape", "W", "ctrl+u", "3", "enter")
        both = text(app)

    assert ("/mine" in theirs, "/theirs" in theirs) == (False, True)
    assert ("/mine" in both, "/theirs" in both) == (True, True)


async def test_no_number_is_no_worker_and_enter_does_not_take_it() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "W", *"x[", "enter")
        assert "log of worker github/core/x[" in lines(app)[-1]
        assert "a worker has a number: core/00 is the first" in text(app)
        await settle(pilot, "ctrl+u", *"search/3", "enter")
        assert "search is no lane of github: core, graphql" in text(app)
        await settle(pilot, "escape")
        assert "no lane" not in text(app)
        assert "pr0gramm/" in text(app)


async def test_enter_on_a_worker_shows_its_log_and_escape_all_of_it_again() -> None:
    copies = fakes.Copies()
    app = fakes.app(jobs=fakes.background_jobs(copies=copies))

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "w", "tab", *"jjjjjj", "y")
        await app.workers.wait_for_complete()
        marked = [line for line in lines(app) if "▸core/06" in line]
        await settle(pilot, "enter")
        shown = [line for line in lines(app) if "14:42" in line]
        filtered = app._choice.log.filter.text
        await settle(pilot, "escape")
        after = text(app)

    assert len(marked) == 1
    assert copies.texts[0].startswith("github/core/06 ")
    assert filtered == r"re:github/core/06\b"
    assert shown
    assert all("github/core/06" in line for line in shown)
    assert not app._choice.log.filter
    assert "github/core/11" in after
