"""Hearing a part of one recording's sound alone: some of its time, some of its frequencies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import QObject, QTimer, Signal

from studio.ai import sound_wishes
from studio.ai.painter.hole import Strokes
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId, WarpPoint
from studio.domain.clip_time import song_ticks
from studio.domain.project import Project
from studio.domain.track import Track
from studio.jobs.queue import Context, Job, Lane, Queue
from studio.media import recording
from studio.media.store import MediaStore
from studio.workspace.playback import POLL_MS, Playback
from studio.workspace.song import Song
from studio.workspace.span import SpanPlayer

LONGEST_SECONDS = 60.0
_WAIT_SECONDS = 5.0
_REST_SECONDS = 0.15  # heard after it, as what is shorter than a poll would never end


@dataclass(frozen=True, slots=True)
class Single:
    """A part of a recording with silence around it, and the frame at which it begins."""

    source: AudioSource
    first_frame: int


@dataclass(frozen=True, slots=True)
class SingleOut:
    """Take what the strokes hold (frames of the recording) out of all else."""

    source: AudioSource
    strokes: Strokes
    media: MediaStore
    title: ClassVar[str] = "Hear the selected sound"
    lane: ClassVar[Lane] = Lane.CPU

    def run(self, context: Context) -> Single:
        from studio.ai.painter.shading import Shading  # loads scipy

        try:
            path = self.media.path(self.source.media)
        except KeyError:
            raise StudioError(f"The recording “{self.source.name}” is missing.") from None
        with recording.reading(path, self.source.name) as file:
            rate = self.source.sample_rate
            shading = Shading(file.read, self.source.frames, rate, self.strokes, 0.0)
            first = min(span.first for span in shading.spans)
            end = max(span.end for span in shading.spans)
            end = min(end, first + round(LONGEST_SECONDS * rate))
            context.check_cancelled()
            sound = shading.part(first, end)
        return Single(self.media.put_audio(sound, rate, self.source.name), first)


class Audition(QObject):
    """Plays it in its place in the song, in place of the song, until playing stops.

    Signals:
        changed(): It began or ended.
        failed(StudioError): It cannot be heard.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(
        self, song: Song, playback: Playback, jobs: Queue, media: Callable[[], MediaStore],
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._song, self._playback, self._jobs, self._media = song, playback, jobs, media
        self._job: Job[Any] | None = None
        self._span: tuple[int, int] | None = None  # to be played
        self._begun = False
        self._version, self._waited = 0, 0
        self._player = SpanPlayer(playback, self)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)
        playback.playing_changed.connect(self._on_playing)
        song.changed.connect(self.stop)
        song.replaced.connect(self.stop)

    @property
    def on(self) -> bool:
        """Whether it is made ready, or heard."""
        return self._job is not None or self._span is not None

    def hear(self, clip: ClipId, strokes: Strokes) -> None:
        """Play only what the strokes hold, in frames of the clip's recording."""
        self.stop()
        try:
            track, there = sound_wishes.recording_of(self._song.project, clip)
        except StudioError as error:
            self.failed.emit(error)
            return
        self._playback.stop()
        self._job = self._jobs.submit(
            SingleOut(there.source, strokes, self._media()),
            on_done=partial(self._on_ready, track, there),
            on_failed=self._on_failed,
        )
        self.changed.emit()

    def stop(self, *_: object) -> None:
        """Hear the song again."""
        if not self.on:
            return
        if self._job is not None:
            self._jobs.cancel(self._job)
        was_heard, self._begun = self._begun, False
        self._job = self._span = None
        self._timer.stop()
        if was_heard and self._playback.goes_on:
            self._playback.stop()
        self._playback.set_preview(None)
        self.changed.emit()

    def _on_failed(self, error: StudioError) -> None:
        self._job = None
        self.changed.emit()
        self.failed.emit(error)

    def _on_ready(self, track: Track, clip: AudioClip, single: Single) -> None:
        self._job = None
        project = alone(self._song.project, track, clip, single)
        made = project.tracks[0].clips[0]
        rung_out = float(project.tempo.seconds(project.clip_end(made))) + _REST_SECONDS
        self._span = made.start, int(project.tempo.ticks(rung_out))
        self._version, self._waited = self._playback.state.plan_version, 0
        self._playback.set_preview(project)
        self._timer.start()

    def _look(self) -> None:
        """Play once the engine has it; before, it would be the song that is heard."""
        self._waited += 1
        if self._span is None or self._waited * POLL_MS > _WAIT_SECONDS * 1000:
            self.stop()
        elif self._playback.state.plan_version > self._version:
            self._timer.stop()
            self._player.play(*self._span)

    def _on_playing(self) -> None:
        if self._playback.playing:
            self._begun = self._span is not None
        elif self._begun:
            self.stop()


def alone(project: Project, track: Track, clip: AudioClip, single: Single) -> Project:
    """A song of nothing but a part of a clip's recording, where that part is heard."""
    source, first = single.source, single.first_frame
    end = first + source.frames
    begin, until = song_ticks(clip, project.tempo, [first, end]).tolist()
    warp = (WarpPoint(0, 0), WarpPoint(source.frames, max(until - begin, 1))) if clip.warp else ()
    part = replace(
        clip, start=begin, source=source, offset_frames=0, length_frames=source.frames,
        fade_in_frames=0, fade_out_frames=0, warp=warp, muted=False, turns=(), turn=0,
    )  # fmt: skip
    plain = replace(
        track, clips=(part,), devices=(), sends=(), automation=(), muted=False, soloed=False,
        frozen=None, group="",
    )  # fmt: skip
    master = replace(project.master, devices=(), automation=())
    return replace(project, tracks=(plain, master))
