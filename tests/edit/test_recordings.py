"""Cutting and joining recordings loses and repeats nothing."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId, WarpPoint
from studio.domain.project import Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.clips import DeleteClips, JoinClips, MoveClips, SetClip, SplitClips, TrimClip
from studio.edit.tempo import SetTempo
from tests import strategies

RAIN, CLIP = TrackId("t50"), ClipId("c51")
SOURCE = AudioSource("0" * 64, 44100, 441_000, 2, "rain.wav")
WARP = (WarpPoint(44100, 0), WarpPoint(100_000, 1920), WarpPoint(200_000, 5760))


def song(clip: AudioClip, tempo: TempoMap | None = None) -> Project:
    project = replace(new_song(), tempo=tempo or TempoMap())
    return project.with_new_track(Track(RAIN, TrackKind.AUDIO, "Rain", (clip,)))


def parts(project: Project) -> list[AudioClip]:
    return [clip for clip in project.track(RAIN).clips if isinstance(clip, AudioClip)]


def plain(start: int = 1920) -> AudioClip:
    return AudioClip(CLIP, start, SOURCE, 44100, 220_500, fade_in_frames=100, fade_out_frames=200)


def warped() -> AudioClip:
    return replace(plain(), length_frames=155_900, warp=WARP)


@given(strategies.tempo_maps(), st.lists(st.integers(1, 12000), min_size=1, max_size=4))
def test_split_parts_play_the_whole_and_join_again(tempo: TempoMap, cuts: list[int]) -> None:
    whole = song(replace(plain(), fade_in_frames=0), tempo)
    cut = whole
    for tick in cuts:
        cut = SplitClips(frozenset(clip.id for clip in parts(cut)), 1920 + tick).apply(cut)
    found = parts(cut)
    assert found[0].offset_frames == plain().offset_frames
    for before, after in itertools.pairwise(found):
        assert before.offset_frames + before.length_frames == after.offset_frames
        assert (before.fade_out_frames, after.fade_in_frames) == (0, 0)
    assert sum(clip.length_frames for clip in found) == plain().length_frames
    joined = JoinClips(frozenset(clip.id for clip in found)).apply(cut)
    assert parts(joined) == parts(whole)


@given(st.integers(1, 5759))
def test_a_warped_recording_is_cut_where_it_sounds(tick: int) -> None:
    cut = SplitClips(frozenset({CLIP}), 1920 + tick).apply(song(warped()))
    left, right = parts(cut)
    assert left.warp[-1].source_frame == right.warp[0].source_frame
    assert (left.warp[-1].tick, right.start) == (tick, 1920 + tick)
    assert right.warp[-1] == WarpPoint(200_000, 5760 - tick)
    with pytest.raises(StudioError, match="do not go on"):
        JoinClips(frozenset({left.id, right.id})).apply(cut)


@given(st.integers(-20000, 20000), st.integers(-20000, 20000))
def test_trimming_stays_inside_the_recording_and_in_time(left: int, right: int) -> None:
    for clip in (plain(), warped()):
        project = song(clip)
        [after] = parts(TrimClip(CLIP, left, right).apply(project))
        assert after.start >= 0
        moved = float(project.tempo.seconds(after.start) - project.tempo.seconds(clip.start))
        if clip.warp:
            continue
        heard = (after.offset_frames - clip.offset_frames) / SOURCE.sample_rate
        assert moved == pytest.approx(heard, abs=0.001)


def test_trimming_back_finds_what_was_cut_off() -> None:
    for clip in (plain(), warped()):
        project = song(clip)
        cut = TrimClip(CLIP, 960, -960).apply(project)
        [back] = parts(TrimClip(CLIP, -960, 960).apply(cut))
        assert back.start == clip.start
        assert abs(back.offset_frames - clip.offset_frames) <= 50
        assert abs(back.length_frames - clip.length_frames) <= 100


def test_a_recording_keeps_its_speed_when_the_tempo_changes() -> None:
    project = song(plain())
    slower = SetTempo(0, 60.0).apply(project)
    assert slower.track(RAIN) is project.track(RAIN)
    assert slower.clip_end(plain()) - 1920 == 960 * 5


def test_what_is_too_short_is_not_split() -> None:
    short = AudioClip(CLIP, 0, replace(SOURCE, sample_rate=8), 0, 1)
    with pytest.raises(StudioError, match="too short"):
        SplitClips(frozenset({CLIP}), 20).apply(song(short))


@given(st.integers(-300_000, 300_000), st.integers(-300_000, 300_000))
def test_fades_meet_and_do_not_cross(fade_in: int, fade_out: int) -> None:
    fields = (("fade_in_frames", fade_in), ("fade_out_frames", fade_out), ("velocity", 3))
    [after] = parts(SetClip(frozenset({CLIP}), fields).apply(song(plain())))
    assert after.fade_in_frames + after.fade_out_frames <= after.length_frames


def test_what_was_deleted_cannot_be_trimmed_and_moves_nothing() -> None:
    project = DeleteClips(frozenset({CLIP})).apply(song(plain()))
    assert MoveClips(frozenset({CLIP}), 960).apply(project) is project
    with pytest.raises(StudioError, match="no longer"):
        TrimClip(CLIP, 1).apply(project)


@given(st.data())
def test_only_the_tracks_of_an_edit_are_other_objects(data: st.DataObject) -> None:
    project = data.draw(strategies.projects())
    clips = [clip for _, clip in project.clips()]
    assume(clips)
    clip = data.draw(st.sampled_from(clips))
    after = MoveClips(frozenset({clip.id}), 960).apply(project)
    owner = project.track_of(clip.id).id
    for track in project.tracks:
        assert (after.track(track.id) is track) is (track.id != owner)
    for other in clips:
        assert (after.clip(other.id) is other) is (other.id != clip.id)
