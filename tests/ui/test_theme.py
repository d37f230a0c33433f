from __future__ import annotations

import re
from itertools import combinations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from studio.core.paths import RESOURCES
from studio.ui import icons, theme

SURFACES = ("canvas", "panel", "raised", "hover")
ICONS = sorted(path.stem for path in (RESOURCES / "icons").glob("*.svg"))


def luminance(color: QColor) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: QColor, b: QColor) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("text", ["text", "text_2"])
def test_text_can_be_read_on_every_surface(text: str, surface: str) -> None:
    assert contrast(theme.colour(text), theme.colour(surface)) >= 4.5


@pytest.mark.parametrize("surface", ["canvas", "panel", "raised"])
def test_the_faintest_text_can_be_read_where_it_is_used(surface: str) -> None:
    assert contrast(theme.colour("text_3"), theme.colour(surface)) >= 4.5


def test_text_can_be_read_on_the_accent() -> None:
    assert contrast(theme.colour("on_accent"), theme.colour("accent")) >= 4.5
    assert contrast(theme.colour("accent"), theme.colour("accent_surface")) >= 4.5


def test_track_colours_differ_from_each_other() -> None:
    tracks = [QColor(value) for value in theme.colours().tracks]
    for a, b in combinations(tracks, 2):
        apart = abs(a.red() - b.red()) + abs(a.green() - b.green()) + abs(a.blue() - b.blue())
        assert apart > 45


def test_the_style_sheet_leaves_no_token_open(qapp: QApplication) -> None:
    sheet = theme.style_sheet(theme.colours())
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
