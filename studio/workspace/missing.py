"""Recordings that the song plays and its folder lacks: which they are, and bringing them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeAlias

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource
from studio.domain.project import Project
from studio.edit.relink import ReplaceSources
from studio.io.song_folder import SongFolder
from studio.jobs.queue import Context, Lane, Queue
from studio.media import recording
from studio.media.store import MediaStore
from studio.workspace.files import Files
from studio.workspace.song import Song
from studio.workspace.takes import Takes

Found: TypeAlias = tuple[tuple[str, AudioSource], ...]  # hashes of what is missing, and what it is
_SOUNDS = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".opus", ".mp3")


@dataclass(frozen=True, slots=True)
class FindMissing:
    """List the recordings a song plays that are not in its folder, each once."""

    project: Project
    media: MediaStore
    title: ClassVar[str] = "Look for missing recordings"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> tuple[AudioSource, ...]:
        clips = (clip for _, clip in self.project.clips() if isinstance(clip, AudioClip))
        sources = {clip.source.media: clip.source for clip in clips}
        return tuple(found for hash, found in sources.items() if not self.media.has(hash))


@dataclass(frozen=True, slots=True)
class Locate:
    """Take in the file of one missing recording, and those of others that lie beside it.

    Others are known by their content or, where they are as long and of the same kind, by their
    name.
    """

    wanted: AudioSource
    path: Path
    others: tuple[AudioSource, ...]
    media: MediaStore
    lane: ClassVar[Lane] = Lane.DISK

    @property
    def title(self) -> str:
        return f"Find {self.wanted.name or self.path.name}"

    def run(self, context: Context) -> Found:
        found = [(self.wanted.media, self.media.import_audio(self.path))]
        beside = sorted(p for p in self.path.parent.iterdir() if p.suffix.lower() in _SOUNDS)
        for done, other in enumerate(self.others):
            context.check_cancelled()
            context.progress(done / len(self.others), other.name)
            match = self._match(other, [path for path in beside if path != self.path])
            if match is not None:
                found.append((other.media, match))
        return tuple(found)

    def _match(self, wanted: AudioSource, paths: Iterable[Path]) -> AudioSource | None:
        """The recording as one of `paths` holds it; those of its name are looked at first."""
        stem = Path(wanted.name).stem.casefold()
        for path in sorted(paths, key=lambda path: path.stem.casefold() != stem):
            if _is_like(path, wanted):
                source = self.media.import_audio(path)
                if source.media == wanted.media or path.stem.casefold() == stem:
                    return source
        return None


def _is_like(path: Path, wanted: AudioSource) -> bool:
    """Whether a file is as long as a recording, at the same rate; reads its header only."""
    try:
        with recording.reading(path) as file:
            kind = (file.frames, file.sample_rate, file.channels)
    except StudioError:
        return False
    return kind == (wanted.frames, wanted.sample_rate, wanted.channels)


class Missing(QObject):
    """Looks for what is missing, and brings back what was located.

    Signals:
        found(tuple): The recordings that are missing; never an empty tuple.
        changed(): Other recordings are missing, or none are.
        returned(): Recordings are there that were missing.
        failed(StudioError): A file could not be taken in, or is another recording.
    """

    found = Signal(object)
    changed = Signal()
    returned = Signal()
    failed = Signal(object)

    def __init__(
        self, song: Song, takes: Takes, jobs: Queue, files: Files, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._song, self._takes, self._jobs, self._files = song, takes, jobs, files
        self.sources: tuple[AudioSource, ...] = ()
        song.replaced.connect(lambda: self._set(()))

    def look(self, otherwise: Callable[[], object] = lambda: None) -> None:
        """Say what is missing (`found`); where nothing is, call `otherwise`."""

        def done(sources: tuple[AudioSource, ...]) -> None:
            self._set(sources)
            if sources:
                self.found.emit(sources)
            else:
                otherwise()

        work = FindMissing(self._song.project, self._files.media)
        self._jobs.submit(work, on_done=done, on_failed=self.failed.emit)

    def locate(self, wanted: AudioSource, path: Path) -> None:
        """Bring back `wanted` from a file, and whatever else is missing and lies beside it."""
        others = tuple(source for source in self.sources if source.media != wanted.media)
        work = Locate(wanted, path, others, self._files.media)
        job = self._jobs.submit(
            work,
            on_change=self._takes.watch,
            on_done=partial(self._settle, work),
            on_failed=self.failed.emit,
        )
        self._takes.watch(job)

    def _settle(self, work: Locate, found: Found) -> None:
        """Take over what was found; where the song lies elsewhere meanwhile, find it again."""

        def settle(folder: SongFolder) -> None:
            if work.media is folder.media:
                self._take_over(found)
            elif work.wanted in self.sources:
                self.locate(work.wanted, work.path)

        self._files.in_turn(settle)

    def _take_over(self, found: Found) -> None:
        other = tuple((hash, source) for hash, source in found if source.media != hash)
        self._song.close_step()
        if other and not self._song.do(ReplaceSources(other)):
            return
        there = {hash for hash, _ in found}
        self._set(tuple(source for source in self.sources if source.media not in there))
        self.returned.emit()

    def _set(self, sources: tuple[AudioSource, ...]) -> None:
        if sources != self.sources:
            self.sources = sources
            self.changed.emit()
