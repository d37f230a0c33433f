"""From what was heard in a recording to edits of the song that a clip of it lies in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from studio.ai.listening.beats import beats_of
from studio.ai.listening.fit import FASTEST_BPM, SLOWEST_BPM, corners
from studio.ai.listening.heard import Beats, Heard, HeardChord, HeardSection, Seconds
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, NoteClip, WarpPoint
from studio.domain.clip_time import song_ticks
from studio.domain.notes import IntColumn
from studio.domain.project import ChordSpan, Marker, Project
from studio.domain.tempo import LAST_TICK, TICKS_PER_QUARTER, MeterChange, TempoChange, TempoMap
from studio.edit.listening import FitRecording, FollowRecording, WriteHeard

FEWEST_BEATS = 4
_BPM_DIGITS = 6  # three hours then end within a tenth of a millisecond
_FAR_OFF = 0.12  # of a beat; a recording whose beats lie so far from the song's is not in time
_TOUCHING_SECONDS = 0.01  # between recordings that are heard as one
_NEAR_SECONDS = 0.05  # between a chord and the beat that it changes on
_NOT_HEARD_SECONDS = 0.008  # a beat may lie so much farther off for a plainer tempo


def following(project: Project, clip: AudioClip, heard: Heard) -> FollowRecording:
    """The edit after which the song's beats and bars are those of a clip's recording.

    The clip plays at the recording's own speed, and lies where its first downbeat begins the bar
    line next to where that sounds now. Recordings that sound with it stay beside it. The tempo
    holds from the bar on in which the clip begins; earlier tempos, and those behind it, stay. A
    song that has no meter of its own (no notes, and 4/4 throughout) takes over the recording's.

    Raises:
        StudioError: No steady beat was heard in what the clip shows.
    """
    line = _Line.of(_steady(heard, clip))
    meters = _meters(project, line.beats)
    bars = TempoMap(meters=meters)
    for bar in _bar_lines(bars, _sounds_at(project, clip, line)):
        ticks = line.on_beats(bars, bar, 1.0)
        found = _followed(project, clip, line, ticks, bars)
        if found is not None:
            tempo, clips = found
            return FollowRecording(tempo, heard.key, clips)
    raise AssertionError("one of all bars lies late enough")


def fitting(project: Project, clip: AudioClip, heard: Heard) -> FitRecording:
    """The edit that bends a clip so that its beats lie on the song's, and its first downbeat on
    the bar line next to where that sounds now. Recordings that lie under it from end to end, such
    as its stems, are bent with it.

    Where the song is about twice as fast, or half, each beat takes two of the song's, or half of
    one: what was tapped at another level need not be stretched so far.

    Raises:
        StudioError: No steady beat was heard in what the clip shows.
    """
    line, tempo = _Line.of(_steady(heard, clip)), project.tempo
    now = _sounds_at(project, clip, line)
    pace = tempo.tempo_at(now) * TICKS_PER_QUARTER / tempo.meter_at(now).ticks_per_beat
    share = min((1.0, 2.0, 0.5), key=lambda s: abs(np.log(pace / line.beats.bpm / s)))
    for bar in _bar_lines(tempo, now):
        ticks = line.on_beats(tempo, bar, share)
        start = ticks[0] - line.lead_ticks(ticks)
        if start >= 0:
            bent = [clip, *_under(project, clip)]
            return FitRecording(
                tuple(replace(c, start=start, warp=line.warp(c, ticks, start)) for c in bent)
            )
    raise AssertionError("one of all bars lies late enough")


def writing(project: Project, clip: AudioClip, heard: Heard) -> WriteHeard:
    """The edit that writes the chords and sections of what a clip shows where the clip sounds:
    chords on the song's beats, sections on its bars.

    Raises:
        StudioError: Neither was heard in it.
    """
    tempo = project.tempo
    start, end = tempo.nearest_beats([clip.start, project.clip_end(clip)]).tolist()
    chords: list[ChordSpan] = []
    named = tuple(_within_beats(heard))
    edges = tempo.nearest_beats(_edges(project, clip, named)).tolist()
    for one, (first, last) in zip(named, edges, strict=True):
        if chords and chords[-1].chord == one.chord and chords[-1].end >= first:
            chords[-1] = replace(chords[-1], length=last - chords[-1].start)
        elif last > first:
            chords.append(ChordSpan(first, last - first, one.chord))
    sections: dict[int, str] = {}
    for part, ticks in zip(
        heard.sections, _edges(project, clip, heard.sections).tolist(), strict=True
    ):
        first, last = (_on_bar(tempo, tick) for tick in ticks)
        if last > first:
            sections[first] = f"Section {part.label}"
    if not chords and not sections:
        raise StudioError(f"No chords were heard in “{_name(clip)}”.", heard.why)
    markers = tuple(Marker(tick, name) for tick, name in sorted(sections.items()))
    return WriteHeard(start, end, tuple(chords), markers, heard.key)


def _within_beats(heard: Heard) -> Iterator[HeardChord]:
    """The chords, without what rings before the first beat and after the last, where there is no
    music to tell one by."""
    first, last = heard.beats.seconds[[0, -1]] if len(heard.beats) else (0.0, np.inf)
    for one in heard.chords:
        if one.end > first + _NEAR_SECONDS and one.start < last - _NEAR_SECONDS:
            yield one


def is_in_time(project: Project, clip: AudioClip, heard: Heard) -> bool:
    """Whether the beats of what a clip shows lie on the song's; True where there are none."""
    beats = beats_in(heard, clip)
    if not len(beats):
        return True
    tempo = project.tempo
    ticks = song_ticks(clip, tempo, _frames(clip, beats.seconds))
    away = np.abs(ticks - tempo.nearest_beats(ticks)) / tempo.beat_ticks(ticks)
    return float(np.median(away)) < _FAR_OFF


