"""The icon set: one SVG a name under `resources/icons`, recoloured by token when it is loaded."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio.core.paths import resource
from studio.ui import theme

_RATIOS = (1.0, 2.0)


@cache
def icon(name: str, color: str = "text", checked: str = "accent") -> QIcon:
    """An icon in the colour token `color`, in `checked` while its button is on.

    Raises:
        FileNotFoundError: There is no icon of that name.
    """
    made = QIcon()
    states = {
        (QIcon.Mode.Normal, QIcon.State.Off): color,
        (QIcon.Mode.Normal, QIcon.State.On): checked,
        (QIcon.Mode.Disabled, QIcon.State.Off): "line_strong",
    }
    for (mode, state), token in states.items():
        for ratio in _RATIOS:
            made.addPixmap(pixmap(name, token, theme.ICON, ratio), mode, state)
    return made


@cache
def pixmap(name: str, color: str, size: int, ratio: float) -> QPixmap:
    """An icon as pixels: `size` in device-independent px, `ratio` the screen's pixel ratio."""
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _renderer(name, color).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return made


def paint(painter: QPainter, name: str, rect: QRectF, color: str = "text") -> None:
    """Draw an icon into a canvas, sharp at any pixel ratio."""
    _renderer(name, color).render(painter, rect)


@cache
def _renderer(name: str, color: str) -> QSvgRenderer:
    text = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    value = theme.colour(color).name()
    return QSvgRenderer(QByteArray(text.replace("currentColor", value).encode()))
