"""Track headers: name, colour, mute, solo, and a bar that is both level and meter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from studio.domain.gap import Part
from studio.domain.track import Track, TrackId
from studio.edit.groups import MoveRows, run_of
from studio.edit.mixer import SetMute, SetSolo, SetVolume
from studio.edit.tracks import SetTrack
from studio.ui import icons, theme
from studio.ui.actions import with_key
from studio.ui.bindings import Bindings
from studio.ui.canvas.name_edit import NameEdit
from studio.ui.timeline.input_menu import input_words
from studio.ui.timeline.strip_bar import StripBar
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.tr import tr
from studio.ui.widgets.buttons import text_button
from studio.ui.widgets.levels import level_db

WIDTH = 168
COLOR_BAR = 4
LEFT = 16
TWO_LINES_FROM = 46
BUTTON = 22
ARM_ICON = 14
FOLD_PX = 76  # the most of a group's name
SNOW = 14  # the mark of a frozen track
DRAG_PX = 6


class Header(QWidget):
    """The head of one track."""

    def __init__(self, view: TimelineView, track: Track, parent: QWidget) -> None:
        super().__init__(parent)
        self.view = view
        self._column = parent
        self.track = track
        self.mute = text_button("M", self._mute, kind="small", name=tr("Mute"), checkable=True)
        self.solo = text_button("S", self._solo, kind="small", name=tr("Solo"), checkable=True)
        self.arm = text_button("", self._arm, kind="small", name=tr("Arm"), checkable=True)
        self.arm.setIcon(icons.icon("record", "text_2", "on_accent"))
        self.arm.setIconSize(QSize(ARM_ICON, ARM_ICON))
        self.fold = text_button("", self._fold, kind="link", name=tr("Fold"))
        self.bar = StripBar(tr("Volume"))
        for widget in (self.mute, self.solo, self.arm, self.bar, self.fold):
            widget.setParent(self)
        for button, letter in ((self.mute, "mute"), (self.solo, "solo"), (self.arm, "arm")):
            button.setProperty("letter", letter)
            button.setFixedSize(BUTTON, BUTTON - 2)
        self.bar.moved.connect(
            lambda db: view.studio.playback.set_live(self.track.id, "volume", db)
        )
        self.bar.committed.connect(lambda db: view.do(SetVolume(self.track.id, db)))
        self.setMouseTracking(True)
        self.show_track(track)

    def show_track(self, track: Track) -> None:
        self.track = track
        self._show_group()
        self.mute.setChecked(all(member.muted for member in self._members))
        self.solo.setChecked(all(member.soloed for member in self._members))
        self.mute.setToolTip(tr("Mute {track}", track=self.title))
        self.solo.setToolTip(tr("Solo {track}; with Alt alone", track=self.title))
        self.mute.setAccessibleName(tr("Mute {track}", track=self.title))
        self.solo.setAccessibleName(tr("Solo {track}", track=self.title))
        self.bar.setAccessibleName(tr("Volume of {track}", track=track.name))
        self.bar.set_value(track.volume_db)
        self.arm.setAccessibleName(tr("Arm {track}", track=track.name))
        self.setAccessibleName(self.title)
        self.show_armed()
        self._arrange()
        self.update()

    def _show_group(self) -> None:
        """The first of a group says what the group is called; folded, it stands for them all."""
        track, group = self.track, self.view.members(self.track)
        self._members = self.view.in_row(track)
        self._place_in_group = (track.id == group[0].id, track.id == group[-1].id)
        self.folded = self.view.is_folded(track)
        self.title = track.group if self.folded else track.name
        self.fold.setVisible(bool(track.group) and self._place_in_group[0])
        self.fold.setText(f"▸ {len(group)}" if self.folded else f"▾ {track.group}")
        words = tr("Unfold {group}") if self.folded else tr("Fold {group}")
        self.fold.setAccessibleName(words.format(group=track.group))
        self.fold.setToolTip(words.format(group=track.group))

    def show_armed(self) -> None:
        armed = self.view.studio.arming.is_armed(self.track.id)
        self.arm.setChecked(armed)
        words = with_key(tr("Arm {track} to record", track=self.track.name), ("Shift+R",))
        self.arm.setToolTip(f"{words}\n{input_words(self.view.studio, self.track)}")

    def show_meter(self) -> None:
        """Read the track's level from the engine; while armed, that of its input."""
        studio = self.view.studio
        heard = studio.arming.level(self.track)
        peak = float(studio.playback.meter(self.track.id)[:2].max())
        armed = heard >= peak and studio.arming.is_armed(self.track.id)
        self.bar.show_level(level_db(max(heard, peak)), heard=armed)

    # -- what its controls do -----------------------------------------------------------------
    def _mute(self) -> None:
        ids = frozenset(member.id for member in self._members)
        self.view.do(SetMute(ids, not all(member.muted for member in self._members)))

    def _solo(self) -> None:
        alone = bool(_modifiers() & Qt.KeyboardModifier.AltModifier)
        ids = frozenset(member.id for member in self._members)
        on = not all(member.soloed for member in self._members)
        self.view.do(SetSolo(ids, on, exclusive=alone))

    def _arm(self) -> None:
        arming = self.view.studio.arming
        arming.set_armed(self.track.id, not arming.is_armed(self.track.id))

    def _fold(self) -> None:
        self.view.toggle_fold(self.track.group)

    def rename(self) -> None:
        """Edit the name in place; Return keeps it, Esc does not."""
        area = self._name_box().adjusted(-8, -5, 6, 5)
        said = tr("Name of the group") if self.folded else tr("Name of the track")
        NameEdit(self, area, self.title, said, self._named)

    def _named(self, name: str) -> None:
        if self.folded:
            self.view.rename_group(self.track.group, name)
        else:
            self.view.do(SetTrack(self.track.id, (("name", name),)))

    # -- drawing ------------------------------------------------------------------------------
    def _name_box(self) -> QRect:
        top = 9 if self.height() >= TWO_LINES_FROM else (self.height() - 18) // 2
        right = 10 if self.height() >= TWO_LINES_FROM else 3 * BUTTON + 20
        return QRect(LEFT, top, self.width() - LEFT - right, 18)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        two_lines = self.height() >= TWO_LINES_FROM
        self.fold.adjustSize()
        wide = min(self.fold.sizeHint().width(), FOLD_PX)
        self.fold.setGeometry(self.width() - wide - 6, 8, wide, 20)
        self.fold.setVisible(two_lines and bool(self.track.group) and self._place_in_group[0])
        y = 33 if two_lines else (self.height() - BUTTON + 2) // 2
        x = LEFT if two_lines else self.width() - 3 * BUTTON - 16
        for place, button in enumerate((self.mute, self.solo, self.arm)):
            button.move(x + place * (BUTTON + 4), y)
        self.arm.setVisible(not self.folded)
        self.bar.setVisible(two_lines and not self.folded)
        left = x + 3 * BUTTON + 16
        self.bar.setGeometry(left, y, max(self.width() - left - 12, 8), BUTTON - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            selected = self.track.id in self.view.studio.selection.tracks
            painter.fillRect(self.rect(), theme.colour("raised" if selected else "panel"))
            painter.fillRect(
                0, 0, COLOR_BAR, self.height() - 1, theme.track_colour(self.track.color)
            )
            painter.fillRect(0, self.height() - 1, self.width(), 1, theme.colour("line"))
            font = theme.ui_font(theme.TEXT_PX, 600)
            painter.setFont(font)
            painter.setPen(theme.colour("text_3" if self.track.muted else "text"))
            box = QRectF(self._name_box())
            mode = Qt.TextElideMode.ElideMiddle  # stems differ at their ends
            if selected and self._column.hasFocus():
                painter.setPen(theme.colour("accent"))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -2))
                painter.setPen(theme.colour("text_3" if self.track.muted else "text"))
            self._paint_bracket(painter)
            if not self.fold.isHidden():
                box.setRight(self.fold.x() - 4)
            if self.view.studio.bouncing.is_frozen(self.track) and not self.folded:
                mark = icons.pixmap("freeze", "text_2", SNOW, self.devicePixelRatioF())
                painter.drawPixmap(QPointF(box.right() - SNOW, box.top() + 2), mark)
                box.setRight(box.right() - SNOW - 4)
            name = QFontMetricsF(font).elidedText(self.title, mode, box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_bracket(self, painter: QPainter) -> None:
        """A line beside the heads of a group."""
        if self.track.group:
            first, last = self._place_in_group
            top, bottom = (8 if first else 0), (8 if last or self.folded else 0)
            line = QRectF(COLOR_BAR + 4, top, 2, self.height() - top - bottom)
            painter.fillRect(line, theme.colour("text_3"))


class Headers(QWidget):
    """The column of headers beside the lanes.

    A click selects a track, Ctrl+click adds one, a drag moves it; a double click renames it.

    Signals:
        menu_asked(TrackId | None, QPoint): The context menu is wanted, at a global position.
    """

    menu_asked = Signal(object, QPoint)

    def __init__(self, view: TimelineView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self._heads: dict[TrackId, Header] = {}
        self._ordered: list[Header] = []  # as Tab goes through them
        self._pressed: tuple[TrackId, QPoint] | None = None
        self._target: int | None = None
        self.setFixedWidth(WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Tracks"))
        self.bindings = Bindings()
        self.bindings.connect(view.shown_changed, self.place)
        self.bindings.connect(view.rows.changed, self.place)
        self.bindings.connect(view.studio.selection.changed, self._redraw)
        self.bindings.connect(view.studio.generation.overlay_changed, self.update)
        self.bindings.connect(view.studio.playback.meters_changed, self._show_meters)
        self.bindings.connect(view.studio.arming.changed, self._show_armed)

    def header(self, id: TrackId) -> Header | None:
        """The head of a track that was in sight; None otherwise."""
        return self._heads.get(id)

    def place(self) -> None:
        """Put the heads of the tracks in sight beside their lanes."""
        tracks = {track.id: (row, track) for row, track in enumerate(self.view.tracks)}
        for id in self._heads.keys() - tracks.keys():
            gone = self._heads.pop(id)
            gone.hide()
            gone.deleteLater()
        for id, (row, track) in tracks.items():
            top = round(self.view.rows.y(row))
            bottom = round(self.view.rows.y(row + 1))
            self._place_one(id, track, top, bottom)
        heads = [self._heads[id] for id in tracks if id in self._heads]
        if heads != self._ordered:
            self._ordered = heads
            _order(self, heads)
        self.update()

    def _place_one(self, id: TrackId, track: Track, top: int, bottom: int) -> None:
        head = self._heads.get(id)
        if bottom <= 0 or top >= self.height():
            if head is not None:
                head.hide()
            return
        if head is None:
            head = self._heads[id] = Header(self.view, track, self)
        elif head.track is not track or track.group or head.track.group:
            head.show_track(track)
        head.setGeometry(0, top, self.width(), bottom - top)
        head.show()

    def _redraw(self) -> None:
        for head in self._heads.values():
            head.update()

    def _show_armed(self) -> None:
        for head in self._heads.values():
            head.show_armed()

    def _show_meters(self) -> None:
        for head in self._heads.values():
            if head.isVisible():
                head.show_meter()

    def _track_at(self, at: QPoint) -> Track | None:
        return self.view.track_at(at.y())

    # -- Qt -----------------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.colour("panel"))
            coming = self._coming()
            for row, part in enumerate(coming, len(self.view.tracks)):
                self._paint_coming(painter, part.name, row)
            if not self.view.tracks and self.view.studio.generation.overlay is None:
                self._paint_empty(painter)

    def _coming(self) -> list[Part]:
        """Parts being written that have no track yet; they stand below the tracks."""
        overlay = self.view.studio.generation.overlay
        parts = overlay.result.parts if overlay is not None else ()
        return [part for part in parts if part.track is None]

    def _paint_coming(self, painter: QPainter, name: str, row: int) -> None:
        top, tall = round(self.view.rows.y(row)), round(self.view.rows.row_height)
        painter.fillRect(0, top, COLOR_BAR, tall - 1, theme.track_colour(row, 0.5))
        painter.setPen(theme.colour("text_2"))
        painter.setFont(theme.ui_font(theme.TEXT_PX, 600))
        painter.drawText(QRectF(LEFT, top + 9, self.width() - LEFT, 18), name)

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(theme.colour("text_3"))
        painter.setFont(theme.ui_font(theme.LABEL_PX))
        box = QRectF(self.rect()).adjusted(LEFT, 14, -10, 0)
        words = tr("No tracks yet. Right-click to add one, or drop a file on the right.")
        painter.drawText(box, Qt.TextFlag.TextWordWrap, words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        track = self._track_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton:
            return
        selection = self.view.studio.selection
        ids = tuple(member.id for member in self.view.in_row(track)) if track is not None else ()
        if track is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            kept = tuple(id for id in selection.tracks if id not in ids)
            is_new = track.id not in selection.tracks
            selection.set_tracks((*kept, *ids) if is_new else kept)
            return
        selection.set_tracks(ids)
        if track is not None:
            self._pressed = (track.id, event.position().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        at = event.position().toPoint()
        if self._target is None and abs(at.y() - self._pressed[1].y()) < DRAG_PX:
            return
        self._target = self.view.rows.row(at.y())
        self.view.propose(self._moved(self._pressed[0], self._target))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged = self._target is not None
        self._pressed = self._target = None
        if dragged:
            self.view.commit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        track = self._track_at(event.position().toPoint())
        head = self._heads.get(track.id) if track is not None else None
        if head is not None:
            head.rename()

    def _moved(self, id: TrackId, row: int) -> MoveRows:
        """A track, or a folded group, put where another stands in the song as it is."""
        song = self.view.studio.song.project
        rows = self.view.rows_of(song)
        moving = run_of(song.sources, id) if self.view.is_folded(song.track(id)) else ()
        target = rows[min(row, len(rows) - 1)]
        ids = tuple(track.id for track in moving) or (id,)
        if self.view.is_folded(target) and target.id not in ids:
            group = run_of(song.sources, target.id)
            place = [track.id for track in song.sources].index
            target = group[-1] if place(id) < place(target.id) else group[0]
        return MoveRows(ids, target.id)

    def event(self, event: QEvent) -> bool:
        # While the headers have the focus, arrows choose tracks rather than move clips or notes.
        mine = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_F2, Qt.Key.Key_Escape)
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() in mine:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._target is not None:
            self._pressed = self._target = None
            self.view.drop()
        elif event.key() == Qt.Key.Key_F2:
            chosen = self.view.studio.selection.tracks
            head = self._heads.get(chosen[0]) if chosen else None
            if head is not None:
                head.rename()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        """Select the track above or below."""
        tracks, chosen = self.view.tracks, self.view.studio.selection.tracks
        if not tracks:
            return
        row = self.view.row_of(chosen[0]) if chosen else None
        row = 0 if row is None else min(max(row + by, 0), len(tracks) - 1)
        self.view.studio.selection.set_tracks((tracks[row].id,))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.view.rows.zoom(1.2 ** (event.angleDelta().y() / 120), event.position().y())
        else:
            self.view.rows.scroll_by(-event.angleDelta().y() / 2)
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._redraw()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._redraw()
        super().focusOutEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        track = self._track_at(event.pos())
        if track is not None and track.id not in self.view.studio.selection.tracks:
            self.view.studio.selection.set_tracks((track.id,))
        self.menu_asked.emit(track.id if track is not None else None, event.globalPos())


def _modifiers() -> Qt.KeyboardModifier:
    return QApplication.keyboardModifiers()


def _order(column: QWidget, heads: list[Header]) -> None:
    """Let Tab go down the heads, whenever their tracks were made."""
    before = column
    for head in heads:
        for control in (head.fold, head.mute, head.solo, head.arm, head.bar):
            QWidget.setTabOrder(before, control)
            before = control
