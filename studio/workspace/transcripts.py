"""The notes that are heard in recordings, to be seen behind one's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal

from studio.ai import registry, sound_wishes
from studio.ai.requests import Controls, Excerpt, Request, Take, Task, take_id
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, NoteClip
from studio.domain.clip_time import song_ticks, source_frames
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.domain.track import Track, TrackKind
from studio.jobs.queue import Context, Job, Lane, Work
from studio.media import durable
from studio.workspace.asking import Asking
from studio.workspace.reckoning import Reckon

Rows = npt.NDArray[np.float64]  # (first frame, last frame, pitch) of each note, [n, 3]


@dataclass(frozen=True, slots=True)
class HearNotes:
    """The notes of a recording: those that were kept, else heard now, and kept."""

    hear: Work[Take]
    kept: Path
    lane: ClassVar[Lane] = Lane.MODEL

    @property
    def title(self) -> str:
        return self.hear.title

    def run(self, context: Context) -> Rows:
        found = rows_of(self.hear.run(context))
        with durable.partial_of(self.kept) as partial, partial.open("xb") as file:
            np.save(file, found, allow_pickle=False)
            file.flush()
            durable.settle(partial, self.kept)
        return found


@dataclass(frozen=True, slots=True)
class ReadNotes:
    """The notes of a recording that were kept; None where they cannot be read."""

    kept: Path
    title: ClassVar[str] = "Read the notes of a recording"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> Rows | None:
        try:
            found: Rows = np.load(self.kept, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return found if found.ndim == 2 and found.shape[1:] == (3,) else None


@dataclass(frozen=True, slots=True, eq=False)
class Ghosts:
    """Notes heard in a recording, where they sound in the song.

    Attributes:
        track: The recording's.
        start, end: Song ticks, shape [n]. pitch: MIDI keys, shape [n].
        rows: What they come from.
    """

    track: Track
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    pitch: npt.NDArray[np.uint8]
    rows: Rows


@dataclass(slots=True)
class _Known:
    """What is known of an excerpt's notes of a kind; `rows` is None while they are read."""

    excerpt: Excerpt
    kind: str
    rows: Rows | None = field(default=None)


class Transcripts(Asking):
    """Knows the notes of recordings: of takes that wrote them down, and of those asked for here.

    Asked for once, they are kept in the song's cache.

    Signals:
        changed(): More is known.
    """

    changed = Signal()

    def _begin(self) -> None:
        self._known: dict[str, _Known] = {}  # by take id
        self._shown: tuple[AudioClip, TempoMap, Ghosts] | None = None  # the last that were
        self._asked: dict[str, Job[Rows]] = {}
        self._takes.changed.connect(self._learn)

    # -- looking ------------------------------------------------------------------------------
    def recording(self, clip: NoteClip) -> tuple[Track, AudioClip] | None:
        """The recording behind a clip of notes: the one it was written from, else one that sounds
        with it on the next audio track above, or below where none is."""
        project = self._song.project
        entry = self._takes.entry(clip.take) if clip.take is not None else None
        audio = entry.take.request.controls.audio if entry is not None else None
        found = project.find_clip(audio.clip) if audio is not None and audio.clip else None
        if found is not None and isinstance(found[1], AudioClip):
            return found[0], found[1]
        return _over(project, clip)

    def ghosts(self, clip: NoteClip, *, drums: bool) -> Ghosts | None:
        """The notes heard in the recording behind a clip; None where none are known."""
        found = self.recording(clip)
        if found is None:
            return None
        track, audio = found
        known = self._find(audio, drums)
        if known is None or known.rows is None:
            return None
        tempo, rows = self._song.project.tempo, known.rows
        shown = self._shown
        if shown and shown[0] is audio and shown[1] is tempo and shown[2].rows is rows:
            return shown[2]
        self._shown = audio, tempo, _ghosts(track, audio, tempo, rows)
        return self._shown[2]

    def can_ask(self, clip: NoteClip, *, drums: bool) -> bool:
        """Whether there is a recording behind a clip whose notes nobody has heard yet."""
        found = self.recording(clip)
        if found is None or self._find(found[1], drums) is not None:
            return False
        return take_id(self._request(found[1], drums)) not in self._asked

    # -- asking -------------------------------------------------------------------------------
    def look(self, clip: NoteClip, *, drums: bool) -> None:
        """Fetch the notes behind a clip, where they were kept."""
        found = self.recording(clip)
        if found is None or self._find(found[1], drums) is not None:
            return
        request = self._request(found[1], drums)
        if self._kept(request).exists():
            known = self._known[take_id(request)] = _of(request)
            self._jobs.submit(
                ReadNotes(self._kept(request)), on_done=partial(self._read, request, known)
            )

    def ask(self, clip: NoteClip, *, drums: bool) -> None:
        """Have the notes of the recording behind a clip heard."""
        if not self.can_ask(clip, drums=drums):
            return
        found = self.recording(clip)
        assert found is not None
        request = self._request(found[1], drums)
        job = self._jobs.submit(
            HearNotes(self._work(request), self._kept(request)),
            on_change=self._follow,
            on_done=partial(self._hear, request),
            on_failed=self.failed.emit,
        )
        if not job.finished:
            self._asked[take_id(request)] = job
        self._keep(job)
        self._takes.watch(job)
        self.changed.emit()

    # -- within -------------------------------------------------------------------------------
    def _find(self, clip: AudioClip, drums: bool) -> _Known | None:
        kinds = ("drums",) if drums else ("melody", "notes")
        found = [
            known
            for known in self._known.values()
            if known.kind in kinds and known.excerpt.holds(clip)
        ]
        return found[-1] if found else None

    def _request(self, clip: AudioClip, drums: bool) -> Request:
        excerpt = sound_wishes.heard_with(clip, self._song.project.sample_rate)
        card, controls = registry.default_for(Task.TRANSCRIBE), Controls(listen_for=_kind(drums))
        return sound_wishes.about_excerpt(Task.TRANSCRIBE, card, excerpt, self._media(), controls)

    def _kept(self, request: Request) -> Path:
        return self._media().cache / "transcripts" / f"{take_id(request)}.npy"

    def _hear(self, request: Request, rows: Rows) -> None:
        known = _of(request)
        known.rows = rows
        self._known[take_id(request)] = known
        self._asked.pop(take_id(request), None)
        if not len(rows):
            audio = request.controls.audio
            name = audio.source.name if audio is not None else ""
            self.failed.emit(StudioError(f"No {known.kind} were heard in “{name}”."))
        self.changed.emit()

    def _read(self, request: Request, known: _Known, rows: Rows | None) -> None:
        known.rows = rows
        if rows is None:
            self._known.pop(take_id(request), None)
        self.changed.emit()

    def _follow(self, job: Job[Rows]) -> None:
        self._takes.watch(job)
        if job.finished:
            self._asked = {id: other for id, other in self._asked.items() if other is not job}
            self.changed.emit()

    def _learn(self) -> None:
        """Take in what takes of the song wrote down."""
        for entry in self._takes.entries:
            request = entry.take.request
            audio = request.controls.audio
            new = entry.take.id not in self._known
            if new and request.task is Task.TRANSCRIBE and audio is not None:
                known = self._known[entry.take.id] = _of(request)
                known.excerpt = _heard_part(request)
                self._jobs.submit(
                    Reckon("Look through a take", partial(rows_of, entry.take)),
                    on_done=partial(self._read, request, known),
                )

    def _on_song_replaced(self) -> None:
        super()._on_song_replaced()
        self._known.clear()
        self._asked.clear()
        self.changed.emit()


