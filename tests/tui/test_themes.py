"""Themes: the shipped ones can be read by everybody, the person's own are checked and named."""

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from engine.errors import ConfigError
from tui.themes import DEFAULT, Shelf, read, shipped
from tui.widgets.palette import backgrounds, of_theme, tones, without_colour
from tui.widgets.rows import Ground, Tone

FILES = sorted(shipped().glob("*.toml"))


def luminance(colour: Color) -> float:
    """Relative luminance as WCAG 2.2 defines it: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_two_dark_themes_a_light_one_and_one_of_high_contrast_are_shipped() -> None:
    found = [read(path) for path in FILES]

    assert [theme.name for theme in found] == ["contrast", "ember", "midnight", "paper"]
    assert [theme.dark for theme in found] == [True, True, True, False]
    assert DEFAULT in {theme.name for theme in found}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_of_a_shipped_theme_can_be_read(path: Path) -> None:
    theme = read(path)

    for tone, ink in tones(theme).items():
        for name, ground in backgrounds(theme).items():
            least = 1.2 if tone is Tone.RULE else 3.0 if tone is Tone.SPARK else 4.5
            assert contrast(ink, ground) >= least, (tone, name)


def test_high_contrast_is_higher_than_that() -> None:
    theme = read(shipped() / "contrast.toml")
    grounds = backgrounds(theme)

    assert all(contrast(ink, grounds[Ground.BASE]) >= 7 for ink in tones(theme).values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("primary = ", "no theme can be read"),
        ('primry = "#fff"', "unknown field 'primry'"),
        ('secondary = "#fff"', "'primary' is missing"),
        ('primary = "bluish"', "primary = 'bluish' is no colour"),
        ("primary = 3", "primary = 3 is no colour"),
        ('primary = "#fff"\ndark = "yes"', "dark = 'yes' must be true or false"),
        ('primary = "#fff"\ntext_alpha = true', "text_alpha = True must be a number"),
        ('primary = "#fff"\nname = "My Theme"', "name = 'My Theme'"),
        ('primary = "#fff"\nvariables = 3', "variables is a table"),
        ('primary = "#fff"\n[variables]\ndeck-bar = "x"', "variables.deck-bar = 'x' is no colour"),
    ],
)
def test_a_wrong_theme_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        read(path)

    assert said in str(caught.value)
    assert "mine.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_theme_is_named_after_its_file_unless_it_says_so(tmp_path: Path) -> None:
    assert read(write(tmp_path, 'primary = "#8ab"')).name == "mine"
    assert read(write(tmp_path, 'primary = "#8ab"\nname = "other"')).name == "other"


def test_a_theme_of_one_colour_is_enough(tmp_path: Path) -> None:
    palette = of_theme(read(write(tmp_path, 'primary = "#88aabb"')))

    assert palette.style(Tone.TITLE, Ground.BASE).color is not None


def test_the_shelf_goes_round(tmp_path: Path) -> None:
    write(tmp_path, 'primary = "#8ab"')
    shelf = Shelf([tmp_path])

    assert shelf.reload() == []

    assert [shelf.after(name) for name in ("contrast", "midnight", "mine", "paper")] == [
        *("ember", "mine", "paper", "contrast")
    ]


def test_a_theme_that_breaks_keeps_what_it_was(tmp_path: Path) -> None:
    path = write(tmp_path, 'primary = "#123456"')
    shelf = Shelf([tmp_path, tmp_path / "absent"])
    shelf.reload()

    path.write_text('primary = "nothing"', encoding="utf-8")
    problems = shelf.reload()

    assert len(problems) == 1
    assert shelf.themes["mine"].primary == "#123456"


def test_without_colour_no_style_has_any() -> None:
    styles = without_colour().styles.values()

    assert all(style.color is None and style.bgcolor is None for style in styles)
    assert without_colour().style(Tone.TEXT, Ground.CURSOR).reverse


def test_a_light_theme_without_a_background_is_light() -> None:
    ground = backgrounds(Theme(name="x", primary="#004488", dark=False))[Ground.BASE]

    assert luminance(ground) > 0.8
