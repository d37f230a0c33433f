"""Stems go on tracks under their clip, sound where it sounds, and never land on what changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId, TakeId, WarpPoint
from studio.domain.notes import Automation
from studio.domain.project import REVERB_SEND, Project, new_song
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.clips import DeleteClips, MoveClips, SetClip, TrimClip
from studio.edit.history import History
from studio.edit.stems import PlaceStems
from studio.edit.takes import new_instrument
from studio.edit.tracks import DeleteTracks

SOURCE = AudioSource("ab" * 32, 48_000, 480_000, 2, "take.wav")
FIRST = 40_000


def stems(*names: str) -> tuple[tuple[str, AudioSource], ...]:
    return tuple(
        (name, AudioSource(f"{i:02d}" * 32, 48_000, 300_000, 2, name))
        for i, name in enumerate(names)
    )


def song() -> tuple[Project, AudioClip]:
    """A guitar between two other tracks; its clip is trimmed, faded and louder."""
    project = new_song(48_000)
    project = project.with_new_track(new_instrument(project, "Bass", 33))
    guitar = Track(
        project.new_track_id(), TrackKind.AUDIO, "Guitar", volume_db=-6.0, pan=0.5,
        sends=(REVERB_SEND,), soloed=True, automation=(Automation.of("pan", [0], [0.1]),),
    )  # fmt: skip
    project = project.with_new_track(guitar)
    project = project.with_new_track(new_instrument(project, "Piano", 0))
    clip = AudioClip(
        project.new_clip_id(), 960, SOURCE, 48_000, 240_000, "Riff", gain_db=3.0,
        fade_in_frames=480, fade_out_frames=960,
    )  # fmt: skip
    return project.with_clip_on(guitar.id, clip), clip


def place(project: Project, clip: AudioClip, *names: str, sure: bool = True) -> PlaceStems:
    found = project.find_clip(clip.id)
    track = found[0].id if found else TrackId("t99")
    return PlaceStems(
        TakeId("k1"), track, clip, stems(*(names or ("drums", "vocals"))), FIRST, sure
    )


def test_stems_stand_under_their_track_and_sound_like_it() -> None:
    project, clip = song()
    placed = place(project, clip).apply(project)
    assert [t.name for t in placed.sources] == [
        "Bass", "Guitar", "Guitar drums", "Guitar vocals", "Piano",
    ]  # fmt: skip
    guitar, drums, vocals = placed.sources[1:4]
    for track in (drums, vocals):
        assert (track.volume_db, track.pan, track.sends) == (-6.0, 0.5, guitar.sends)
        assert track.soloed
        assert track.automation == guitar.automation
        (stem,) = track.clips
        assert isinstance(stem, AudioClip)
        assert (stem.start, stem.offset_frames, stem.length_frames) == (960, 8000, 240_000)
        assert (stem.gain_db, stem.fade_in_frames, stem.fade_out_frames) == (3.0, 480, 960)
        assert stem.take == TakeId("k1")
        assert not stem.muted
    assert len({t.color for t in (guitar, drums, vocals)}) == 3
    assert guitar.clips == (replace(clip, muted=True),)


def test_a_warp_is_kept_frame_for_frame() -> None:
    project, clip = song()
    warp = (WarpPoint(48_000, 0), WarpPoint(100_000, 1920), WarpPoint(288_000, 7680))
    clip = replace(clip, warp=warp)
    project = project.with_clip(clip)
    (stem,) = place(project, clip).apply(project).sources[2].clips
    assert isinstance(stem, AudioClip)
    assert [(p.source_frame + FIRST, p.tick) for p in stem.warp] == [
        (p.source_frame, p.tick) for p in warp
    ]


def test_it_is_one_step() -> None:
    project, clip = song()
    history = History(project)
    history.do(place(project, clip))
    assert len(history.steps) == 1
    history.undo()
    assert history.project is project


@pytest.mark.parametrize(
    "change",
    [
        MoveClips(frozenset({ClipId("c8")}), 960),
        TrimClip(ClipId("c8"), right_by=-960),
        SetClip(frozenset({ClipId("c8")}), (("gain_db", 0.0),)),
    ],
)
def test_stems_go_along_with_a_clip_that_changed_meanwhile(
    change: MoveClips | TrimClip | SetClip,
) -> None:
    project, clip = song()
    clip = replace(clip, id=ClipId("c8"))
    project = project.without_clip(ClipId(project.clip(song()[1].id).id))
    project = project.with_clip_on(project.sources[1].id, clip)
    command = place(project, clip)
    later = change.apply(project)
    placed = command.apply(later)
    (stem,) = placed.sources[2].clips
    shown = later.clip(clip.id)
    assert isinstance(stem, AudioClip)
    assert isinstance(shown, AudioClip)
    assert (stem.start, stem.length_frames) == (shown.start, shown.length_frames)
    assert (stem.offset_frames + FIRST, stem.gain_db) == (shown.offset_frames, shown.gain_db)


def test_a_clip_that_is_gone_keeps_its_stems_out_unless_they_are_placed_by_hand() -> None:
    project, clip = song()
    command = place(project, clip)
    later = DeleteClips(frozenset({clip.id})).apply(project)
    with pytest.raises(StudioError, match="changed"):
        command.apply(later)
    (stem,) = replace(command, sure=False).apply(later).sources[2].clips
    assert isinstance(stem, AudioClip)
    assert (stem.start, stem.length_frames) == (clip.start, clip.length_frames)


def test_renaming_or_muting_the_clip_keeps_nothing_out() -> None:
    project, clip = song()
    later = SetClip(frozenset({clip.id}), (("name", "Solo"), ("muted", True))).apply(project)
    assert len(place(project, clip).apply(later).sources) == 5


def test_stems_whose_track_is_gone_get_tracks_at_the_end() -> None:
    project, clip = song()
    command = place(project, clip)
    later = DeleteTracks(frozenset({project.sources[1].id})).apply(project)
    with pytest.raises(StudioError, match="changed"):
        command.apply(later)
    placed = replace(command, sure=False).apply(later)
    assert [t.name for t in placed.sources] == ["Bass", "Piano", "drums", "vocals"]


def test_a_clip_that_outgrew_the_stems_shows_what_it_showed_then() -> None:
    project, clip = song()
    later = project.with_clip(replace(clip, offset_frames=0, length_frames=480_000))
    with pytest.raises(StudioError, match="changed"):
        place(project, clip).apply(later)
    placed = place(project, clip, sure=False).apply(later)
    (stem,) = placed.sources[2].clips
    assert isinstance(stem, AudioClip)
    assert (stem.start, stem.length_frames) == (clip.start, clip.length_frames)


def test_the_next_clip_of_a_track_goes_on_the_same_tracks_where_there_is_room() -> None:
    project, clip = song()
    second = replace(clip, id=ClipId("c50"), start=960 * 60)
    project = project.with_clip_on(project.sources[1].id, second)
    placed = place(project, clip).apply(project)
    placed = place(placed, second).apply(placed)
    assert [len(t.clips) for t in placed.sources] == [0, 2, 2, 2, 0]
    again = place(placed, second, sure=False).apply(placed)
    assert [t.name for t in again.sources].count("Guitar drums") == 2
