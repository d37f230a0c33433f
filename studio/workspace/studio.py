"""The open studio: the song and everything that works on it, wired together once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QObject, Signal

from studio.ai import registry
from studio.ai.catalogue import ModelCard
from studio.ai.client import WorkerClient
from studio.ai.generate import Generate
from studio.ai.requests import Request, Task
from studio.audio.client import EngineClient
from studio.core import paths, settings
from studio.core.errors import StudioError
from studio.core.settings import Settings
from studio.jobs.queue import Context, JobQueue, Lane
from studio.media.store import MediaStore
from studio.workspace.arming import Arming
from studio.workspace.audition import Audition
from studio.workspace.bouncing import Bouncing
from studio.workspace.carrying import Carrying
from studio.workspace.cleaning import Cleaning
from studio.workspace.exchange import Exchange
from studio.workspace.files import Files
from studio.workspace.generation import Generation
from studio.workspace.landing import Landing
from studio.workspace.latency import LatencyMeasure, with_latency
from studio.workspace.listening import Listening
from studio.workspace.main_thread import MainThread
from studio.workspace.missing import Missing
from studio.workspace.painting import Painting
from studio.workspace.playback import Playback
from studio.workspace.presets import Presets
from studio.workspace.recording import Recording
from studio.workspace.selection import Selection
from studio.workspace.song import Song
from studio.workspace.stems import Stems
from studio.workspace.takes import Takes
from studio.workspace.transcribing import Transcribing
from studio.workspace.transcripts import Transcripts
from studio.workspace.turns import Turn, Turns
from studio.workspace.understanding import Understanding


@dataclass(frozen=True, slots=True)
class KeepSettings:
    """Write the preferences down."""

    settings: Settings
    title: ClassVar[str] = "Keep the preferences"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> None:
        try:
            settings.save(self.settings, paths.settings_file())
        except OSError as error:
            raise StudioError(
                f"The preferences could not be written: {error.strerror}.",
                "They hold until you quit.",
            ) from error


class Studio(QObject):
    """What a view is given: the parts of the workspace by name.

    Signals:
        notice(level, message, hint): A sentence for the musician; level is `error`, `warning` or
            `info`.
        settings_changed(): A preference is another one.
    """

    notice = Signal(str, str, str)
    settings_changed = Signal()

    def __init__(self, run_dir: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        paths.remove_stale_runs()
        self._run_dir = run_dir or paths.run_dir()
        self._run_dir.mkdir(parents=True, exist_ok=True)
        self.settings = settings.load(paths.settings_file())
        self.jobs = JobQueue(MainThread(self))
        self._turns = Turns(self.jobs)
        self.presets = Presets(self._turns.add, self.tell, self)
        self.engine = EngineClient()
        self.worker = WorkerClient(self._run_dir)
        self.song = Song(self)
        self.selection = Selection(self.song, self)
        self.takes = Takes(self.song, self)
        self.files = Files(self.song, self.takes, self.jobs, self)
        self.cleaning = Cleaning(self.song, self.takes, self.files, self)
        self.exchange = Exchange(self.song, self.takes, self.jobs, self.files, self)
        self.bouncing = Bouncing(self.song, self.selection, self.takes, self.jobs, self.files, self)
        self.carrying = Carrying(self.song, self.takes, self.jobs, self.files, self)
        self.missing = Missing(self.song, self.takes, self.jobs, self.files, self)
        self.playback = Playback(self.song, self.jobs, self.engine, self._media, self)
        self._make_recording()
        self.generation = Generation(
            self.song,
            self.selection,
            self.takes,
            self.jobs,
            lambda request: Generate(request, self.worker),
            self,
        )
        self.stems = Stems(
            self.song,
            self.takes,
            self.jobs,
            lambda request: Generate(request, self.worker),
            self._media,
            self,
        )
        self.listening = Listening(
            self.song,
            self.selection,
            self.takes,
            self.jobs,
            lambda request: Generate(request, self.worker),
            self._media,
            self,
        )
        self.painting = Painting(self.song, self.takes, self.jobs, self._work, self._media, self)
        self.painting.answer_again()
        self.audition = Audition(self.song, self.playback, self.jobs, self._media, self)
        self.transcribing = self._transcribing()
        self.transcripts = Transcripts(
            self.song, self.takes, self.jobs, self._work, self._media, self
        )
        self.understanding = Understanding(self.jobs, self.worker, self)
        self._warmed: ModelCard | None = None  # what was loaded ahead
        self._connect()

    def start(self) -> None:
        """Open a fresh song, start the engine, and get the worker ready."""
        self.files.most_backups = self.settings.backups
        self.files.start(self.settings.recent_songs, self.settings.autosave_seconds)
        self.engine.start(
            self._run_dir / "engine",
            self.settings.audio_device,
            self.song.project.sample_rate,
            self.settings.block_frames,
        )
        self.playback.start()
        if self.settings.metronome:
            self.playback.set_metronome(True)
        self._warm_model()
        self.generation.settings_changed.connect(self._warm_model)

    def close(self) -> None:
        """End everything; what was not saved stays where the next start finds it."""
        self.latency.close()
        self.recording.close()
        self.playback.close()
        self.generation.cancel()
        self.stems.cancel()
        self.painting.cancel()
        self.audition.stop()
        self.bouncing.cancel()
        self.listening.cancel()
        self.transcribing.cancel()
        self.transcripts.cancel()
        self.worker.close()
        self.jobs.close()
        self.files.close()
        self._turns.finish()
        self.engine.close()
        shutil.rmtree(self._run_dir, ignore_errors=True)

    def set_settings(self, chosen: Settings) -> None:
        """Take over preferences and write them down."""
        before, self.settings = self.settings, chosen
        self._turns.add(Turn(lambda: KeepSettings(self.settings), on_failed=self.tell, must=True))
        if (before.audio_device, before.block_frames) != (chosen.audio_device, chosen.block_frames):
            self.engine.set_device(chosen.audio_device, chosen.block_frames)
        self.files.set_autosave(chosen.autosave_seconds)
        self.arming.refresh()
        self.settings_changed.emit()

    def tell(self, error: StudioError) -> None:
        self.notice.emit("error", error.message, error.hint)

    def _make_recording(self) -> None:
        self.arming = Arming(
            self.song, self.selection, self.playback, self.engine, lambda: self.settings, self
        )
        self.landing = Landing(self.song, self.files, self)
        self.recording = Recording(
            self.song,
            self.files,
            self.playback,
            self.arming,
            self.landing,
            self.jobs,
            self.engine,
            lambda: self.settings,
            self,
        )
        self.latency = LatencyMeasure(self.arming, self.playback, self.engine, self)

    def _transcribing(self) -> Transcribing:
        return Transcribing(
            self.song,
            self.selection,
            self.takes,
            self.listening,
            self.jobs,
            self._work,
            self._media,
            lambda: self.generation.settings,
            self,
        )

    def _work(self, request: Request) -> Generate:
        return Generate(request, self.worker)

    def _media(self) -> MediaStore:
        return self.files.media

    def _connect(self) -> None:
        for part in (
            self.song,
            self.missing,
            self.arming,
            self.recording,
            self.latency,
            self.generation,
            self.stems,
            self.painting,
            self.audition,
            self.bouncing,
            self.carrying,
            self.listening,
            self.transcribing,
            self.transcripts,
            self.files,
            self.exchange,
            self.cleaning,
        ):
            part.failed.connect(self.tell)
        self.playback.failed.connect(self._tell_unheard)
        self.missing.returned.connect(self.playback.reload)
        self.takes.logged.connect(self.files.log_take)
        self.files.recents_changed.connect(self._remember_songs)
        self.files.opened.connect(self.playback.reload)
        self.listening.noted.connect(self.notice)
        self.latency.found.connect(self._keep_latency)
        self.landing.noted.connect(lambda message, hint: self.notice.emit("info", message, hint))
        self.files.noted.connect(lambda message, hint: self.notice.emit("info", message, hint))
        self.generation.overlay_changed.connect(self._hear_overlay)

    def _tell_unheard(self, error: StudioError) -> None:
        """Say what is not heard; of recordings that are missing, `missing` tells."""
        self.missing.look(lambda: self.tell(error))

    def _keep_latency(self, frames: int) -> None:
        self.set_settings(with_latency(self.settings, self.playback.state, frames))

    def _remember_songs(self, recent: tuple[str, ...]) -> None:
        self.set_settings(replace(self.settings, recent_songs=recent))

    def _warm_model(self) -> None:
        """Have the model that will most likely write next loaded ahead."""
        chosen = self.generation.settings.model
        card = registry.card(chosen) if chosen else registry.default_for(Task.COMPOSE)
        if card != self._warmed:
            self._warmed = card
            self.worker.warm(card)

    def _hear_overlay(self) -> None:
        overlay, preview = self.generation.overlay, self.generation.preview()
        if overlay is None or preview is None:
            self.playback.set_preview(None)
        else:
            written = (overlay.result.written_until, overlay.gap.end)
            self.playback.set_preview(preview, written)
