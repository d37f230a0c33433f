"""A rewrite goes on in the style the song is in, also where its words name none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.ai import wishes
from studio.ai.cards import SKETCH_CARD
from studio.ai.models.sketch import Sketch
from studio.ai.sketch.listen import style_heard
from studio.ai.wishes import Wish
from studio.domain.clip import NoteClip, TakeId
from studio.domain.gap import Gap
from studio.domain.project import Project, new_song
from studio.domain.track import TrackId
from tests.workspace.test_generation import Quiet

BAR = 3840


def song_of(words: str) -> Project:
    request = wishes.compose(new_song(), SKETCH_CARD, Wish(words, seed=48213, bars=12))
    result = Sketch().generate(request, Quiet())
    return wishes.placement(TakeId("k1"), request, result).apply(request.song)


def unnamed(song: Project) -> Project:
    for _, clip in song.clips():
        assert isinstance(clip, NoteClip)
        song = song.with_clip(replace(clip, name=""))
    return song


def tracks(song: Project, *roles: str) -> tuple[TrackId, ...]:
    return tuple(track.id for track in song.sources if track.role in roles)


@pytest.mark.parametrize("words", ["jazz trio, brushed drums", "bossa nova", "funk", "house"])
def test_a_style_is_told_by_the_names_of_clips_and_by_the_drums(words: str) -> None:
    song = song_of(words)
    gap = Gap(tracks(song, "bass"), 4 * BAR, 8 * BAR)
    assert style_heard(song, gap) == style_heard(unnamed(song), gap) != ""


def test_a_jazz_bass_goes_on_walking_when_it_is_rewritten() -> None:
    song = song_of("slow late-night jazz, piano, upright bass, brushed drums, 84 bpm, D minor")
    gap = Gap(tracks(song, "bass", "drums"), 4 * BAR, 8 * BAR)
    words = "walking bass and brushed drums, late-night, a bit lazy behind the beat"
    written = set()
    for seed in range(3):
        request = wishes.rewrite(song, SKETCH_CARD, Wish(words, seed=seed), gap)
        bass, drums = Sketch().generate(request, Quiet()).parts
        assert len(bass.notes) >= 14
        assert len(drums.notes) >= 30
        written.add(bass.notes.digest)
    assert len(written) == 3
