"""What the File menu does: the dialogs around opening, saving, importing and exporting."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from studio.core import paths
from studio.domain.track import TrackId
from studio.ui.bindings import Bindings
from studio.ui.dialogs import clean_up, missing
from studio.ui.dialogs.ask import NameDialog, Question
from studio.ui.tr import tr
from studio.workspace.studio import Studio

AUDIO_SUFFIXES = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".opus", ".mp3")
MIDI_SUFFIXES = (".mid", ".midi")
SONG_SUFFIX = ".tutti"


class SongFiles(QObject):
    """Answers for the `files.` rows of the action table."""

    def __init__(self, studio: Studio, window: QWidget) -> None:
        super().__init__(window)
        self._studio = studio
        self._window = window
        self._then: Callable[[], object] | None = None  # what a save was asked for
        self._bindings = Bindings()
        self._bindings.connect(studio.files.needs_name, self.save_as)
        self._bindings.connect(studio.files.failed, self._forget)
        self._bindings.connect(studio.song.state_changed, self._on_state)
        self._bindings.connect(studio.cleaning.found, partial(clean_up.offer, studio, window))
        self._bindings.connect(studio.cleaning.moved, partial(clean_up.tell_moved, studio))

    def release(self) -> None:
        self._bindings.release()

    # -- opening ------------------------------------------------------------------------------
    def new(self) -> None:
        self.leaving(self._studio.files.new)

    def open(self) -> None:
        found = QFileDialog.getExistingDirectory(
            self._window, tr("Open a song folder"), str(paths.songs())
        )
        if found:
            self.open_path(Path(found))

    def open_path(self, path: Path) -> None:
        """Open a song, asking about unsaved work first; other files are imported."""
        if path.suffix == SONG_SUFFIX or path.is_dir() or path.name == "project.json":
            self.leaving(lambda: self._studio.files.open(path))
        else:
            self.import_paths([path])

    def fill_recent(self, menu: QMenu) -> None:
        """Make `menu` list the songs opened last."""
        menu.clear()
        for path in self._studio.files.recent:
            menu.addAction(path.stem).triggered.connect(partial(self.open_path, path))
        if not menu.actions():
            menu.addAction(tr("None yet")).setEnabled(False)

    # -- saving -------------------------------------------------------------------------------
    def save(self) -> None:
        self._studio.files.save()

    def save_as(self) -> None:
        folder = self._studio.files.folder
        start = folder.parent if folder is not None else paths.songs()
        name = self._studio.files.name or _first_words(self._studio)
        dialog = NameDialog(self._window, name, start, self._studio.files.save_as)
        dialog.rejected.connect(self._forget)
        dialog.open()

    @property
    def must_ask(self) -> bool:
        """Whether there is work that leaving the song would lose."""
        return self._studio.files.unsaved_work and bool(self._studio.song.project.sources)

    def leaving(self, then: Callable[[], object]) -> None:
        """Call `then` once unsaved work is saved or given up; a Cancel calls nothing."""
        if not self.must_ask:
            then()
            return
        name = self._studio.files.name or tr("this song")
        question = Question(
            self._window,
            tr("Save the changes to {name}?", name=name),
            tr("Without saving, what you did since the last save is gone."),
            [
                (tr("Save"), "accent", lambda: self._save_then(then)),
                (tr("Don't save"), "", lambda: self._discard_then(then)),
                (tr("Cancel"), "", self._forget),
            ],
        )
        question.open()

    def _save_then(self, then: Callable[[], object]) -> None:
        self._then = then
        self.save()

    def _discard_then(self, then: Callable[[], object]) -> None:
        self._studio.files.discard_changes()
        then()

    def _on_state(self) -> None:
        if self._then is not None and not self._studio.song.dirty:
            then, self._then = self._then, None
            then()

    def _forget(self, error: object = None) -> None:
        self._then = None

    def find_missing(self) -> None:
        """Show which recordings are missing, and let them be located."""
        missing.offer(self._studio, self._window)

    def clean_up(self) -> None:
        self._studio.cleaning.look()

    # -- import and export --------------------------------------------------------------------
    def import_files(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in (*MIDI_SUFFIXES, *AUDIO_SUFFIXES))
        found, _ = QFileDialog.getOpenFileNames(
            self._window,
            tr("Import MIDI or audio"),
            str(Path.home()),
            f"{tr('Music')} ({patterns})",
        )
        self.import_paths([Path(name) for name in found])

    def import_paths(
        self, files: list[Path], track: TrackId | None = None, tick: int | None = None
    ) -> None:
        """Import at `tick`, by default at the playhead."""
        if files:
            at = self._studio.playback.position_tick if tick is None else tick
            start = self._studio.song.project.tempo
            self._studio.exchange.import_paths(files, track, start.bar_start(start.bar_at(at)))

    def export(self) -> None:
        from studio.ui.dialogs.export import ExportDialog  # loads the renderer and its effects

        ExportDialog(self._studio, self._window).open()

    def export_again(self) -> None:
        """As the last time; the first time it asks."""
        if self._studio.exchange.can_export_again:
            self._studio.exchange.export_again()
        else:
            self.export()


def can_import(path: Path) -> bool:
    """Whether a dropped file is music this studio reads."""
    return path.suffix.lower() in (*MIDI_SUFFIXES, *AUDIO_SUFFIXES)


def _first_words(studio: Studio) -> str:
    """A name to begin with: the first words of the newest prompt."""
    for entry in studio.takes.entries:
        words = entry.take.request.prompt.split(",")[0].split()
        if words:
            return " ".join(words[:5]).capitalize()
    return ""
