"""Learning from a clip: the gap is filled in its manner, in key."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.models.markov import Markov
from studio.ai.requests import Controls, Request, Result, Task
from studio.core.errors import Cancelled, StudioError
from studio.domain.clip import ClipId, NoteClip
from studio.domain.device import DeviceId, soundfont
from studio.domain.gap import Gap
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.theory import Key
from studio.domain.track import Track, TrackId, TrackKind
from tests import strategies
from tests.ai.sketch_report import Silent

BAR = 3840
TUNE = (60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 64, 60, 62, 64, 60)
LOCKED_PITCH = 67


def song_with(notes: Notes, *, drums: bool = False, key: Key | None = None) -> Project:
    """A song with one clip of four bars on track `t5`."""
    clip = NoteClip(ClipId("c7"), 0, 4 * BAR, notes)
    device = soundfont(DeviceId("d6"), 0, drums)
    track = Track(TrackId("t5"), TrackKind.INSTRUMENT, "Tune", (clip,), (device,))
    return replace(new_song().with_new_track(track), key=key)


def tune(lengths: int = 960) -> Notes:
    return Notes.of(np.arange(16) * 960, lengths, TUNE, velocity=80 + np.arange(16))


def ask(
    song: Project,
    start: int = 4 * BAR,
    end: int = 12 * BAR,
    seed: int = 1,
    band: tuple[int, int] = (0, 127),
) -> Request:
    """A wish to go on in the manner of the clip, with little surprise."""
    gap = Gap((TrackId("t5"),), start, end, *band)
    controls = Controls(learn_from="c7", surprise=0.3)
    return Request(Task.LEARN, gap, "markov", "1", seed, song, controls=controls)


def learn(request: Request) -> Result:
    return Markov().generate(request, Silent())


def test_every_move_was_heard_in_the_clip() -> None:
    written = learn(ask(song_with(tune(), key=Key(0)))).parts[0].notes
    assert len(written) == 8 * 4
    heard = set(pairwise(TUNE))
    wrote = set(pairwise(written.pitch.tolist()))
    steps = {b - a for a, b in heard}
    assert {b - a for a, b in wrote} <= {s + d for s in steps for d in (-1, 0, 1)}
    assert set(written.length.tolist()) == {960}
    assert set(written.velocity.tolist()) <= set(range(80, 96))


def test_it_goes_on_from_the_clip_when_the_gap_follows_it() -> None:
    leaps = [
        abs(
            int(learn(ask(song_with(tune(), key=Key(0)), seed=s)).parts[0].notes.pitch[0])
            - TUNE[-1]
        )
        for s in range(8)
    ]
    assert max(leaps) <= 7


def test_it_writes_in_the_key_of_the_song_and_on_its_track() -> None:
    result = learn(ask(song_with(tune(), key=Key(9))))
    (part,) = result.parts
    assert part.track == "t5"
    assert all(int(pitch) in Key(9) for pitch in part.notes.pitch)


def test_equal_requests_are_answered_alike_and_other_seeds_otherwise() -> None:
    song = song_with(tune())
    assert learn(ask(song, seed=3)).parts == learn(ask(song, seed=3)).parts
    assert len({learn(ask(song, seed=seed)).parts[0].notes.digest for seed in range(6)}) > 3


def test_drums_are_learnt_stroke_by_stroke() -> None:
    beat = Notes.of(np.arange(32) * 480, 120, [36, 42, 38, 42] * 8)
    written = learn(ask(song_with(beat, drums=True))).parts[0]
    assert written.drums
    assert set(written.notes.pitch.tolist()) == {36, 38, 42}
    assert np.all(written.notes.pitch[written.notes.start % 960 != 0] == 42)


def test_chords_stay_together() -> None:
    chords = Notes.of(np.repeat(np.arange(8) * 1920, 3), 1900, [60, 64, 67, 65, 69, 72] * 4)
    written = learn(ask(song_with(chords, key=Key(0)))).parts[0].notes
    _, counts = np.unique(written.start, return_counts=True)
    assert set(counts.tolist()) == {3}


def test_locked_notes_stand_and_the_band_is_kept() -> None:
    song = song_with(tune(), key=Key(0))
    standing = Notes.of([5 * BAR, 6 * BAR], [BAR, 100], [LOCKED_PITCH] * 2, locked=True)
    song = song.with_clip_on(
        TrackId("t5"), NoteClip(ClipId("c9"), 4 * BAR, 8 * BAR, standing, offset=4 * BAR)
    )
    written = learn(ask(song, band=(60, 72))).parts[0].notes
    assert written.pitch.min() >= 60
    assert written.pitch.max() <= 72
    assert not written.sounding_in(5 * BAR, 6 * BAR).any()


def test_it_reports_bar_by_bar_and_stops_when_cancelled() -> None:
    class Watching(Silent):
        def __init__(self) -> None:
            self.bars: list[int] = []

        def partial(self, result: Result) -> None:
            self.bars.append(result.written_until // BAR)

        def check_cancelled(self) -> None:
            if len(self.bars) == 3:
                raise Cancelled

    watching = Watching()
    with pytest.raises(Cancelled):
        Markov().generate(ask(song_with(tune())), watching)
    assert watching.bars == [5, 6, 7]


@pytest.mark.parametrize(
    ("learn_from", "message"),
    [("c99", "no note clip"), (None, "no note clip"), ("c7", "too short")],
)
def test_a_clip_that_is_missing_or_too_short_is_refused(
    learn_from: str | None, message: str
) -> None:
    request = ask(song_with(Notes.of([0], [960], [60])))
    request = replace(request, controls=Controls(learn_from=learn_from))
    with pytest.raises(StudioError, match=message):
        learn(request)


@settings(max_examples=60)
@given(
    strategies.notes(most=24, last_tick=4 * BAR),
    st.booleans(),
    st.integers(0, 5),
    st.integers(1, 3 * BAR),
)
def test_whatever_the_clip_the_gap_is_kept(
    notes: Notes, drums: bool, seed: int, length: int
) -> None:
    song = song_with(notes, drums=drums)
    request = ask(song, 4 * BAR, 4 * BAR + length, seed)
    try:
        (part,) = learn(request).parts
    except StudioError as error:
        if "too short" not in error.message:
            raise
        return
    assert np.all(part.notes.start >= 4 * BAR)
    assert np.all(part.notes.end <= 4 * BAR + length)
    for pitch in np.unique(part.notes.pitch):
        same = part.notes.where(part.notes.pitch == pitch)
        assert np.all(same.end[:-1] <= same.start[1:])
