"""The icon set: one SVG a name under `resources/icons`, recoloured by token when it is loaded."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio.core.paths import resource
from studio.ui import theme


def icon(name: str, color: str = "text", checked: str = "accent") -> QIcon:
    """An icon in the colour token `color`, in `checked` while its button is on.

    It is drawn when it is looked at, so in the colours in force then, and as sharp as the screen.

    Raises:
        FileNotFoundError: There is no icon of that name.
    """
    resource("icons", f"{name}.svg").stat()
    return QIcon(_Tinted(name, color, checked))


class _Tinted(QIconEngine):
    """Draws one icon in a token's colour."""

    def __init__(self, name: str, color: str, checked: str) -> None:
        super().__init__()
        self._name, self._color, self._checked = name, color, checked

    def clone(self) -> QIconEngine:
        return _Tinted(self._name, self._color, self._checked)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint(painter, self._name, QRectF(rect), self._token(mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        return pixmap(self._name, self._token(mode, state), size.width(), scale)

    def _token(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        if mode is QIcon.Mode.Disabled:
            return "line_strong"
        return self._checked if state is QIcon.State.On else self._color


@theme.cached
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


@theme.cached
def _renderer(name: str, color: str) -> QSvgRenderer:
    text = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    value = theme.colour(color).name()
    return QSvgRenderer(QByteArray(text.replace("currentColor", value).encode()))
