"""What was heard in a recording, put into the song around a clip of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studio.ai.listening import placing
from studio.ai.listening.beats import beats_of
from studio.ai.listening.fit import NEARNESS_SECONDS
from studio.ai.listening.heard import Beats, Heard, HeardChord, HeardSection
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId, NoteClip, WarpPoint
from studio.domain.clip_time import song_ticks
from studio.domain.project import ChordSpan, Marker, Project, new_song
from studio.domain.tempo import TempoChange, TempoMap
from studio.domain.theory import Chord, Key
from studio.domain.track import Track, TrackId, TrackKind

RATE, BAR, BEAT = 48_000, 3840, 960
CLIP, NOTES, OTHER = ClipId("c1"), ClipId("c2"), ClipId("c3")


def tapped(start: float, gaps: list[float], meter: int = 4, pickup: int = 0) -> Beats:
    seconds = start + np.concatenate([[0.0], np.cumsum(gaps)])
    return beats_of(seconds, (np.arange(len(seconds)) - pickup) % meter == 0)


def recording(beats: Beats, start: int = 0, cut: float = 0.0) -> AudioClip:
    """A clip that shows a recording from `cut` seconds to a second after its last beat."""
    frames = round((float(beats.seconds[-1]) + 1.0) * RATE)
    source = AudioSource("0" * 64, RATE, frames, 1, "Take 1.wav")
    first = round(cut * RATE)
    return AudioClip(CLIP, start, source, first, frames - first, "Take 1")


def song(*clips: AudioClip, notes: bool = False, tempo: TempoMap | None = None) -> Project:
    made = replace(new_song(), tempo=tempo or TempoMap())
    for index, clip in enumerate(clips):
        track = Track(TrackId(f"t{10 + index}"), TrackKind.AUDIO, "Audio", clips=(clip,))
        made = made.with_new_track(track)
    if notes:
        piano = (NoteClip(NOTES, 4 * BAR, BAR),)
        track = Track(TrackId("t30"), TrackKind.INSTRUMENT, "Piano", clips=piano)
        made = made.with_new_track(track)
    return made


def heard_at(project: Project, beats: Beats) -> tuple[np.ndarray, np.ndarray]:
    """The song seconds at which shown beats sound, and which of them are downbeats."""
    clip = project.clip(CLIP)
    assert isinstance(clip, AudioClip)
    frames = beats.seconds * RATE
    last = clip.offset_frames + clip.length_frames
    shown = (frames >= clip.offset_frames) & (frames < last)
    if not clip.warp:
        passed = (frames - clip.offset_frames) / RATE
        return (float(project.tempo.seconds(clip.start)) + passed)[shown], beats.downbeats[shown]
    ticks = song_ticks(clip, project.tempo, frames)
    return project.tempo.seconds(ticks)[shown], beats.downbeats[shown]


def off_the_grid(project: Project, beats: Beats) -> tuple[float, float]:
    """How far, in seconds, a beat lies at most from one of the song, and a downbeat from a bar."""
    seconds, downs = heard_at(project, beats)
    tempo, end = project.tempo, project.end + 4 * BAR
    lines = tempo.seconds(np.arange(0, end, tempo.meters[-1].ticks_per_beat))
    bars = tempo.seconds(tempo.bar_starts(0, end))
    away = np.abs(seconds[:, None] - lines[None]).min(axis=1).max()
    far = np.abs(seconds[downs][:, None] - bars[None]).min(axis=1).max(initial=0.0)
    return float(away), float(far)


rubato = st.lists(st.floats(0.3, 0.9), min_size=6, max_size=40)
starts, bars = st.floats(0.0, 3.0), st.integers(0, 5)
own = st.sampled_from(
    (TempoMap(), TempoMap.constant(97.0, 3), TempoMap((TempoChange(0, 90), TempoChange(BAR, 140))))
)


@given(starts, rubato, bars, st.integers(0, 3), own, st.floats(0.0, 1.5))
@settings(max_examples=80, deadline=None)
def test_the_song_follows_the_beats_and_bars_of_a_clip(
    start: float, gaps: list[float], bar: int, pickup: int, tempo: TempoMap, cut: float
) -> None:
    meter = tempo.meters[0].beats
    beats = tapped(start, gaps, meter, pickup)
    clip = recording(beats, bar * BAR, cut)
    heard = Heard(99.0, beats, Key(2, "minor"))
    assume(len(placing.beats_in(heard, clip)) >= placing.FEWEST_BEATS)
    before = song(clip, notes=True, tempo=tempo)
    after = placing.following(before, clip, heard).apply(before)
    away, far = off_the_grid(after, beats)
    assert away <= NEARNESS_SECONDS + 2e-3
    assert far <= NEARNESS_SECONDS + 2e-3 or not beats.downbeats.any()
    moved = after.clip(CLIP)
    assert isinstance(moved, AudioClip)
    assert replace(moved, start=clip.start) == clip  # it plays the same frames at its own speed
    assert after.clip(NOTES) == before.clip(NOTES)
    assert after.tempo.meters == tempo.meters
    assert after.key == Key(2, "minor")


def test_a_steady_recording_is_one_plain_tempo_and_lends_its_meter() -> None:
    wobble = np.random.default_rng(1).uniform(-0.006, 0.006, 60)
    beats = tapped(0.4, list(0.50005 + np.diff(wobble, prepend=0.0)), 3, 1)
    clip = recording(beats)
    before = song(clip)
    after = placing.following(before, clip, Heard(40.0, beats)).apply(before)
    assert [(t.tick, t.bpm) for t in after.tempo.tempos] == [(0, 120.0)]
    assert (after.tempo.meters[0].beats, len(after.tempo.meters)) == (3, 1)


def test_bars_before_the_recording_keep_their_tempo() -> None:
    beats = tapped(0.0, [0.6] * 20)
    clip = recording(beats, 2 * BAR)
    before = song(clip, notes=True)
    after = placing.following(before, clip, Heard(20.0, beats)).apply(before)
    assert [(t.tick, t.bpm) for t in after.tempo.tempos] == [(0, 120.0), (2 * BAR, 100.0)]
    assert after.clip(CLIP).start == 2 * BAR


def test_recordings_that_sound_with_it_stay_beside_it() -> None:
    beats = tapped(0.3, [0.55] * 30)
    clip = recording(beats)
    tail = replace(clip, id=OTHER, offset_frames=5 * RATE, length_frames=RATE, start=5 * 1920)
    far = replace(tail, id=ClipId("c4"), start=60 * BAR)
    before = song(clip, tail, far)
    after = placing.following(before, clip, Heard(20.0, beats)).apply(before)
    apart = after.tempo.seconds(after.clip(OTHER).start) - after.tempo.seconds(
        after.clip(CLIP).start
    )
    assert apart == pytest.approx(5.0, abs=5e-4)
    assert after.clip(ClipId("c4")).start == 60 * BAR


@given(starts, rubato, bars, st.integers(0, 3), own, st.floats(0.0, 1.5))
@settings(max_examples=80, deadline=None)
def test_a_clip_is_bent_to_the_beats_and_bars_of_the_song(
    start: float, gaps: list[float], bar: int, pickup: int, tempo: TempoMap, cut: float
) -> None:
    beats = tapped(start, gaps, tempo.meters[0].beats, pickup)
    clip = recording(beats, bar * BAR + 300, cut)
    heard = Heard(99.0, beats)
    assume(len(placing.beats_in(heard, clip)) >= placing.FEWEST_BEATS)
    before = song(clip, tempo=tempo)
    edit = placing.fitting(before, clip, heard)
    after = edit.apply(before)
    (bent,) = edit.clips
    assert (bent.offset_frames, bent.length_frames) == (clip.offset_frames, clip.length_frames)
    assert bent.warp[0].source_frame == clip.offset_frames
    assert bent.warp[-1].source_frame == clip.offset_frames + clip.length_frames
    ticks = song_ticks(bent, tempo, beats.seconds * RATE)
    shown = placing.beats_in(heard, clip)
    first = len(beats) - len(shown)
    half = BEAT // 2
    near = np.abs((ticks[first:] + half // 2) % half - half // 2)
    assert near.max() <= 0.15 * BEAT  # a beat is held to 20 ms of at least 300
    assert after.tempo == before.tempo


def test_stems_are_bent_with_their_clip_and_unbent_with_it() -> None:
    """A stem begins later in its own recording, and runs at another rate."""
    beats = tapped(0.5, [0.55] * 16)
    clip = recording(beats, 0, 0.3)
    frames = round(clip.seconds * 44_100)
    source = AudioSource("1" * 64, 44_100, frames + 100, 1)
    stem = AudioClip(OTHER, 0, source, 50, frames)
    before, heard = song(clip, stem, replace(stem, id=ClipId("c4"), start=7)), Heard(9.0, beats)
    edit = placing.fitting(before, clip, heard)
    assert [one.id for one in edit.clips] == [CLIP, OTHER]
    bent, along = edit.clips
    assert bent.start == along.start
    ticks = [point.tick for point in bent.warp]
    assert [point.tick for point in along.warp] == ticks
    seconds = [(p.source_frame - 50) / 44_100 for p in along.warp]
    first = clip.offset_frames
    assert seconds == pytest.approx([(p.source_frame - first) / RATE for p in bent.warp], abs=1e-4)
    fitted = edit.apply(before)
    after = placing.following(fitted, bent, heard).apply(fitted)
    assert after.clip(OTHER) == replace(stem, start=after.clip(CLIP).start)


@pytest.mark.parametrize(("gap", "ticks"), [(0.5, 960), (0.52, 960), (1.02, 1920), (0.24, 480)])
def test_what_was_tapped_at_another_level_is_not_stretched_twofold(gap: float, ticks: int) -> None:
    beats = tapped(0.5, [gap] * 16)
    clip = recording(beats)
    (bent,) = placing.fitting(song(clip), clip, Heard(9.0, beats)).clips
    first, second = song_ticks(bent, TempoMap(), beats.seconds[:2] * RATE)
    assert second - first == pytest.approx(ticks, abs=2)
    assert len(bent.warp) <= 4


def test_a_clip_that_follows_the_song_can_lead_it_and_is_unbent() -> None:
    beats = tapped(0.5, [0.55] * 16)
    clip = recording(beats)
    heard = Heard(9.0, beats)
    (fitted,) = placing.fitting(song(clip), clip, heard).clips
    assert fitted.warp
    after = placing.following(song(fitted), fitted, heard).apply(song(fitted))
    assert after.clip(CLIP) == replace(clip, start=after.clip(CLIP).start)
    assert off_the_grid(after, beats)[0] <= NEARNESS_SECONDS + 2e-3


def test_chords_come_on_beats_and_sections_on_bars() -> None:
    """Of a clip that shows the recording from the second bar on, in a song it is in time with."""
    beats = tapped(0.0, [0.5] * 32)
    clip = recording(beats, 4 * BAR, 2.0)
    names = ("C", "Am", "Am", "F")
    chords = tuple(
        HeardChord(2.0 * i + 0.02, 2.0 * i + 1.98, Chord.parse(name))
        for i, name in enumerate(names)
    )
    parts = (HeardSection(0.0, 3.9, "A"), HeardSection(3.9, 9.0, "B"))
    heard = Heard(17.0, beats, Key(0), chords, parts)
    before = replace(
        song(clip),
        chords=(ChordSpan(0, 5 * BAR, Chord.parse("G")), ChordSpan(30 * BAR, BAR, Chord(2))),
        markers=(Marker(0, "Intro"), Marker(6 * BAR, "Old"), Marker(20 * BAR, "End")),
    )
    after = placing.writing(before, clip, heard).apply(before)
    assert [(s.start, s.end, s.chord.name()) for s in after.chords] == [
        (0, 4 * BAR, "G"), (4 * BAR, 6 * BAR, "Am"), (6 * BAR, 7 * BAR, "F"),
        (30 * BAR, 31 * BAR, "D"),
    ]  # fmt: skip
    assert after.markers == (
        Marker(0, "Intro"), Marker(4 * BAR, "Section A"), Marker(5 * BAR, "Section B"),
        Marker(20 * BAR, "End"),
    )  # fmt: skip
    assert after.key == Key(0)


def test_the_chord_before_a_clip_stays_where_its_first_section_begins_with_the_bar() -> None:
    beats = tapped(0.0, [0.5] * 32)
    clip = recording(beats, 4 * BAR + BEAT)
    heard = Heard(
        17.0, beats, None, (HeardChord(0.0, 16.0, Chord(0)),), (HeardSection(0, 16, "A"),)
    )
    before = replace(song(clip), chords=(ChordSpan(0, 9 * BAR, Chord(7)),))
    after = placing.writing(before, clip, heard).apply(before)
    assert [span.chord.name() for span in after.chords][:2] == ["G", "C"]
    assert after.chords[0].end == after.chords[1].start == 4 * BAR + BEAT
    assert after.markers == (Marker(4 * BAR, "Section A"),)


def test_a_recording_is_in_time_once_it_is_fitted() -> None:
    beats = tapped(0.3, [0.61] * 20)
    clip, heard = recording(beats), Heard(20.0, beats)
    before = song(clip)
    assert not placing.is_in_time(before, clip, heard)
    assert placing.is_in_time(before, placing.fitting(before, clip, heard).clips[0], heard)


def test_too_little_is_one_sentence() -> None:
    beats = tapped(0.3, [0.5] * 20)
    clip = replace(recording(beats), length_frames=RATE)
    heard = Heard(20.0, beats)
    for edit in (placing.following, placing.fitting):
        with pytest.raises(StudioError, match="No steady beat was heard in “Take 1”"):
            edit(song(clip), clip, heard)
    with pytest.raises(StudioError, match="No chords were heard"):
        placing.writing(song(clip), clip, heard)


def test_where_frames_of_a_bent_clip_sound() -> None:
    warp = (WarpPoint(100, 0), WarpPoint(300, 960))
    clip = AudioClip(CLIP, 480, AudioSource("0" * 64, RATE, 300, 1), 100, 200, warp=warp)
    assert song_ticks(clip, TempoMap(), [100, 200, 300]).tolist() == [480, 960, 1440]