def beats_in(heard: Heard, clip: AudioClip) -> Beats:
    """The beats of what a clip shows, in seconds of the recording from the clip's first frame."""
    seconds = heard.beats.seconds - clip.offset_frames / clip.source.sample_rate
    inside = (seconds >= 0.0) & (seconds < clip.seconds)
    return beats_of(seconds[inside], heard.beats.downbeats[inside])


@dataclass(frozen=True, slots=True)
class _Line:
    """The beats of a clip, smoothed to few points between which they are even.

    Attributes:
        points: (beat, seconds from the clip's first frame), the first and the last beat among them.
        first_down: The first beat that begins a bar.
    """

    beats: Beats
    points: tuple[tuple[int, float], ...]
    first_down: int

    @classmethod
    def of(cls, beats: Beats) -> _Line:
        downs = np.flatnonzero(beats.downbeats)
        ahead = 1.0  # a beat may be the first thing there is
        points = tuple((beat, second - ahead) for beat, second in corners(beats.seconds + ahead))
        return cls(beats, _plain(beats.seconds, points), int(downs[0]) if len(downs) else 0)

    def on_beats(self, tempo: TempoMap, bar: int, share: float) -> list[int]:
        """The song tick of each beat, with the first downbeat at `bar`; each lasts `share` of the
        song's."""
        ticks = [bar]
        ends = [*(meter.tick for meter in tempo.meters if meter.tick > bar), LAST_TICK]
        for end in ends:
            missing = len(self.beats) - self.first_down - len(ticks)
            step = round(tempo.meter_at(ticks[-1]).ticks_per_beat * share)
            count = min(max(-(-(end - ticks[-1]) // step), 0), missing)
            ticks += [ticks[-1] + step * n for n in range(1, count + 1)]
        before = round(tempo.meter_at(bar).ticks_per_beat * share)
        return [*(bar - before * n for n in range(self.first_down, 0, -1)), *ticks]

    def lead_ticks(self, ticks: list[int]) -> int:
        """How long what sounds before the first beat lasts at that beat's pace."""
        (_, start), (beat, second) = self.points[:2]
        return round(start * (ticks[beat] - ticks[0]) / (second - start))

    def warp(self, clip: AudioClip, ticks: list[int], start: int) -> tuple[WarpPoint, ...]:
        """Points that put the beats on `ticks`, in a clip that stands at `start`."""
        (near, a), (last, b) = self.points[-2:]
        rest = round((clip.seconds - b) * (ticks[last] - ticks[near]) / (b - a))
        end = WarpPoint(clip.offset_frames + clip.length_frames, ticks[last] + rest - start)
        found = [WarpPoint(clip.offset_frames, 0)]
        for beat, second in self.points:
            frame = round(clip.offset_frames + second * clip.source.sample_rate)
            point = WarpPoint(frame, ticks[beat] - start)
            if found[-1].source_frame < frame < end.source_frame and (
                found[-1].tick < point.tick < end.tick
            ):
                found.append(point)
        return (*found, end)


def _plain(
    seconds: Seconds, points: tuple[tuple[int, float], ...]
) -> tuple[tuple[int, float], ...]:
    """One even line at the plainest tempo that passes the beats as near: 120 bpm, not 119.98."""
    if len(points) != 2:
        return points
    (_, start), (last, end) = points
    numbers = np.arange(last + 1)

    def farthest(first: float, period: float) -> float:
        return float(np.abs(first + period * numbers - seconds).max())

    near = farthest(start, (end - start) / last) + _NOT_HEARD_SECONDS
    for digits in (0, 1, 2):
        period = 60.0 / round(60.0 * last / (end - start), digits)
        first = float(np.mean(seconds - period * numbers))
        if first >= 0.0 and farthest(first, period) <= near:
            return (0, first), (last, first + period * last)
    return points


def _followed(
    project: Project, clip: AudioClip, line: _Line, ticks: list[int], bars: TempoMap
) -> tuple[TempoMap, tuple[AudioClip, ...]] | None:
    """The song's tempo with the beats on `ticks`, and the recordings where they lie in it; None
    where one of them would begin before the song does."""
    start = ticks[0] - line.lead_ticks(ticks)
    if start < 0:
        return None
    begin = bars.bar_start(bars.bar_at(start))
    changes = {change.tick: change.bpm for change in project.tempo.tempos if change.tick < begin}
    for (beat, second), (later, end) in itertools.pairwise(line.points):
        quarters = (ticks[later] - ticks[beat]) / TICKS_PER_QUARTER
        bpm = min(max(60.0 * quarters / (end - second), SLOWEST_BPM), FASTEST_BPM)
        changes[begin if beat == 0 else ticks[beat]] = round(bpm, _BPM_DIGITS)
    tempo = TempoMap(_changes(changes), bars.meters)
    over = int(tempo.ticks(float(tempo.seconds(start)) + clip.seconds))
    changes |= {c.tick: c.bpm for c in project.tempo.tempos if c.tick >= over}
    tempo = TempoMap(_changes(changes), bars.meters)
    clips = [replace(clip, start=start, warp=())]
    for other in _beside(project, clip):
        apart = float(project.tempo.seconds(other.start) - project.tempo.seconds(clip.start))
        second = float(tempo.seconds(start)) + apart
        if second < 0.0:
            return None
        clips.append(replace(other, start=int(tempo.ticks(second)), warp=()))
    return tempo, tuple(clips)


def _changes(changes: dict[int, float]) -> tuple[TempoChange, ...]:
    """Tempos in order, without those that change nothing."""
    rows = sorted(changes.items())
    kept = [row for i, row in enumerate(rows) if i == 0 or row[1] != rows[i - 1][1]]
    return tuple(TempoChange(tick, bpm) for tick, bpm in kept)


def _beside(project: Project, clip: AudioClip) -> Iterator[AudioClip]:
    """Recordings that are heard as one with `clip`: bent in the same way from the same place, or at
    their own speed and, one by one, at the same time as it or on its heels."""
    if clip.warp:
        yield from _under(project, clip)
        return
    clips = (c for _, c in project.clips() if isinstance(c, AudioClip) and c.id != clip.id)
    others = [other for other in clips if not other.warp]
    reached = [_span(project, clip)]
    while reached:
        start, end = reached.pop()
        for other in tuple(others):
            first, last = _span(project, other)
            if first <= end + _TOUCHING_SECONDS and last >= start - _TOUCHING_SECONDS:
                others.remove(other)
                reached.append((first, last))
                yield other


def _under(project: Project, clip: AudioClip) -> Iterator[AudioClip]:
    """Recordings that are heard from where `clip` begins to where it ends, bent as it is."""
    bends = [point.tick for point in clip.warp]
    for _, other in project.clips():
        if isinstance(other, AudioClip) and other.id != clip.id and other.start == clip.start:
            same = [point.tick for point in other.warp] == bends
            if same and abs(other.seconds - clip.seconds) < _TOUCHING_SECONDS:
                yield other


def _span(project: Project, clip: AudioClip) -> tuple[float, float]:
    start = float(project.tempo.seconds(clip.start))
    return start, start + clip.seconds


def _steady(heard: Heard, clip: AudioClip) -> Beats:
    beats = beats_in(heard, clip)
    if len(beats) < FEWEST_BEATS:
        raise StudioError(
            f"No steady beat was heard in “{_name(clip)}”.",
            f"It takes {FEWEST_BEATS} beats or more.",
        )
    return beats


def _meters(project: Project, beats: Beats) -> tuple[MeterChange, ...]:
    """The song's meters, or the recording's where the song has none of its own."""
    has_notes = any(isinstance(clip, NoteClip) for _, clip in project.clips())
    if has_notes or project.tempo.meters != TempoMap().meters:
        return project.tempo.meters
    return (MeterChange(0, beats.beats_per_bar, 4),)


def _sounds_at(project: Project, clip: AudioClip, line: _Line) -> int:
    """Where the first downbeat sounds now, song ticks."""
    seconds = line.beats.seconds[line.first_down : line.first_down + 1]
    return int(song_ticks(clip, project.tempo, _frames(clip, seconds))[0])


def _bar_lines(tempo: TempoMap, tick: int) -> Iterator[int]:
    """The bar line next to `tick`, and all later ones."""
    line = _on_bar(tempo, tick)
    while True:
        yield line
        line = tempo.next_bar(line + 1)


def _edges(
    project: Project, clip: AudioClip, heard: Sequence[HeardChord | HeardSection]
) -> IntColumn:
    """Where each begins and ends in the song, or what the clip shows of its recording, [n, 2]."""
    seconds = np.array([(one.start, one.end) for one in heard], np.float64).reshape(-1, 2)
    last = clip.offset_frames + clip.length_frames
    frames = np.clip(seconds * clip.source.sample_rate, clip.offset_frames, last)
    return song_ticks(clip, project.tempo, frames)


def _frames(clip: AudioClip, seconds: Seconds) -> Seconds:
    """Source frames of moments that are counted from the clip's first one."""
    return clip.offset_frames + seconds * clip.source.sample_rate


def _on_bar(tempo: TempoMap, tick: int) -> int:
    """The bar line next to `tick`."""
    before, after = tempo.bar_start(tempo.bar_at(tick)), tempo.next_bar(tick)
    return before if tick - before <= after - tick else after


def _name(clip: AudioClip) -> str:
    return clip.name or clip.source.name or "the recording"
