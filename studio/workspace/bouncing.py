"""Bouncing clips to recordings, and freezing tracks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.domain.clip import AudioSource, Clip
from studio.domain.project import Project
from studio.domain.track import Frozen, Track, TrackId, TrackKind
from studio.edit.bounce import PlaceBounce
from studio.edit.command import Command
from studio.edit.tracks import FreezeTrack
from studio.io.song_folder import SongFolder
from studio.jobs.queue import Context, Job, Lane, Queue
from studio.media.store import MediaStore
from studio.render import alone
from studio.workspace.files import Files
from studio.workspace.selection import Selection
from studio.workspace.song import Song
from studio.workspace.takes import Takes


@dataclass(frozen=True, slots=True)
class Bounce:
    """Render a song of one track from a tick on, until it has rung out, into the media store."""

    song: Project
    start: int
    name: str
    media: MediaStore
    verb: str = "Bounce"
    lane: ClassVar[Lane] = Lane.CPU

    @property
    def title(self) -> str:
        return f"{self.verb} {self.name}"

    def run(self, context: Context) -> AudioSource:
        # What renders is loaded only once it is needed.
        from studio.io.audio_files import write_audio
        from studio.render.offline import render_plan
        from studio.render.plan import compile_song

        def progress(fraction: float) -> None:
            context.check_cancelled()
            context.progress(fraction)

        plan = compile_song(self.song, self.media)
        start = self.song.tempo.frame(self.start, self.song.sample_rate)
        sound = render_plan(plan, start=start, premaster=True, progress=progress)
        self.media.cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="bounce-", dir=self.media.cache) as folder:
            made = Path(folder, "bounce.wav")
            write_audio(made, sound, self.song.sample_rate, bits=32)
            return self.media.adopt(made, f"{self.name}.wav")


class Bouncing(QObject):
    """Renders parts of the song, on the CPU lane; progress shows among the jobs.

    Signals:
        failed(StudioError): Something could not be rendered or put into the song.
    """

    failed = Signal(object)

    def __init__(
        self,
        song: Song,
        selection: Selection,
        takes: Takes,
        jobs: Queue,
        files: Files,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._song, self._selection, self._takes = song, selection, takes
        self._jobs, self._files = jobs, files
        self._running: list[Job[AudioSource]] = []
        self._openings = 0
        self._seen: dict[TrackId, tuple[Track, object, bool]] = {}
        song.replaced.connect(self._on_song_replaced)

    def is_frozen(self, track: Track) -> bool:
        """Whether a track plays what it was frozen to; an edit of it thaws it."""
        if track.frozen is None:
            return False
        tempo = self._song.project.tempo
        known = self._seen.get(track.id)
        if known is None or known[0] is not track or known[1] is not tempo:
            known = track, tempo, alone.is_frozen(self._song.project, track)
            self._seen[track.id] = known
        return known[2]

    # -- asking -------------------------------------------------------------------------------
    def bounce(self) -> None:
        """Make one recording of the selected clips of each track, in place."""
        self._bounce(in_place=True)

    def bounce_to_track(self) -> None:
        """Make one recording of the selected clips of each track, on a track of its own."""
        self._bounce(in_place=False)

    def toggle_freeze(self) -> None:
        """Freeze the selected tracks, or thaw them where all are frozen."""
        project = self._song.project
        chosen = [project.track(id) for id in self._selection.tracks]
        tracks = [t for t in chosen if t.kind in (TrackKind.INSTRUMENT, TrackKind.AUDIO)]
        warm = [track for track in tracks if not self.is_frozen(track)]
        for track in warm:
            self._freeze(track)
        for track in tracks if not warm else ():
            self._song.do(FreezeTrack(track.id, None))

    def cancel(self) -> None:
        """Stop all that is being rendered."""
        for job in self._running:
            self._jobs.cancel(job)

    def _bounce(self, *, in_place: bool) -> None:
        chosen = self._selection.clips
        for track in self._song.project.sources:
            clips = tuple(c for c in track.clips if c.id in chosen and not c.muted)
            if clips:
                self._bounce_clips(track, clips, in_place)

    def _bounce_clips(self, track: Track, clips: tuple[Clip, ...], in_place: bool) -> None:
        part = alone.alone(self._song.project, replace(track, clips=clips), effects=False)
        start = min(clip.start for clip in clips)
        self._submit(
            part, start, "Bounce", track.name,
            lambda source: PlaceBounce(track.id, clips, source, in_place),
        )  # fmt: skip

    def _freeze(self, track: Track) -> None:
        project = self._song.project
        if not track.clips:
            self.failed.emit(StudioError(f"There is nothing on {track.name} to freeze."))
            return
        start, of = min(clip.start for clip in track.clips), alone.digest(project, track)
        part = alone.alone(project, track, effects=True)
        self._submit(
            part, start, "Freeze", track.name,
            lambda source: FreezeTrack(track.id, Frozen(source, start, of)),
        )  # fmt: skip

    def _submit(
        self,
        part: Project,
        start: int,
        verb: str,
        name: str,
        place: Callable[[AudioSource], Command],
    ) -> None:
        work = Bounce(part, start, name, self._files.media, verb)
        again = partial(self._submit, part, start, verb, name, place)
        job = self._jobs.submit(
            work,
            on_change=self._takes.watch,
            on_done=lambda source: self._settle(work, again, lambda: self._put(place(source))),
            on_failed=self.failed.emit,
        )
        self._running = [*(other for other in self._running if not other.finished), job]
        self._takes.watch(job)

    def _put(self, command: Command) -> None:
        self._song.close_step()
        self._song.do(command)

    def _settle(self, work: Bounce, again: Callable[[], None], end: Callable[[], None]) -> None:
        """End a rendering; where the song was saved elsewhere meanwhile, do it into that folder."""
        song = self._openings

        def settle(folder: SongFolder) -> None:
            if song == self._openings:
                (end if work.media is folder.media else again)()

        self._files.in_turn(settle)

    def _on_song_replaced(self) -> None:
        self._openings += 1
        self._seen.clear()
        self.cancel()
