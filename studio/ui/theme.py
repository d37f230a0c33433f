"""Design tokens, and the palette, fonts and style sheet that are made from them.

Every colour, distance and type size of the window is named here once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from studio.core.paths import resource


@dataclass(frozen=True, slots=True)
class Colours:
    """One set of colours, each as `#rrggbb`.

    Attributes:
        canvas: Behind notes and clips.
        panel: Bars and side panels.
        raised: Cards, fields and buttons on a panel.
        hover: Raised, under the pointer; also pressed and menu rows.
        line, line_strong: Between surfaces, and where a line carries meaning (bar lines, handles).
        text, text_2, text_3: Text of falling weight; each has 4.5:1 on every surface.
        accent, accent_hover, accent_surface, on_accent: The one accent, what lies behind things
            that are switched on, and text on the accent itself.
        good, record, warn: Meters and success, recording and errors, warnings.
        key_white, key_black: Piano keys.
        row_scale, row_root, row_out: Piano-roll rows in the key, on its root, and outside it.
        tracks: Eight colours that colour-blind users can tell apart.
    """

    canvas: str = "#121418"
    panel: str = "#181b20"
    raised: str = "#20242b"
    hover: str = "#2a2f38"
    line: str = "#2b3038"
    line_strong: str = "#3d444f"
    text: str = "#e8eaf0"
    text_2: str = "#a3acba"
    text_3: str = "#8791a1"
    accent: str = "#ff9a5c"
    accent_hover: str = "#ffae7c"
    accent_surface: str = "#3a2a20"
    on_accent: str = "#20140b"
    good: str = "#5ac8a0"
    record: str = "#d5705e"
    warn: str = "#e6c35a"
    key_white: str = "#d9dde6"
    key_black: str = "#1c2026"
    row_scale: str = "#171a20"
    row_root: str = "#1a2530"
    row_out: str = "#131519"
    tracks: tuple[str, ...] = (
        "#56b4e9", "#e69f00", "#3cb08f", "#cc79a7", "#d5705e", "#8f9bb0", "#5b8def", "#e6c35a",
    )  # fmt: skip


DARK = Colours()

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
LARGE_PX = 16
TRANSITION_MS = 120

UI_FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")
MONO_FAMILIES = ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Noto Sans Mono", "DejaVu Sans Mono")


def colours() -> Colours:
    """The colours in force."""
    return DARK


@cache
def colour(name: str, alpha: float = 1.0) -> QColor:
    """A token as a colour; `alpha` from 0 (clear) to 1. Do not change the one returned."""
    return _with_alpha(QColor(getattr(colours(), name)), alpha)


@cache
def track_colour(index: int, alpha: float = 1.0) -> QColor:
    """The colour of a track whose `color` is `index`. Do not change the one returned."""
    tracks = colours().tracks
    return _with_alpha(QColor(tracks[index % len(tracks)]), alpha)


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


def apply(app: QApplication) -> None:
    """Dress the whole application; dressing it again costs nothing."""
    sheet = style_sheet(colours())
    if app.styleSheet() == sheet:
        return
    app.setStyle("Fusion")
    app.setFont(ui_font())
    app.setPalette(palette(colours()))
    app.setStyleSheet(sheet)


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
        "check_icon": resource("icons", "check.svg").as_posix(),
        "mono": ", ".join(f'"{family}"' for family in MONO_FAMILIES),
    }  # fmt: skip
    return Template(template).substitute(names | sizes)


def has_fonts() -> bool:
    """Whether the fonts the design was made with are installed."""
    return UI_FAMILIES[0] in QFontDatabase.families()


def _with_alpha(made: QColor, alpha: float) -> QColor:
    made.setAlphaF(alpha)
    return made
