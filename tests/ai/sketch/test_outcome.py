"""What a model hands over where it wrote nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from studio.ai.requests import Request, Result, Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.compose import Written
from studio.ai.sketch.outcome import fulfilled, prepared
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import Bar
from studio.core.errors import StudioError
from studio.domain.clip import ClipId, NoteClip
from studio.domain.device import DeviceId, soundfont
from studio.domain.gap import Gap
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.track import Track, TrackId, TrackKind
from tests.ai.constraints import Quiet


def _resting(
    plan: Plan, players: Sequence[Player], at_note: Callable[[], None]
) -> Iterator[tuple[Bar, Written]]:
    """A model that rests throughout."""
    for bar in plan.bars:
        yield bar, {}


def _song(role: str, pitch: int, locked_until: int) -> Project:
    """Two bars of one track, of which the first note is locked."""
    notes = Notes.of([0, 3840], [locked_until, 960], pitch, velocity=80, locked=[True, False])
    clip = NoteClip(ClipId("c"), 0, 2 * 3840, notes)
    device = soundfont(DeviceId("d"), 33)
    return new_song().with_new_track(
        Track(TrackId("t"), TrackKind.INSTRUMENT, "", (clip,), (device,), role=role)
    )


def _answer(song: Project, gap: Gap) -> Result:
    request = Request(Task.REWRITE, gap, "sketch", "", 1, song)
    return fulfilled(*prepared(request), _resting, Quiet())


def test_one_note_is_put_on_the_first_beat_that_is_free() -> None:
    """The gap begins while a note that stays is heard."""
    result = _answer(_song("bass", 40, 1900), Gap((TrackId("t"),), 777, 7680))
    assert result.parts[0].notes.start.tolist() == [1920]


def test_drums_that_would_rest_strike_once() -> None:
    result = _answer(_song("drums", 38, 100), Gap((TrackId("t"),), 0, 7680))
    assert len(result.parts[0].notes) == 1


def test_it_is_refused_only_where_no_beat_has_room() -> None:
    song = _song("bass", 40, 3840)
    with pytest.raises(StudioError, match="no room for a note"):
        _answer(song, Gap((TrackId("t"),), 0, 3840))
    assert len(_answer(song, Gap((TrackId("t"),), 0, 7680)).parts[0].notes) == 1