def _ghosts(track: Track, audio: AudioClip, tempo: TempoMap, rows: Rows) -> Ghosts:
    first, last = audio.offset_frames, audio.offset_frames + audio.length_frames
    inside = rows[(rows[:, 0] < last) & (rows[:, 1] > first)]
    ticks = song_ticks(audio, tempo, np.clip(inside[:, :2], first, last))
    return Ghosts(track, ticks[:, 0], ticks[:, 1], inside[:, 2].astype(np.uint8), rows)


def rows_of(take: Take) -> Rows:
    """The notes of a take in frames of its recording."""
    request, audio = take.request, take.request.controls.audio
    assert audio is not None
    found = request.song.find_clip(audio.clip) if audio.clip is not None else None
    rows = [np.zeros((0, 3))]
    for part in take.result.parts:
        edges = np.stack([part.notes.start, part.notes.end], axis=1)
        if found is not None and isinstance(found[1], AudioClip):
            frames = source_frames(found[1], request.song.tempo, edges)
        else:
            seconds = request.song.tempo.seconds(edges)
            frames = audio.first_frame + seconds * audio.source.sample_rate
        rows.append(np.column_stack([frames, part.notes.pitch]))
    return np.concatenate(rows)


def _of(request: Request) -> _Known:
    audio = request.controls.audio
    assert audio is not None
    return _Known(audio, request.controls.listen_for)


def _heard_part(request: Request) -> Excerpt:
    """What of a recording was written down: what its clip shows inside the gap."""
    audio = request.controls.audio
    assert audio is not None
    found = request.song.find_clip(audio.clip) if audio.clip is not None else None
    if found is None or not isinstance(found[1], AudioClip):
        return audio
    edges = source_frames(found[1], request.song.tempo, [request.gap.start, request.gap.end])
    first, end = (round(float(frame)) for frame in edges)
    slack = audio.source.sample_rate // 100  # ticks are no frames
    first, end = max(first - slack, 0), min(end + slack, audio.source.frames)
    return Excerpt(audio.source, first, max(end - first, 1))


def _kind(drums: bool) -> str:
    return "drums" if drums else "notes"


def _over(project: Project, clip: NoteClip) -> tuple[Track, AudioClip] | None:
    """The recording on the next audio track that sounds with a clip."""
    owner = project.find_clip(clip.id)
    if owner is None:
        return None
    rows = [track.id for track in project.sources]
    mine = rows.index(owner[0].id)
    above, below = project.sources[:mine][::-1], project.sources[mine + 1 :]
    for track in (*above, *below):
        for other in track.clips if track.kind is TrackKind.AUDIO else ():
            sounds = other.start < clip.end and project.clip_end(other) > clip.start
            if sounds and isinstance(other, AudioClip):
                return track, other
    return None
