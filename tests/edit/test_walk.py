"""Random walks through every command: what is undone was never done; nothing invalid is made."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.project import Project
from studio.domain.track import TrackKind
from studio.edit.command import changes
from studio.edit.history import History
from studio.edit.mixer import reaches
from tests import strategies
from tests.edit.commands import DRAWERS, ORDER, command_classes, drawn


def test_every_command_has_a_strategy() -> None:
    assert command_classes() == set(DRAWERS)


def check(project: Project) -> None:
    """What must hold of every song."""
    ids: list[str] = [track.id for track in project.tracks]
    ids += [clip.id for _, clip in project.clips()]
    ids += [device.id for track in project.tracks for device in track.devices]
    assert [id for id, count in Counter(ids).items() if count > 1] == []
    assert all(int(id[1:]) < project.next_id for id in ids if id != "master")
    for track in project.tracks:
        starts = [clip.start for clip in track.clips]
        assert starts == sorted(starts)
        for clip in track.clips:
            holds_notes = track.kind is TrackKind.INSTRUMENT
            assert isinstance(clip, NoteClip) is holds_notes
        for send in track.sends:
            assert project.track(send.bus).kind is TrackKind.BUS
            assert not reaches(project, send.bus, track.id)
    for before, after in zip(project.chords, project.chords[1:], strict=False):
        assert before.end <= after.start
    ticks = [marker.tick for marker in project.markers]
    assert ticks == sorted(set(ticks))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_a_walk_can_be_undone_and_done_again(data: st.DataObject) -> None:
    start = data.draw(strategies.projects())
    history = History(start)
    for _ in range(data.draw(st.integers(1, 25))):
        kind = data.draw(st.sampled_from(ORDER))
        command = data.draw(drawn(kind, history.project))
        before, steps = history.project, len(history.steps)
        try:
            found = history.do(command)
        except StudioError:
            assert history.project is before
            continue
        check(history.project)
        assert bool(found) == bool(changes(before, history.project))
        assert len(history.steps) <= steps + 1
        if data.draw(st.integers(0, 12)) == 0:
            _back_and_forth(history)
    _back_and_forth(history)


def _back_and_forth(history: History) -> None:
    end, steps = history.project, len(history.steps)
    while history.undo():
        pass
    assert not history.steps
    while history.redo():
        pass
    assert history.project is end
    assert len(history.steps) == steps


@pytest.mark.parametrize("kind", ORDER, ids=lambda kind: kind.__name__)
def test_a_command_is_a_pure_function(kind: type) -> None:
    """It leaves the song it is given as it was, and gives equal songs for equal songs."""

    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def run(data: st.DataObject) -> None:
        project = data.draw(strategies.projects())
        command = data.draw(drawn(kind, project))
        before = repr(project)
        try:
            first = command.apply(project)
        except StudioError:
            assert repr(project) == before
            return
        assert command.apply(project) == first
        assert repr(project) == before
        assert command.label
        check(first)

    run()
