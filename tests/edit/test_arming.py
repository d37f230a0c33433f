"""What a track is recorded from is a part of the song, and changes nothing that is heard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from studio.core.errors import StudioError
from studio.domain.project import Project, new_song
from studio.domain.track import STEREO, Track, TrackId, TrackInput, TrackKind
from studio.edit.arming import SetArmed, SetInput, SetMonitor
from studio.edit.tracks import DuplicateTrack
from studio.render import alone
from tests import strategies


@given(strategies.projects())
def test_arming_changes_the_input_alone_and_thaws_nothing(song: Project) -> None:
    ids = frozenset(track.id for track in song.sources)
    armed = SetMonitor(ids, True).apply(SetArmed(ids, True).apply(song))
    for before, after in zip(song.tracks, armed.tracks, strict=True):
        assert replace(after, input=before.input) == before
        if before.id in ids:
            assert after.input == replace(before.input, armed=True, monitor=True)
            assert alone.digest(armed, after) == alone.digest(song, before)


def test_only_the_original_of_a_copied_track_stays_armed() -> None:
    song = new_song()
    voice = Track(song.new_track_id(), TrackKind.AUDIO, "Voice")
    song = SetArmed(frozenset({voice.id}), True).apply(song.with_new_track(voice))
    song = SetInput(voice.id, STEREO).apply(song)
    inputs = [track.input for track in DuplicateTrack(voice.id).apply(song).sources]
    assert TrackInput(STEREO, armed=True) in inputs
    assert inputs.count(TrackInput(STEREO)) == 1


def test_nothing_is_recorded_on_the_master_or_from_a_third_input() -> None:
    song = new_song()
    with pytest.raises(StudioError, match="Nothing is recorded on"):
        SetArmed(frozenset({song.master.id}), True).apply(song)
    with pytest.raises(StudioError, match="the first input, the second or both"):
        SetInput(song.master.id, (2,)).apply(song)
    with pytest.raises(StudioError, match="no longer there"):
        SetMonitor(frozenset({TrackId("t99")}), True).apply(song)
