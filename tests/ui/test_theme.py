from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from itertools import combinations, product
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

import studio
from studio.core.paths import RESOURCES
from studio.ui import icons, theme
from studio.ui.timeline.clip_painter import _look

SURFACES = ("canvas", "panel", "raised", "hover")
THEMES = pytest.mark.parametrize("theme_", [theme.DARK, theme.LIGHT], ids=lambda made: made.name)
ICONS = sorted(path.stem for path in (RESOURCES / "icons").glob("*.svg"))

# What lies on what, and how much they must differ: 4.5 for text, 3 for what says that something is
# a control or in which state it is (WCAG 2.1, 1.4.3 and 1.4.11).
CONTRASTS: tuple[tuple[tuple[str, ...], tuple[str, ...], float], ...] = (
    (("text", "text_2", "text_3"), (*SURFACES, "accent_surface"), 4.5),
    (("accent", "record", "warn", "good"), ("canvas", "panel", "raised"), 4.5),
    (("accent",), ("accent_surface",), 4.5),
    (("on_accent",), ("accent", "accent_hover", "warn", "good"), 4.5),
    (("key_black",), ("key_white",), 4.5),
    (("text",), ("row_scale", "row_root", "row_out"), 4.5),
    (("edge", "accent", "record", "warn", "good"), SURFACES, 3.0),
    (("over",), ("under",), 4.5),
)
# Between surfaces, or beside what says the same by its shape; and what is no colour.
NOT_READ = {"line", "line_strong", "name", "spectrum"}

# Red, green and blue as people see them who lack one kind of cone (Machado et al. 2009).
LACKING = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "long": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "middle": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "short": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[Callable[[theme.Choice], None]]:
    """Dresses the application; it is dark again after."""
    yield lambda choice: theme.apply(qapp, choice)
    theme.apply(qapp)


def differ(a: str, b: str) -> float:
    return theme.contrast(QColor(a), QColor(b))


@THEMES
def test_all_that_is_read_stands_out_from_what_it_lies_on(theme_: theme.Colours) -> None:
    weak = [
        f"{ink} on {ground}: {differ(getattr(theme_, ink), getattr(theme_, ground)):.2f}"
        for inks, grounds, least in CONTRASTS
        for ink in inks
        for ground in grounds
        if differ(getattr(theme_, ink), getattr(theme_, ground)) < least
    ]
    assert weak == []


def test_every_token_is_looked_at() -> None:
    walked = {name for inks, grounds, _ in CONTRASTS for name in (*inks, *grounds)}
    fields = {field.name for field in dataclasses.fields(theme.Colours)}
    assert fields - walked - NOT_READ == {"tracks"}


@THEMES
def test_tracks_stand_out_and_their_names_can_be_read(
    theme_: theme.Colours, dressed: Callable[[theme.Choice], None]
) -> None:
    dressed(theme.Choice(theme_.name))
    for index, color in enumerate(theme_.tracks):
        assert differ(color, theme_.canvas) >= 3.0
        for muted, selected in product((False, True), repeat=2):
            look = _look(index, muted, selected)
            ground = theme.mixed(theme_.canvas, look.header.name(), look.header.alphaF())
            assert theme.contrast(theme.colour(look.name), ground) >= 4.5, (index, muted, selected)


@THEMES
@pytest.mark.parametrize("lacking", LACKING)
def test_track_colours_differ_to_every_eye(theme_: theme.Colours, lacking: str) -> None:
    """In CIELAB, where 2.3 is a just noticeable difference."""
    seen = [lab(np.array(LACKING[lacking]) @ linear(value)) for value in theme_.tracks]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 10


def linear(value: str) -> npt.NDArray[np.float64]:
    color = QColor(value)
    parts = np.array([color.redF(), color.greenF(), color.blueF()])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / np.array([0.9505, 1, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_a_choice_that_is_not_known_is_dark(dressed: Callable[[theme.Choice], None]) -> None:
    dressed(theme.Choice.LIGHT)
    assert theme.colours() is theme.LIGHT
    dressed("sepia")  # type: ignore[arg-type]
    assert theme.colours() is theme.DARK


def test_following_the_system_goes_light_with_it() -> None:
    """Off screen there is no desktop to ask, so its answers are put in."""
    told: list[Qt.ColorScheme] = []
    for answer in (Qt.ColorScheme.Unknown, Qt.ColorScheme.Dark, Qt.ColorScheme.Light):
        hints = SimpleNamespace(
            colorScheme=lambda answer=answer: answer, setColorScheme=told.append
        )
        desktop = cast(QApplication, SimpleNamespace(styleHints=lambda hints=hints: hints))
        follows = theme._is_light(desktop, theme.Choice.SYSTEM)
        assert follows == (answer is Qt.ColorScheme.Light)
        assert theme._is_light(desktop, theme.Choice.LIGHT)
        assert not theme._is_light(desktop, theme.Choice.DARK)
    assert told[:3] == [Qt.ColorScheme.Unknown, Qt.ColorScheme.Light, Qt.ColorScheme.Dark]


def test_no_colour_is_named_outside_the_theme() -> None:
    """Neither in hex nor by one of Qt's names; a mask may be black or clear."""
    found = []
    for path in sorted((Path(studio.__file__).parent / "ui").rglob("*.py")):
        text = "" if path.name == "theme.py" else path.read_text(encoding="utf-8")
        named = r"#[0-9a-fA-F]{3,8}\b|GlobalColor\.(?!transparent|black)\w+|QColor\(\s*\d"
        found += [f"{path.name}: {match}" for match in re.findall(named, text)]
    sheet = (RESOURCES / "themes" / "studio.qss").read_text(encoding="utf-8")
    assert found + re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", sheet) == []


def test_an_icon_is_tinted_anew_with_the_theme(dressed: Callable[[theme.Choice], None]) -> None:
    made = icons.icon("play")
    seen = {}
    for choice in (theme.Choice.DARK, theme.Choice.LIGHT):
        dressed(choice)
        image = made.pixmap(QSize(16, 16), 2.0).toImage()
        assert image.width() == 32
        seen[choice] = image.pixelColor(12, 16)
        assert seen[choice] == theme.colour("text")
    assert seen[theme.Choice.DARK] != seen[theme.Choice.LIGHT]


@THEMES
def test_the_style_sheet_leaves_no_token_open(theme_: theme.Colours) -> None:
    sheet = theme.style_sheet(theme_)
    assert "$" not in re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)


@pytest.mark.parametrize("name", ICONS)
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_an_icon_is_drawn_in_its_colour_and_sharp(
    name: str, ratio: float, qapp: QApplication
) -> None:
    image = icons.pixmap(name, "accent", theme.ICON, ratio).toImage()
    assert image.width() == round(theme.ICON * ratio)
    wanted = theme.colour("accent")
    solid = [
        color
        for x in range(image.width())
        for y in range(image.height())
        if (color := image.pixelColor(x, y)).alpha() > 100
    ]
    assert solid
    assert all(abs(color.red() - wanted.red()) < 16 for color in solid)


@pytest.mark.parametrize("name", ICONS)
def test_icons_share_one_stroke(name: str) -> None:
    text = (RESOURCES / "icons" / f"{name}.svg").read_text()
    assert 'viewBox="0 0 16 16"' in text
    assert "currentColor" in text
    assert re.findall(r'stroke-width="([\d.]+)"', text)[0] == "1.4"
