"""Clips as files, for other programs: WAV for recordings, MIDI for notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, TypeAlias

from PySide6.QtCore import QObject, Signal

from studio.domain.clip import AudioClip, ClipId
from studio.domain.project import Project
from studio.domain.track import Track, TrackKind
from studio.edit.ripple import DeleteTime
from studio.io.file_names import file_name
from studio.io.midi import write_midi
from studio.jobs.queue import Context, Job, Lane, Queue
from studio.media.store import MediaStore
from studio.render.alone import alone
from studio.workspace.files import Files
from studio.workspace.song import Song
from studio.workspace.takes import Takes

Paths: TypeAlias = tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class WriteClips:
    """Write clips as a file a track, all from the first of the clips on, so that they line up.

    Notes keep the tempo and meter they have in the song. A recording is written with its fades,
    gain and warp, and without the effects of its track, as 32-bit float.
    """

    project: Project
    clips: frozenset[ClipId]
    folder: Path
    media: MediaStore
    title: ClassVar[str] = "Write clips as files"
    lane: ClassVar[Lane] = Lane.CPU

    def run(self, context: Context) -> Paths:
        parts = [
            replace(track, clips=chosen)
            for track in self.project.sources
            if (chosen := tuple(c for c in track.clips if c.id in self.clips and not c.muted))
        ]
        start = min((clip.start for part in parts for clip in part.clips), default=0)
        made: list[Path] = []
        for done, part in enumerate(parts):
            context.check_cancelled()
            context.progress(done / len(parts), part.name)
            write = self._notes if part.kind is TrackKind.INSTRUMENT else self._sound
            made.append(write(part, start, self._free(part, made), context))
        return tuple(made)

    def _free(self, part: Track, taken: Iterable[Path]) -> Path:
        """A name for the file without its suffix, of its first clip or else of its track."""
        stem = file_name(next((c.name for c in part.clips if c.name), part.name), "clip")
        names = {path.stem for path in taken}
        names |= {path.stem for path in self.folder.glob("*")} if self.folder.is_dir() else set()
        number = next(n for n in range(1, len(names) + 2) if _numbered(stem, n) not in names)
        return self.folder / _numbered(stem, number)

    def _notes(self, part: Track, start: int, place: Path, context: Context) -> Path:
        song = replace(self.project, tracks=(part, self.project.master))
        path = place.with_name(f"{place.name}.mid")
        write_midi(DeleteTime(None, 0, start).apply(song) if start else song, path)
        return path

    def _sound(self, part: Track, start: int, place: Path, context: Context) -> Path:
        # What renders is loaded only once it is needed.
        from studio.io.audio_files import write_audio
        from studio.render.offline import render_song

        song, tempo, rate = self.project, self.project.tempo, self.project.sample_rate
        clips = (clip for clip in part.clips if isinstance(clip, AudioClip))
        frames = (tempo.frame(start, rate), tempo.frame(max(map(song.clip_end, clips)), rate))
        sound = render_song(
            alone(song, part, effects=False),
            self.media,
            start=frames[0],
            end=frames[1],
            tail_seconds=0.0,
            progress=lambda _: context.check_cancelled(),
        )
        path = place.with_name(f"{place.name}.wav")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_audio(path, sound, rate, bits=32)
        return path


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}_{number}"


class Carrying(QObject):
    """Writes clips into the song's folder, where other programs find them as long as it is there.

    Signals:
        failed(StudioError): A file could not be written.
    """

    failed = Signal(object)

    def __init__(
        self, song: Song, takes: Takes, jobs: Queue, files: Files, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._song, self._takes, self._jobs, self._files = song, takes, jobs, files

    def write(self, clips: frozenset[ClipId], done: Callable[[Paths], None]) -> Job[Paths]:
        """Write `clips` as files, and tell their paths."""
        media = self._files.media
        work = WriteClips(self._song.project, clips, media.cache / "dragged", media)
        job = self._jobs.submit(
            work, on_change=self._takes.watch, on_done=done, on_failed=self.failed.emit
        )
        self._takes.watch(job)
        return job

    def stop(self, job: Job[Paths]) -> None:
        self._jobs.cancel(job)
