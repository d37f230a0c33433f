"""The keys beside the notes: they name rows, sound when pressed, and light up as they play."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.canvas.layers import Canvas
from studio.ui.piano_roll.note_keys import NoteKeys
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.tr import tr

WIDTH, DRUMS_WIDTH = 62, 104
BLACK_SHARE = 0.62
_BLACK = frozenset((1, 3, 6, 8, 10))
NAME_FROM_PX = 9.0


def _white() -> QColor:
    return theme.colour("key_white")


def is_black(pitch: int) -> bool:
    return pitch % 12 in _BLACK


class Keyboard(Canvas):
    """Piano keys, or the names of a drum kit."""

    def __init__(self, view: RollView, keys: NoteKeys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self._keys = keys
        self._lit: frozenset[int] = frozenset()
        self._pressed: int | None = None
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Keys"))
        self.setAccessibleDescription(tr("Press a key to hear it"))
        self.bindings = Bindings()
        connect, studio = self.bindings.connect, view.studio
        connect(view.rows.changed, self.invalidate_grid)
        connect(view.opened, self.fit)
        connect(view.shown_changed, self.fit)
        connect(view.habits_changed, self.invalidate_grid)
        connect(studio.playback.moved, self.light)
        connect(studio.playback.playing_changed, self.light)
        self.fit()

    @property
    def drums(self) -> bool:
        track = self.view.track
        return track is not None and track.is_drums

    def fit(self) -> None:
        """Take the width that keys or names need."""
        self.setFixedWidth(DRUMS_WIDTH if self.drums else WIDTH)
        self.invalidate_grid()

    def show_hovered(self, pitch: int | None) -> None:
        """Mark the row that the pointer is on."""
        if pitch != self._hovered:
            self._hovered = pitch
            self.update()

    def light(self) -> None:
        """Light the keys that sound now."""
        lit = self._sounding() if self.view.studio.playback.playing else frozenset()
        if lit != self._lit:
            self._lit = lit
            self.update()

    def _sounding(self) -> frozenset[int]:
        clip, tick = self.view.clip, self.view.studio.playback.position_tick
        if clip is None or not clip.start <= tick < clip.end or clip.muted:
            return frozenset()
        at = tick - clip.shift
        sounds = clip.notes.sounding_in(at, at + 1) & ~clip.notes.muted
        return frozenset(np.unique(clip.notes.pitch[sounds]).tolist())

    # -- drawing ------------------------------------------------------------------------------
    def paint_grid(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme.colour("panel"))
        rows = self.view.rows
        top, bottom = rows.row(0), rows.row(self.height())
        for row in range(top, bottom + 1):
            self._paint_key(painter, rows.pitch(row))
        painter.fillRect(QRectF(self.width() - 1, 0, 1, self.height()), theme.colour("line"))

    def _paint_key(self, painter: QPainter, pitch: int) -> None:
        y, tall = round(self.view.y(pitch)), self.view.rows.row_height
        self._paint_plain(painter, pitch, y, tall)
        letter = self._keys.letter(pitch)
        if letter and tall >= NAME_FROM_PX:
            painter.setFont(theme.mono_font(9, 600))
            ink = "key_white" if is_black(pitch) else "key_black"
            painter.setPen(theme.colour("accent" if self.drums else ink))
            x = self.width() - 20 if self.drums else 7
            painter.drawText(QRectF(x, y, 12, tall), Qt.AlignmentFlag.AlignVCenter, letter)
            painter.setPen(Qt.PenStyle.NoPen)

    def _paint_plain(self, painter: QPainter, pitch: int, y: int, tall: float) -> None:
        if self.drums:
            painter.fillRect(QRectF(0, y - 1, self.width(), 1), theme.colour("line", 0.6))
            self._name(painter, self.view.name(pitch), y, "text_2")
            return
        painter.fillRect(QRectF(0, y, self.width(), self._bottom(pitch) - y), _white())
        folded = self.view.rows.folded
        if is_black(pitch):
            box = QRectF(0, y, self.width() * BLACK_SHARE, self._bottom(pitch) - y)
            painter.fillRect(box, theme.colour("key_black"))
            line = self._bottom(pitch) - 1 if folded else y + tall / 2
            rest = QRectF(box.right(), line, self.width() - box.width(), 1)
            painter.fillRect(rest, theme.colour("line_strong", 0.35))
        elif folded or not is_black(pitch - 1):  # between B and C, and between E and F
            edge = self._bottom(pitch) - 1
            painter.fillRect(QRectF(0, edge, self.width(), 1), theme.colour("line_strong", 0.5))
        if pitch % 12 == 0 or folded:
            self._name(painter, self.view.name(pitch), y, "key_black")

    def _bottom(self, pitch: int) -> int:
        return round(self.view.y(pitch) + self.view.rows.row_height)

    def _name(self, painter: QPainter, name: str, y: float, token: str) -> None:
        tall = self.view.rows.row_height
        if not name or tall < NAME_FROM_PX:
            return
        painter.setFont(theme.ui_font(10) if self.drums else theme.mono_font(9, 500))
        painter.setPen(theme.colour(token))
        side = Qt.AlignmentFlag.AlignLeft if self.drums else Qt.AlignmentFlag.AlignRight
        box = QRectF(8, y, self.width() - 14, tall)
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(Qt.PenStyle.NoPen)

    def paint_overlay(self, painter: QPainter) -> None:
        if self._hovered is not None:
            self._paint_mark(painter, self._hovered, 0.3)
        for pitch in self._lit | ({self._pressed} if self._pressed is not None else frozenset()):
            self._paint_mark(painter, pitch, 1.0)

    def _paint_mark(self, painter: QPainter, pitch: int, alpha: float) -> None:
        track = self.view.track
        share = BLACK_SHARE if is_black(pitch) and not self.drums else 1.0
        y = round(self.view.y(pitch))
        box = QRectF(0, y, self.width() * share - 1, self._bottom(pitch) - y)
        painter.fillRect(box, theme.track_colour(track.color if track else 0, alpha))
        if alpha == 1.0 or is_black(pitch) or pitch % 12 == 0 or self.drums:
            return
        painter.setFont(theme.mono_font(9, 500))
        painter.setPen(theme.colour("key_black"))
        area = QRectF(8, y, self.width() - 14, self.view.rows.row_height)
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, side, self.view.name(pitch))
        painter.setPen(Qt.PenStyle.NoPen)

    # -- playing it ---------------------------------------------------------------------------
    def _press(self, at: QPointF) -> None:
        pitch = self.view.pitch_at(at.y())
        if pitch != self._pressed:
            self._release()
            self._pressed = pitch
            self._sound(pitch, at.x())
            self.update()

    def _release(self) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is not None:
            self._keys.let_go(pressed)
            self.update()

    def _sound(self, pitch: int, x: float) -> None:
        """Louder towards the right end of the key; a key pressed by hand always sounds."""
        self._keys.play(pitch, round(40 + 80 * min(max(x / self.width(), 0.0), 1.0)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._choose(self.view.pitch_at(event.position().y()))
        else:
            self._press(event.position())

    def _choose(self, pitch: int) -> None:
        """Add the notes of a row to those that are selected."""
        selection, notes = self.view.studio.selection, self.view.notes
        selection.set_notes(selection.notes | set(notes.id[notes.pitch == pitch].tolist()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.show_hovered(self.view.pitch_at(event.position().y()))
        pitch = self.view.pitch_at(event.position().y())
        self.setToolTip(self.view.name(pitch))
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._press(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._release()

    def leaveEvent(self, event: QEvent) -> None:
        self.show_hovered(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.view.rows.zoom(1.2 ** (turned / 120), event.position().y())
        else:
            self.view.rows.scroll_by(-turned / 2)
        event.accept()
