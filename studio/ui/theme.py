"""Design tokens, and the palette, fonts and style sheet that are made from them.

Every colour, distance and type size of the window is named here once. `apply` puts one of the two
sets of colours in force, at any time: Qt then tells every widget that its style has changed, and
what was drawn ahead of that with `cached` is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from string import Template
from typing import ParamSpec, TypeVar, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from studio.core.paths import resource

P = ParamSpec("P")
R = TypeVar("R")


class Choice(StrEnum):
    """What the musician can choose between."""

    DARK = "dark"
    LIGHT = "light"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Colours:
    """One set of colours, each as `#rrggbb`.

    Attributes:
        name: What the pictures in `resources/themes` that are made for it are called after.
        canvas: Behind notes and clips.
        panel: Bars and side panels.
        raised: Cards, fields and buttons on a panel.
        hover: Raised, under the pointer; also pressed and menu rows.
        line, line_strong: Between surfaces, and where a line is looked for (bar lines, handles).
        edge: The outline that alone says that something is a control: 3:1 on every surface.
        text, text_2, text_3: Text of falling weight; each has 4.5:1 on every surface.
        accent, accent_hover, accent_surface, on_accent: The one accent, what lies behind things
            that are switched on, and text on the accent itself.
        good, record, warn: Meters and success, recording and errors, warnings.
        key_white, key_black: Piano keys.
        row_scale, row_root, row_out: Piano-roll rows in the key, on its root, and outside it.
        spectrum: The colour map of spectrograms, dark or light where it is quiet.
        over, under: Lines over any colour of that map, and what parts them from it.
        tracks: Eight colours that colour-blind users can tell apart.
    """

    name: str
    canvas: str
    panel: str
    raised: str
    hover: str
    line: str
    line_strong: str
    edge: str
    text: str
    text_2: str
    text_3: str
    accent: str
    accent_hover: str
    accent_surface: str
    on_accent: str
    good: str
    record: str
    warn: str
    key_white: str
    key_black: str
    row_scale: str
    row_root: str
    row_out: str
    spectrum: str
    over: str
    under: str
    tracks: tuple[str, ...]


# Every token in the dark set and, beside it, in the light one.
_PAIRS = {
    "canvas": ("#121418", "#fcfcfd"),
    "panel": ("#181b20", "#f3f4f7"),
    "raised": ("#20242b", "#ffffff"),
    "hover": ("#2a2f38", "#e6e9ee"),
    "line": ("#2b3038", "#dde0e6"),
    "line_strong": ("#3d444f", "#bcc3ce"),
    "edge": ("#747d8c", "#7d8694"),
    "text": ("#e8eaf0", "#1a1d23"),
    "text_2": ("#a3acba", "#4b5361"),
    "text_3": ("#8d97a7", "#5c6573"),
    "accent": ("#ff9a5c", "#b3480c"),
    "accent_hover": ("#ffae7c", "#963a06"),
    "accent_surface": ("#3a2a20", "#fdeadd"),
    "on_accent": ("#20140b", "#ffffff"),
    "good": ("#5ac8a0", "#0c7a58"),
    "record": ("#d5705e", "#bf3a28"),
    "warn": ("#e6c35a", "#8a6100"),
    "key_white": ("#d9dde6", "#ffffff"),
    "key_black": ("#1c2026", "#333942"),
    "row_scale": ("#171a20", "#fcfcfd"),
    "row_root": ("#1a2530", "#e4eefa"),
    "row_out": ("#131519", "#eff1f5"),
    "spectrum": ("inferno", "CET-L17"),
    "over": ("#ffffff", "#000000"),
    "under": ("#000000", "#ffffff"),
}
_TRACK_PAIRS = (
    ("#56b4e9", "#1b8ae0"),
    ("#e69f00", "#bf8500"),
    ("#3cb08f", "#0d6b4b"),
    ("#cb68a8", "#8f4480"),
    ("#d5705e", "#d2583a"),
    ("#a7b0bd", "#6f7f9e"),
    ("#5b8def", "#2f4fd8"),
    ("#e8cf62", "#675f0e"),
)


def _set(index: int, name: str) -> Colours:
    tracks = tuple(pair[index] for pair in _TRACK_PAIRS)
    return Colours(name, tracks=tracks, **{token: pair[index] for token, pair in _PAIRS.items()})


DARK, LIGHT = _set(0, "dark"), _set(1, "light")

SPACE = 4  # every distance is a multiple of it, px
PADDING = 4 * SPACE  # inside panels
GAP = 2 * SPACE  # between controls
RADIUS = 6
RADIUS_SMALL = 4
RADIUS_LARGE = 8
CONTROL_HEIGHT = 32
ICON = 16
TEXT_PX = 13
LABEL_PX = 11
TINY_PX = 10  # what stands beside marks: levels on a fader, names on keys
LARGE_PX = 16
TITLE_PX = 28

UI_FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")
MONO_FAMILIES = ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Noto Sans Mono", "DejaVu Sans Mono")


_in_force = DARK
_forget: list[Callable[[], object]] = []


def colours() -> Colours:
    """The colours in force."""
    return _in_force


def cached(made: Callable[P, R]) -> Callable[P, R]:
    """Keep what a function made of the colours in force, until others are."""
    kept = cache(made)
    _forget.append(kept.cache_clear)
    return cast("Callable[P, R]", kept)


@cached
def colour(name: str, alpha: float = 1.0) -> QColor:
    """A token as a colour; `alpha` from 0 (clear) to 1. Do not change the one returned."""
    return _with_alpha(QColor(getattr(colours(), name)), alpha)


@cached
def track_colour(index: int, alpha: float = 1.0) -> QColor:
    """The colour of a track whose `color` is `index`. Do not change the one returned."""
    return _with_alpha(QColor(track_hex(index)), alpha)


def track_hex(index: int) -> str:
    """The colour of a track as `#rrggbb`."""
    tracks = colours().tracks
    return tracks[index % len(tracks)]


@cached
def ink_on(fill: str) -> str:
    """The token of what can be read on `fill` (`#rrggbb`): `text` or `canvas`."""
    ground = QColor(fill)
    return max("text", "canvas", key=lambda ink: contrast(colour(ink), ground))


def contrast(a: QColor, b: QColor) -> float:
    """From 1 (equal) to 21 (black on white), as WCAG 2.1 defines it."""
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


@cache
def mixed(first: str, second: str, share: float) -> QColor:
    """`first` with `share` (0-1) of `second`, both as `#rrggbb`."""
    a, b = QColor(first), QColor(second)
    channels = zip(a.getRgb()[:3], b.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(x + (y - x) * share) for x, y in channels))


@cache
def ui_font(px: int = TEXT_PX, weight: int = 400, spacing: float = 0.0) -> QFont:
    """The text font; `weight` 100-900, `spacing` in px between letters."""
    font = QFont(list(UI_FAMILIES))
    font.setPixelSize(px)
    font.setWeight(QFont.Weight(weight))
    if spacing:
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spacing)
    return font


@cache
def mono_font(px: int = TEXT_PX, weight: int = 400) -> QFont:
    """The font of numbers: every digit is as wide as the next."""
    font = QFont(list(MONO_FAMILIES))
    font.setPixelSize(px)
    font.setWeight(QFont.Weight(weight))
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def apply(app: QApplication, choice: str = Choice.DARK) -> None:
    """Dress the whole application; dressing it again in the same colours costs nothing.

    Args:
        choice: One of `Choice`; anything else counts as dark.
    """
    global _in_force  # noqa: PLW0603 - one application, one dress
    wanted = LIGHT if _is_light(app, choice) else DARK
    sheet = style_sheet(wanted)
    if wanted is _in_force and app.styleSheet() == sheet:
        return
    _in_force = wanted
    for forget in _forget:
        forget()
    if not app.styleSheet():
        app.setStyle("Fusion")
        app.setFont(ui_font())
    app.setPalette(palette(wanted))
    app.setStyleSheet(sheet)


def _is_light(app: QApplication, choice: str) -> bool:
    """Also has the system draw the window's frame to match, where it can."""
    hints = app.styleHints()
    scheme = {
        Choice.LIGHT: Qt.ColorScheme.Light,
        Choice.SYSTEM: Qt.ColorScheme.Unknown,
    }.get(choice, Qt.ColorScheme.Dark)  # type: ignore[call-overload]
    hints.setColorScheme(scheme)
    if choice == Choice.SYSTEM:
        return hints.colorScheme() is Qt.ColorScheme.Light
    return choice == Choice.LIGHT


