"""Listener: hears what is in a recording, by networks where their weights are installed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from studio.ai.catalogue import ModelContext
from studio.ai.listening import fit
from studio.ai.listening.heard import Floats, Heard, HeardChord, HeardNotes, Seconds
from studio.ai.listening.listen import Ears, Kind, listen, passes, reached, transcribe
from studio.ai.listening.mono import Mono
from studio.ai.nets import beat_net, chord_net, note_net, pitch_net
from studio.ai.requests import Beat, Excerpt, Request, Result, Task
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip
from studio.domain.gap import Part
from studio.domain.notes import IntColumn, Notes
from studio.domain.project import ChordSpan
from studio.domain.tempo import TempoMap
from studio.media import recording

CHORD_NETS = 2  # of five; more change little and take as much longer
_EARLY_SECONDS = 0.05
_NAMES = {Kind.NOTES: "Notes", Kind.DRUMS: "Drums", Kind.MELODY: "Melody"}
_ROLES = {Kind.NOTES: "", Kind.DRUMS: "drums", Kind.MELODY: "melody"}


class Listener:
    """Hears beats, key, chords, sections and notes."""

    def __init__(self) -> None:
        self._ears = Ears()

    def load(self, device: str) -> None:
        """Read the weights that are installed; what is missing is left to the rules."""
        torch.set_num_threads(1)
        self._ears = ears()

    def unload(self) -> None:
        self._ears = Ears()

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Hear the request's recording: read it, listen, and put what was heard into ticks.

        For Task.LISTEN, beats are in seconds from the excerpt's first frame, and `tempo` is a map
        that fits the recording if its first frame stands at tick 0; chords and sections are in
        ticks of that map. For Task.TRANSCRIBE, notes are where they sound in the song.

        Raises:
            StudioError: The request has no recording, it is too short, or it cannot be read.
            Cancelled: On request, within a block.
        """
        audio, media = request.controls.audio, request.media
        if audio is None or media is None:
            raise StudioError("There is no recording to listen to.", "Choose an audio clip.")
        with recording.reading(media.path(audio.source.media), audio.source.name) as file:
            first = audio.first_frame
            kind = None if request.task is Task.LISTEN else Kind(request.controls.listen_for)
            whole = passes(self._ears, kind)

            def check() -> None:
                context.check_cancelled()
                context.progress(*reached(whole, mono))

            mono = Mono(
                lambda start, end: file.read(first + start, first + end),
                audio.frames,
                file.sample_rate,
                check,
            )
            if kind is None:
                return _told(listen(mono, self._ears), request)
            return _written(transcribe(mono, kind, self._ears), kind, request, audio)


def ears(without: frozenset[str] = frozenset()) -> Ears:
    """What is installed, but for the packages named in `without`."""
    beats = beat_net.PACKAGE not in without and beat_net.folder() is not None
    chords = chord_net.PACKAGE not in without and bool(chord_net.weight_files())
    notes = note_net.PACKAGE not in without and note_net.weights() is not None
    pitch = pitch_net.PACKAGE not in without and pitch_net.installed()
    return Ears(
        _beats() if beats else None,
        _chords() if chords else None,
        _notes() if notes else None,
        pitch_net.pitch_curve if pitch else None,
    )


def _beats() -> Callable[[Mono], tuple[Floats, float]]:
    nets = beat_net.read()
    return lambda mono: (beat_net.activation(nets, mono), beat_net.FPS)


def _chords() -> Callable[[Mono, float, Seconds], list[HeardChord]]:
    nets = chord_net.read(CHORD_NETS)
    return lambda mono, tuning, beats: chord_net.chords(nets, mono, tuning, beats)


def _notes() -> Callable[[Mono], HeardNotes]:
    net = note_net.read()
    return lambda mono: note_net.notes(net, mono)


def _told(heard: Heard, request: Request) -> Result:
    tempo = fit.tempo_map(heard.beats)
    columns = zip(heard.beats.seconds, heard.beats.downbeats, strict=True)
    beats = tuple(Beat(float(second), bool(down)) for second, down in columns)
    chords = []
    for one in heard.chords:
        start, end = (int(tick) for tick in tempo.ticks([one.start, one.end]))
        if end > start:
            chords.append(ChordSpan(max(start, 0), end - max(start, 0), one.chord))
    sections = tuple((max(int(tempo.ticks(s.start)), 0), s.label) for s in heard.sections)
    return Result(
        (), request.gap.start, tempo, heard.key, tuple(chords), sections, why=heard.why, beats=beats
    )


def _written(heard: HeardNotes, kind: Kind, request: Request, audio: Excerpt) -> Result:
    """The notes that start inside the gap, or so little before it that it may be they were heard
    too early; cut where it ends. One that so begins what comes after the gap is left out."""
    gap, tempo = request.gap, request.song.tempo
    start, end = (_song_ticks(seconds, request, audio) for seconds in (heard.start, heard.end))
    early = int(tempo.ticks(float(tempo.seconds(gap.start)) - _EARLY_SECONDS))
    start = np.where((start >= early) & (start < gap.start), gap.start, start)
    inside = (start >= gap.start) & (start < gap.end)
    late = int(tempo.ticks(float(tempo.seconds(gap.end)) - _EARLY_SECONDS))
    inside &= (start < late) | (end <= gap.end)
    inside &= (heard.pitch >= gap.pitch_low) & (heard.pitch <= gap.pitch_high)
    length = np.maximum(np.minimum(end, gap.end) - start, 1)
    notes = Notes.of(
        start[inside], length[inside], heard.pitch[inside], velocity=heard.velocity[inside]
    )
    part = Part(None, notes, _NAMES[kind], _ROLES[kind], 0, kind is Kind.DRUMS)
    return Result((part,), gap.end, key=request.song.key, why=heard.why)


def _song_ticks(seconds: Seconds, request: Request, audio: Excerpt) -> IntColumn:
    """Where moments of the excerpt sound in the song: as the clip that shows it lies there."""
    tempo: TempoMap = request.song.tempo
    found = request.song.find_clip(audio.clip) if audio.clip is not None else None
    rate = audio.source.sample_rate
    if found is None or not isinstance(found[1], AudioClip):
        return tempo.ticks(float(tempo.seconds(request.gap.start)) + seconds)
    clip = found[1]
    frames = audio.first_frame + seconds * rate
    if clip.warp:
        sources = [point.source_frame for point in clip.warp]
        ticks = [point.tick for point in clip.warp]
        place = np.interp(frames, sources, ticks, left=-1, right=ticks[-1] + 1)
        return clip.start + np.rint(place).astype(np.int64)
    return tempo.ticks(float(tempo.seconds(clip.start)) + (frames - clip.offset_frames) / rate)
