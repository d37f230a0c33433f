"""The main window: where the views lie, and how they follow the studio."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QSplitter, QWidget

from studio.domain.clip import AudioSource, NoteClip
from studio.ui import layout_memory
from studio.ui.actions import Actions
from studio.ui.bindings import Bindings
from studio.ui.dialogs.song_files import SongFiles, can_import
from studio.ui.dock import ROLL, SPECTROGRAM, Dock
from studio.ui.generate.panel import GeneratePanel
from studio.ui.generate.welcome import Welcome
from studio.ui.keys import clicks, keeps
from studio.ui.mixer.track_commands import TrackCommands
from studio.ui.notices import Kind, NoticeBars, WayOut
from studio.ui.status import StatusBar
from studio.ui.takes.panel import TakesPanel
from studio.ui.timeline.timeline import Timeline
from studio.ui.tr import tr
from studio.ui.transport.bar import TransportBar
from studio.ui.transport.commands import TransportCommands
from studio.ui.widgets.boxes import column
from studio.ui.window_commands import WindowCommands, conditions, holds
from studio.workspace.studio import Studio

if TYPE_CHECKING:
    from studio.io.export import Report
    from studio.io.song_folder import Damaged

_SIZE_PX = (1600, 1000)
_LEAST_PX = (1024, 640)
_PANELS_PX = [292, 1020, 288]
_MIDDLE_PX = [430, 460]
_MOST_OFFERS = 2


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
        self.commands = WindowCommands(self)
        self._active: QWidget = self.timeline
        self._pressed_on: QWidget | None = None  # what had the focus when a key went down
        self.actions_ = Actions(self, self._receivers(), conditions(self))
        self.bar = TransportBar(studio, self.actions_)
        self.generate = GeneratePanel(studio, self.actions_)
        self.takes = TakesPanel(studio)
        self.status = StatusBar(studio)
        self._arrange()
        self._add_recent_menu()
        self._bindings = Bindings()
        self._connect()
        self.resize(*_SIZE_PX)
        layout_memory.restore(self, self._splitters)
        self.actions_.refresh()
        self._show_title()
        self._on_note_clip()
        self.timeline.setFocus()

    # -- building -----------------------------------------------------------------------------
    def _arrange(self) -> None:
        middle, sides = QSplitter(Qt.Orientation.Vertical), QSplitter(Qt.Orientation.Horizontal)
        self._splitters = {"middle": middle, "sides": sides}
        middle.addWidget(self.timeline)
        middle.addWidget(self.dock)
        over = QWidget()  # a splitter would take the welcome for one more of its parts
        column(over, 0, 0).addWidget(middle)
        for part in (self.generate, over, self.takes):
            sides.addWidget(part)
        sides.setStretchFactor(1, 1)
        self.generate.setMinimumWidth(272)
        self.takes.setMinimumWidth(220)
        for splitter in (middle, sides):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        sides.setSizes(_PANELS_PX)
        middle.setSizes(_MIDDLE_PX)
        central = QWidget()
        box = column(central, 0, 0)
        box.addWidget(self.bar)
        box.addWidget(sides, 1)
        box.addWidget(self.status)
        self.setCentralWidget(central)
        self.notices.float_over(central, self.status)
        self.welcome = Welcome(self.studio, over)

    def _receivers(self) -> dict[str, Callable[[], object]]:
        studio = self.studio
        tracks = TrackCommands(studio)
        transport = TransportCommands(studio, self.commands.focus_prompt)
        return {
            "files": lambda: self.files,
            "generation": lambda: studio.generation,
            "listening": lambda: studio.listening,
            "playback": lambda: studio.playback,
            "arming": lambda: studio.arming,
            "bouncing": lambda: studio.bouncing,
            "recording": lambda: studio.recording,
            "song": lambda: studio.song,
            "transcribing": lambda: studio.transcribing,
            "tracks": lambda: tracks,
            "transport": lambda: transport,
            "view": lambda: self._active,
            "window": lambda: self.commands,
        }

    def _connect(self) -> None:
        studio, bindings, refresh = self.studio, self._bindings, self.actions_.refresh
        bindings.connect(studio.song.state_changed, refresh)
        bindings.connect(studio.selection.changed, refresh)
        bindings.connect(studio.playback.loop_changed, refresh)
        bindings.connect(studio.playback.metronome_changed, refresh)
        bindings.connect(studio.recording.changed, refresh)
        bindings.connect(studio.takes.jobs_changed, lambda _job: refresh())
        bindings.connect(studio.song.state_changed, self._show_title)
        bindings.connect(studio.song.state_changed, self._name_history)
        bindings.connect(studio.files.opened, self._on_opened)
        bindings.connect(studio.files.damaged, self._offer_version)
        bindings.connect(studio.exchange.exported, self._on_exported)
        bindings.connect(studio.missing.found, self._offer_missing)
        bindings.connect(studio.takes.changed, self._open_first_clip)
        bindings.connect(studio.generation.wanted, self.commands.focus_prompt)
        bindings.connect(studio.notice, self.notices.show_level)
        bindings.connect(studio.selection.note_clip_changed, self._on_note_clip)
        bindings.connect(studio.song.state_changed, self._on_note_clip)
        bindings.connect(self.timeline.clip_opened, self._on_clip_opened)
        bindings.connect(self.dock.full_asked, self.commands.toggle_dock)
        bindings.connect(self.welcome.left, self.timeline.setFocus)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            bindings.connect(application.focusChanged, self._on_focus)

    def _add_recent_menu(self) -> None:
        recent = QMenu(tr("Open recent"), self.bar.menu)
        recent.aboutToShow.connect(lambda: self.files.fill_recent(recent))
        self.bar.menus["File"].insertMenu(self.actions_["save"], recent)

    # -- following ----------------------------------------------------------------------------
    def offer_recovery(self) -> None:
        """Say which songs hold work that was never saved; nothing of it is removed unasked."""
        files = self.studio.files
        for found in files.recoverable[:_MOST_OFFERS]:
            when = found.changed_at.astimezone().strftime("%d %B, %H:%M")
            self.notices.warning(
                tr("“{name}” of {when} was not saved.", name=found.name, when=when),
                tr("The studio kept it for you."),
                [
                    (tr("Recover"), partial(files.recover, found)),
                    (tr("Move to trash"), partial(files.discard_recovery, found)),
                ],
            )

    def _offer_version(self, found: Damaged) -> None:
        text = tr("Open the version of {when}", when=found.version.when)
        act = partial(self.files.leaving, partial(self.studio.files.open_version, found))
        self.notices.show_notice(Kind.ERROR, found.message, found.hint, [(text, act)])

    def _offer_missing(self, sources: tuple[AudioSource, ...]) -> None:
        name, more = sources[0].name or tr("A recording"), len(sources) - 1
        text = tr("The recording “{name}” is missing.", name=name)
        if more:
            text = tr("The recording “{name}” and {n} more are missing.", name=name, n=more)
        self.notices.warning(
            text,
            tr("Their clips are silent."),
            [(tr("Find them…"), self.files.find_missing)],
        )

    def _on_exported(self, report: Report) -> None:
        folder = report.paths[0].parent
        url = QUrl.fromLocalFile(str(folder))
        opening: WayOut = (tr("Open folder"), partial(QDesktopServices.openUrl, url))
        self.notices.info(tr("Exported to {folder}.", folder=folder), [opening])

    def _on_opened(self) -> None:
        self._show_title()
        if self.studio.song.read_only:
            self.notices.warning(
                tr("This song is open elsewhere, so it can only be looked at and heard here."),
                tr("Save it under another name to go on."),
                [(tr("Save as…"), self.files.save_as)],
            )
        self.timeline.zoom_fit()

    def _show_title(self) -> None:
        name = self.studio.files.name or tr("Untitled")
        self.setWindowTitle(f"{name}[*] – Tutti")
        self.setWindowModified(self.studio.song.dirty)

    def _name_history(self) -> None:
        song = self.studio.song
        self.actions_.name("undo", f"{tr('Undo')} {tr(song.undo_label)}".strip())
        self.actions_.name("redo", f"{tr('Redo')} {tr(song.redo_label)}".strip())

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
        if holds(self.timeline, now):
            self._active = self.timeline
        elif holds(self.dock, now):
            self._active = self.dock.current
        elif now is None and self.isActiveWindow():
            self._active.setFocus()  # a field let go: Space plays again

    # -- events -------------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            self._pressed_on = self.focusWidget()
            if keeps(self._pressed_on, event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # A field may have passed the focus on while it took the key: that button was not meant.
        if self.focusWidget() is self._pressed_on and clicks(self._pressed_on, event):
            return
        if event.key() == Qt.Key.Key_Escape:
            self._active.setFocus()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        found = dropped_files(event)
        songs = [path for path in found if not can_import(path)]
        if songs:
            self.files.open_path(songs[0])
        else:
            self.files.import_paths(found)
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.files.must_ask:
            event.ignore()
            self.files.leaving(self.close)
            return
        layout_memory.keep(self, self._splitters)
        self.release()
        event.accept()

    def release(self) -> None:
        """End every connection to the studio; the window shows nothing new after."""
        self._bindings.release()
        for part in (self.bar, self.generate, self.takes, self.status, self.welcome, self.dock):
            part.release()
        self.files.release()


def dropped_files(event: QDropEvent) -> list[Path]:
    """Local music files and song folders of a drag."""
    urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
    found = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return [path for path in found if can_import(path) or path.suffix == ".tutti"]
