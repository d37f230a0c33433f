"""The main window: where the views lie, and what the actions of the window do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QSettings, Qt, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QSplitter, QWidget

from studio.core import paths
from studio.domain.clip import NoteClip
from studio.ui.actions import Actions
from studio.ui.bindings import Bindings
from studio.ui.dialogs.about import About
from studio.ui.dialogs.key_sheet import KeySheet
from studio.ui.dialogs.palette import Palette
from studio.ui.dialogs.song_files import SongFiles, can_import
from studio.ui.dock import ROLL, SPECTROGRAM, Dock
from studio.ui.generate.panel import GeneratePanel
from studio.ui.generate.welcome import Welcome
from studio.ui.keys import clicks, keeps
from studio.ui.mixer.track_commands import TrackCommands
from studio.ui.notices import NoticeBars
from studio.ui.settings.dialog import Preferences
from studio.ui.status import StatusBar
from studio.ui.takes.panel import TakesPanel
from studio.ui.timeline.timeline import Timeline
from studio.ui.tr import tr
from studio.ui.transport.bar import TransportBar
from studio.ui.transport.commands import TransportCommands
from studio.ui.widgets.boxes import column
from studio.workspace.studio import Studio

_SIZE_PX = (1600, 1000)
_LEAST_PX = (1024, 640)
_PANELS_PX = [292, 1020, 288]
_MIDDLE_PX = [430, 460]


class MainWindow(QMainWindow):
    """One song, one window."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.studio = studio
        self.setMinimumSize(*_LEAST_PX)
        self.setAcceptDrops(True)
        self.files = SongFiles(studio, self)
        self.notices = NoticeBars()
        self.timeline = Timeline(studio)
        self.dock = Dock(studio)
        self._active: QWidget = self.timeline
        self._transport = TransportCommands(studio, self.focus_prompt)
        self._tracks = TrackCommands(studio)
        self.actions_ = Actions(self, self._receivers(), self._conditions())
        self.bar = TransportBar(studio, self.actions_)
        self.generate = GeneratePanel(studio, self.actions_)
        self.takes = TakesPanel(studio)
        self.status = StatusBar(studio)
        self._arrange()
        self._add_recent_menu()
        self._bindings = Bindings()
        self._connect()
        self._restore_layout()
        self.actions_.refresh()
        self._show_title()
        self._on_note_clip()

    # -- building -----------------------------------------------------------------------------
    def _arrange(self) -> None:
        self._middle = QSplitter(Qt.Orientation.Vertical)
        self._middle.addWidget(self.timeline)
        self._middle.addWidget(self.dock)
        self._middle.setChildrenCollapsible(False)
        self._sides = QSplitter(Qt.Orientation.Horizontal)
        over = QWidget()  # a splitter would take the welcome for one more of its parts
        column(over, 0, 0).addWidget(self._middle)
        for part in (self.generate, over, self.takes):
            self._sides.addWidget(part)
        self._sides.setStretchFactor(1, 1)
        self.generate.setMinimumWidth(248)
        self.takes.setMinimumWidth(220)
        for splitter in (self._middle, self._sides):
            splitter.setHandleWidth(1)
        central = QWidget()
        box = column(central, 0, 0)
        box.addWidget(self.bar)
        box.addWidget(self.notices)
        box.addWidget(self._sides, 1)
        box.addWidget(self.status)
        self.setCentralWidget(central)
        self.welcome = Welcome(self.studio, over)

    def _receivers(self) -> dict[str, Callable[[], object]]:
        studio = self.studio
        return {
            "files": lambda: self.files,
            "generation": lambda: studio.generation,
            "playback": lambda: studio.playback,
            "song": lambda: studio.song,
            "tracks": lambda: self._tracks,
            "transport": lambda: self._transport,
            "view": lambda: self._active,
            "window": lambda: self,
        }

    def _conditions(self) -> dict[str, Callable[[], bool]]:
        studio = self.studio
        song, selection, playback = studio.song, studio.selection, studio.playback
        return {
            "always": lambda: True,
            "has_clips": lambda: song.project.end > 0,
            "has_track": lambda: bool(selection.tracks),
            "can_undo": lambda: song.can_undo,
            "can_redo": lambda: song.can_redo,
            "selected": lambda: bool(selection.clips or selection.notes or selection.span),
            "looping": lambda: playback.loop_on,
            "metronome": lambda: playback.metronome,
            "dock_full": self.timeline.isHidden,
            "generate_shown": lambda: not self.generate.isHidden(),
            "takes_shown": lambda: not self.takes.isHidden(),
        }

    def _connect(self) -> None:
        studio, bindings, refresh = self.studio, self._bindings, self.actions_.refresh
        for signal in (
            studio.song.state_changed, studio.selection.changed, studio.playback.loop_changed,
            studio.playback.metronome_changed,
        ):  # fmt: skip
            bindings.connect(signal, refresh)
        bindings.connect(studio.song.state_changed, self._show_title)
        bindings.connect(studio.files.opened, self._on_opened)
        bindings.connect(studio.takes.changed, self._open_first_clip)
        bindings.connect(studio.files.exported, self._on_exported)
        bindings.connect(studio.generation.wanted, self.focus_prompt)
        bindings.connect(studio.notice, self._on_notice)
        bindings.connect(studio.selection.note_clip_changed, self._on_note_clip)
        bindings.connect(self.timeline.clip_opened, self._on_clip_opened)
        bindings.connect(self.dock.full_asked, self.toggle_dock)
        bindings.connect(self.welcome.dismissed, self.timeline.setFocus)
        bindings.connect(QApplication.instance().focusChanged, self._on_focus)  # type: ignore[union-attr]

    def _add_recent_menu(self) -> None:
        recent = QMenu(tr("Open recent"), self.bar.menu)
        recent.aboutToShow.connect(lambda: self.files.fill_recent(recent))
        file_menu = self.bar.menu.actions()[0].menu()
        file_menu.insertMenu(self.actions_["save"], recent)  # type: ignore[attr-defined]

    # -- what the window's actions do ---------------------------------------------------------
    def write(self) -> None:
        """Ask for what the Generate panel describes."""
        self.studio.generation.go()

    def focus_prompt(self) -> None:
        if self.welcome.isVisible():
            self.welcome.field.setFocus()
        else:
            self.generate.show()
            self.generate.focus_prompt()

    def focus_takes(self) -> None:
        self.takes.show()
        self.takes.focus_first()

    def show_tab(self, index: int) -> None:
        self.dock.show_page(index)

    def toggle_dock(self) -> None:
        """The lower half over the whole height, or both halves."""
        self.timeline.setVisible(self.timeline.isHidden())
        self.dock.full.setChecked(self.timeline.isHidden())
        self.actions_.refresh()

    def toggle_generate(self) -> None:
        self.generate.setVisible(self.generate.isHidden())

    def toggle_takes(self) -> None:
        self.takes.setVisible(self.takes.isHidden())

    def next_panel(self) -> None:
        """Move the focus around the window: prompt, timeline, lower half, takes."""
        order: list[tuple[QWidget, Callable[[], object]]] = [
            (self.generate, self.generate.focus_prompt),
            (self.timeline, self.timeline.setFocus),
            (self.dock, self.dock.current.setFocus),
            (self.takes, self.takes.focus_first),
        ]
        shown = [entry for entry in order if entry[0].isVisible()]
        focused = self.focusWidget()
        at = next((i for i, (part, _) in enumerate(shown) if _holds(part, focused)), -1)
        shown[(at + 1) % len(shown)][1]()

    def show_palette(self) -> None:
        Palette(self.actions_, self).open_over(self)

    def show_keys(self) -> None:
        KeySheet(self).open()

    def show_preferences(self) -> None:
        Preferences(self.studio, self).open()

    def show_about(self) -> None:
        About(self).open()

    # -- following ----------------------------------------------------------------------------
    def offer_recovery(self) -> None:
        """Say which songs hold work that was never saved; nothing of it is removed unasked."""
        files = self.studio.files
        for found in files.recoverable[:2]:
            when = found.changed_at.astimezone().strftime("%d %B, %H:%M")
            sentence = tr("“{name}” of {when} was not saved.", name=found.name, when=when)
            self.notices.warning(
                sentence,
                tr("The studio kept it for you."),
                [
                    (tr("Recover"), lambda found=found: files.recover(found)),  # type: ignore[misc]
                    (tr("Move to trash"), lambda found=found: files.discard_recovery(found)),  # type: ignore[misc]
                ],
            )

    def _on_notice(self, level: str, message: str, hint: str) -> None:
        self.notices.show_level(level, message, hint)

    def _on_exported(self, report: object) -> None:
        folder = getattr(report, "folder", None)
        ways: list[tuple[str, Callable[[], object]]] = []
        if folder is not None:
            url = QUrl.fromLocalFile(str(folder))
            ways.append((tr("Open folder"), lambda: QDesktopServices.openUrl(url)))
        self.notices.info(tr("The song was exported."), ways)

    def _on_opened(self) -> None:
        self._show_title()
        self.timeline.zoom_fit()

    def _show_title(self) -> None:
        name = self.studio.files.name or tr("Untitled")
        self.setWindowTitle(f"{name}[*] – Tutti")
        self.setWindowModified(self.studio.song.dirty)

    def _on_note_clip(self) -> None:
        clip = self.studio.selection.note_clip
        found = self.studio.song.project.find_clip(clip) if clip is not None else None
        self.dock.show_roll_name(found[0].name if found is not None else "")

    def _open_first_clip(self) -> None:
        """Show something in the piano roll once a song was written and nothing is open there."""
        selection, project = self.studio.selection, self.studio.song.project
        if selection.note_clip is None:
            found = next((clip for _, clip in project.clips() if isinstance(clip, NoteClip)), None)
            if found is not None:
                selection.set_note_clip(found.id)

    def _on_clip_opened(self, clip: str) -> None:
        audio = self.studio.selection.audio_clip
        self.dock.show_page(SPECTROGRAM if audio is not None else ROLL)

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        """The view that was last in focus is the one that Delete and the like act on."""
        if _holds(self.timeline, now):
            self._active = self.timeline
        elif _holds(self.dock, now):
            self._active = self.dock.current

    # -- keys ---------------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and keeps(self.focusWidget(), event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not clicks(self.focusWidget(), event):
            super().keyPressEvent(event)

    # -- files dropped on the window ----------------------------------------------------------
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        found = _dropped(event)
        songs = [path for path in found if not can_import(path)]
        if songs:
            self.files.open_path(songs[0])
        else:
            self.files.import_paths(found)
        event.acceptProposedAction()

    # -- coming and going ---------------------------------------------------------------------
    def _layout_file(self) -> QSettings:
        return QSettings(str(paths.home() / "window.ini"), QSettings.Format.IniFormat)

    def _restore_layout(self) -> None:
        kept = self._layout_file()
        self.resize(*_SIZE_PX)
        self._sides.setSizes(_PANELS_PX)
        self._middle.setSizes(_MIDDLE_PX)
        if kept.contains("geometry"):
            self.restoreGeometry(kept.value("geometry"))
            self._sides.restoreState(kept.value("sides"))
            self._middle.restoreState(kept.value("middle"))

    def _keep_layout(self) -> None:
        kept = self._layout_file()
        kept.setValue("geometry", self.saveGeometry())
        kept.setValue("sides", self._sides.saveState())
        kept.setValue("middle", self._middle.saveState())

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.studio.files.unsaved_work and self.studio.song.project.sources:
            event.ignore()
            self.files.leaving(self.close)
            return
        self._keep_layout()
        self.release()
        event.accept()

    def release(self) -> None:
        """End every connection to the studio; the window shows nothing new after."""
        self._bindings.release()
        for part in (self.bar, self.generate, self.takes, self.status, self.welcome, self.dock):
            part.release()
        self.files.release()


def _holds(part: QWidget, widget: QWidget | None) -> bool:
    return widget is not None and (part is widget or part.isAncestorOf(widget))


def _dropped(event: QDropEvent) -> list[Path]:
    """Local files and song folders of a drag."""
    urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
    found = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return [path for path in found if can_import(path) or path.suffix == ".tutti"]