def palette(chosen: Colours) -> QPalette:
    """What Qt draws by itself (menus, dialogs, selections) in the same colours."""
    made = QPalette()
    role = QPalette.ColorRole
    for part, value in {
        role.Window: chosen.panel, role.WindowText: chosen.text, role.Base: chosen.raised,
        role.AlternateBase: chosen.hover, role.Text: chosen.text, role.Button: chosen.raised,
        role.ButtonText: chosen.text, role.BrightText: chosen.text, role.Highlight: chosen.accent,
        role.HighlightedText: chosen.on_accent, role.ToolTipBase: chosen.hover,
        role.ToolTipText: chosen.text, role.PlaceholderText: chosen.text_3,
        role.Link: chosen.accent, role.Mid: chosen.line, role.Dark: chosen.canvas,
        role.Light: chosen.hover, role.Shadow: chosen.canvas, role.Accent: chosen.accent,
    }.items():  # fmt: skip
        made.setColor(part, QColor(value))
    for part in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, part, QColor(chosen.line_strong))
    return made


def style_sheet(chosen: Colours) -> str:
    """The one style sheet, filled from the tokens."""
    template = resource("themes", "studio.qss").read_text(encoding="utf-8")
    names = {name: str(value) for name, value in asdict(chosen).items() if name != "tracks"}
    sizes = {
        "radius": f"{RADIUS}px", "radius_small": f"{RADIUS_SMALL}px",
        "radius_large": f"{RADIUS_LARGE}px", "text_px": f"{TEXT_PX}px",
        "label_px": f"{LABEL_PX}px", "large_px": f"{LARGE_PX}px", "padding": f"{PADDING}px",
        "tiny_px": f"{TINY_PX}px", "title_px": f"{TITLE_PX}px",
        "check_icon": resource("themes", f"check_{chosen.name}.svg").as_posix(),
        "mono": ", ".join(f'"{family}"' for family in MONO_FAMILIES),
    }  # fmt: skip
    return Template(template).substitute(names | sizes)


def _with_alpha(made: QColor, alpha: float) -> QColor:
    made.setAlphaF(alpha)
    return made


def _luminance(color: QColor) -> float:
    parts = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
