"""Themes: the shipped ones can be read by everybody, the person's own are checked and named."""

from itertools import combinations
from math import dist
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from engine.common.errors import ConfigError
from tui.app.themes import DEFAULT, ThemeLibrary, read, shipped
from tui.widgets.rows import Ground, Tone
from tui.widgets.theme_styles import backgrounds, inks, of_theme, tones, without_colour

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


def test_there_is_a_theme_for_every_pair_of_eyes_and_every_terminal() -> None:
    found = {theme.name: theme for theme in map(read, FILES)}

    assert sorted(found) == [
        *("contrast", "daylight", "deuteranopia", "ember", "midnight", "mono", "paper", "terminal", "tritanopia")
    ]
    assert {name for name, theme in found.items() if not theme.dark} == {"daylight", "paper"}
    assert {name for name, theme in found.items() if theme.ansi} == {"terminal"}
    assert DEFAULT in found


def test_the_theme_without_hues_has_none() -> None:
    colours = set(inks(read(shipped() / "mono.toml")).values())

    assert all(colour.r == colour.g == colour.b for colour in colours)


# Machado, Oliveira, Fernandes: A Physiologically-based Model for Simulation of Color Vision Deficiency (2009), table 1.
EYES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def seen(colour: Color, eyes: str) -> tuple[float, float, float]:
    """CIE L*a*b* (D65) of a colour as these eyes see it."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    mixed = [min(1.0, max(0.0, sum(a * b for a, b in zip(line, parts, strict=True)))) for line in EYES[eyes]]
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(a * b for a, b in zip(line, mixed, strict=True)) for line in to_xyz]
    x, y, z = (
        (part / white) ** (1 / 3) if part / white > 0.008856 else 7.787 * part / white + 16 / 116
        for part, white in zip(xyz, (0.95047, 1.0, 1.08883), strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize(
    ("name", "eyes"),
    [("deuteranopia", "deuteranopia"), ("deuteranopia", "protanopia"), ("tritanopia", "tritanopia")],
)
def test_well_waiting_and_failed_look_different_to_the_eyes_a_theme_is_for(name: str, eyes: str) -> None:
    colours = tones(read(shipped() / f"{name}.toml"))

    for one, other in combinations((Tone.GOOD, Tone.WARN, Tone.BAD), 2):
        assert dist(seen(colours[one], eyes), seen(colours[other], eyes)) > 25, (one, other)


# What the sixteen colours are on most terminals: https://en.wikipedia.org/wiki/ANSI_escape_code#Colors
SIXTEEN = {
    "xterm": "#000000 #cd0000 #00cd00 #cdcd00 #0000ee #cd00cd #00cdcd #e5e5e5"
    " #7f7f7f #ff0000 #00ff00 #ffff00 #5c5cff #ff00ff #00ffff #ffffff",
    "vga": "#000000 #aa0000 #00aa00 #aa5500 #0000aa #aa00aa #00aaaa #aaaaaa"
    " #555555 #ff5555 #55ff55 #ffff55 #5555ff #ff55ff #55ffff #ffffff",
}


def shown(colour: Color, terminal: str) -> Color:
    return colour if colour.ansi is None else Color.parse(SIXTEEN[terminal].split()[colour.ansi])


@pytest.mark.parametrize("terminal", SIXTEEN)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_of_a_shipped_theme_can_be_read(path: Path, terminal: str) -> None:
    theme = read(path)
    grounds = backgrounds(theme)

    for (tone, name), ink in inks(theme).items():
        least = 1.2 if tone is Tone.RULE else 3.0 if tone is Tone.SPARK else 4.5
        assert contrast(shown(ink, terminal), shown(grounds[name], terminal)) >= least, (tone, name)


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
        ('primary = "ansi_puce"', "primary = 'ansi_puce' is no colour"),
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


def test_a_theme_that_breaks_keeps_what_it_was(tmp_path: Path) -> None:
    path = write(tmp_path, 'primary = "#123456"')
    shelf = ThemeLibrary([tmp_path, tmp_path / "absent"])
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
