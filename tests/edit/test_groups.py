"""Groups of tracks stay together, whatever comes and moves."""

from __future__ import annotations

from dataclasses import replace

from studio.domain.project import Project
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.groups import GroupTracks, MoveRows, RenameGroup, run_of
from studio.edit.tracks import AddTrack, DuplicateTrack


def song(*groups: str) -> Project:
    """A track of each group in this order, called t1 and so on."""
    project = Project()
    for number, group in enumerate(groups, 1):
        track = Track(TrackId(f"t{number}"), TrackKind.AUDIO, f"{number}")
        project = project.with_new_track(track)
        project = project.with_track(replace(track, group=group))
    return project


def groups(project: Project) -> list[tuple[str, str]]:
    return [(track.id, track.group) for track in project.sources]


def test_a_track_that_comes_inside_a_group_is_of_it() -> None:
    project = song("A", "A", "")
    added = AddTrack(Track(TrackId("t9"), TrackKind.AUDIO, "n"), 1).apply(project)
    assert groups(added)[:3] == [("t1", "A"), ("t9", "A"), ("t2", "A")]
    after = AddTrack(Track(TrackId("t9"), TrackKind.AUDIO, "n"), 2).apply(project)
    assert groups(after)[2] == ("t9", "")
    copied = DuplicateTrack(TrackId("t2")).apply(project)
    assert [group for _, group in groups(copied)] == ["A", "A", "A", ""]


def test_a_group_that_moves_parts_no_other() -> None:
    project = song("A", "A", "B", "B", "")
    moved = MoveRows((TrackId("t1"), TrackId("t2")), TrackId("t3")).apply(project)
    assert [id for id, _ in groups(moved)] == ["t3", "t4", "t1", "t2", "t5"]
    back = MoveRows((TrackId("t1"), TrackId("t2")), TrackId("t4")).apply(moved)
    assert groups(back) == groups(project)


def test_names_of_groups_are_told_apart() -> None:
    project = song("Band", "", "", "")
    two = GroupTracks(frozenset({TrackId("t3"), TrackId("t4")}), "Band").apply(project)
    assert groups(two)[2:] == [("t3", "Band 2"), ("t4", "Band 2")]
    renamed = RenameGroup("Band 2", "Band").apply(two)
    assert groups(renamed)[2:] == [("t3", "Band 2"), ("t4", "Band 2")]
    assert [t.id for t in run_of(two.sources, TrackId("t4"))] == ["t3", "t4"]
    assert run_of(two.sources, TrackId("t99")) == ()
