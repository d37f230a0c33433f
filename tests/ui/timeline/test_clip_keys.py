"""What the window's actions call: each one is one undo step."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from studio.ui.actions import ROWS
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.scene import BAR, BASS, BEAT, PIANO
from tests.ui.timeline.places import BASS_CLIP, CHORUS, RAIN_CLIP, VERSE, clip, notes_of, steps


def piano_starts(studio: Studio) -> list[int]:
    return [clip.start for clip in studio.song.project.track(PIANO).clips]


def test_split_cuts_the_selected_clips_at_the_playhead(timeline: Timeline, studio: Studio) -> None:
    studio.playback.seek(BAR)
    studio.selection.set_clips({VERSE})
    timeline.split()
    assert piano_starts(studio) == [0, BAR, 2 * BAR]
    assert len(studio.song.project.track(BASS).clips) == 1
    assert steps(studio) == 1


def test_split_without_a_selection_cuts_whatever_is_under_the_playhead(
    timeline: Timeline, studio: Studio
) -> None:
    studio.playback.seek(BAR)
    timeline.split()
    assert piano_starts(studio) == [0, BAR, 2 * BAR]
    assert len(studio.song.project.track(BASS).clips) == 2
    assert steps(studio) == 1


def test_join_makes_one_clip(timeline: Timeline, studio: Studio) -> None:
    studio.selection.set_clips({VERSE, CHORUS})
    timeline.join()
    assert piano_starts(studio) == [0]
    assert notes_of(studio, VERSE).length == 4 * BAR
    assert len(notes_of(studio, VERSE).notes) == 8
    assert steps(studio) == 1


def test_duplicate_puts_the_copy_behind_and_selects_it(timeline: Timeline, studio: Studio) -> None:
    studio.selection.set_clips({CHORUS})
    timeline.duplicate()
    timeline.duplicate()
    assert piano_starts(studio) == [0, 2 * BAR, 4 * BAR, 6 * BAR]
    assert steps(studio) == 2


def test_cut_and_paste_at_the_playhead_keep_tracks_and_distances(
    timeline: Timeline, studio: Studio
) -> None:
    studio.selection.set_clips({VERSE, BASS_CLIP})
    timeline.cut()
    assert piano_starts(studio) == [2 * BAR]
    studio.playback.seek(5 * BAR)
    timeline.paste()
    assert piano_starts(studio) == [2 * BAR, 5 * BAR]
    assert [c.start for c in studio.song.project.track(BASS).clips] == [5 * BAR]
    assert len(studio.selection.clips) == 2
    assert steps(studio) == 2


def test_copy_and_paste_leave_the_original(timeline: Timeline, studio: Studio) -> None:
    studio.selection.set_clips({VERSE})
    timeline.copy()
    studio.playback.seek(4 * BAR)
    timeline.paste()
    assert piano_starts(studio) == [0, 2 * BAR, 4 * BAR]


def test_delete_takes_the_selected_clips(timeline: Timeline, studio: Studio) -> None:
    studio.selection.set_clips({VERSE, RAIN_CLIP})
    timeline.delete()
    assert studio.song.project.find_clip(VERSE) is None
    assert studio.song.project.find_clip(RAIN_CLIP) is None
    assert steps(studio) == 1


def test_delete_empties_a_range_in_one_step(timeline: Timeline, studio: Studio) -> None:
    before = studio.song.project
    studio.selection.set_span((BAR, 3 * BAR), (PIANO,))
    timeline.delete()
    clips = studio.song.project.track(PIANO).clips
    assert [(c.start, studio.song.project.clip_end(c)) for c in clips] == [
        (0, BAR),
        (3 * BAR, 4 * BAR),
    ]
    assert steps(studio) == 1
    studio.song.undo()
    assert studio.song.project is before


def test_nudging_moves_by_the_grid_and_stops_at_the_start(
    timeline: Timeline, studio: Studio
) -> None:
    studio.selection.set_clips({CHORUS})
    timeline.nudge_right()
    assert clip(studio, CHORUS).start == 2 * BAR + BEAT
    timeline.nudge_left()
    timeline.nudge_left()
    assert clip(studio, CHORUS).start == 2 * BAR - BEAT
    studio.selection.set_clips({VERSE})
    timeline.nudge_left()
    assert clip(studio, VERSE).start == 0


def test_mute_goes_on_for_all_and_then_off_for_all(timeline: Timeline, studio: Studio) -> None:
    studio.selection.set_clips({VERSE})
    timeline.toggle_mute()
    studio.selection.set_clips({VERSE, CHORUS})
    timeline.toggle_mute()
    assert clip(studio, VERSE).muted
    assert clip(studio, CHORUS).muted
    timeline.toggle_mute()
    assert not clip(studio, VERSE).muted
    assert not clip(studio, CHORUS).muted


def test_zoom_shows_the_selection_the_song_and_goes_back(
    timeline: Timeline, studio: Studio
) -> None:
    axis = timeline.view.axis
    before = (axis.left, axis.scale)
    studio.selection.set_clips({CHORUS})
    timeline.zoom_to_selection()
    assert axis.x(2 * BAR) >= 0
    assert axis.width * 0.9 < axis.x(4 * BAR) - axis.x(2 * BAR) <= axis.width
    timeline.zoom_back()
    assert (axis.left, axis.scale) == before
    timeline.zoom_fit()
    assert axis.left == 0
    assert axis.width * 0.9 < axis.x(4 * BAR) <= axis.width
    scale = axis.scale
    timeline.zoom_in()
    assert axis.scale > scale
    timeline.zoom_out()
    assert abs(axis.scale - scale) < 1e-9


def test_an_unknown_tool_changes_nothing(timeline: Timeline) -> None:
    timeline.set_tool("knife")
    timeline.set_tool("spoon")
    assert timeline.view.tool == "knife"


def test_snap_is_switched_from_the_keyboard(timeline: Timeline) -> None:
    timeline.toggle_snap()
    assert not timeline.view.snap.on


def test_select_all_takes_every_clip(timeline: Timeline, studio: Studio) -> None:
    timeline.select_all()
    assert studio.selection.clips == {VERSE, CHORUS, BASS_CLIP, RAIN_CLIP}


def test_keep_accepts_what_a_model_wrote(timeline: Timeline, studio: Studio) -> None:
    from studio.edit.notes import SetNotes

    studio.song.do(SetNotes(VERSE, frozenset({0, 1}), (("fresh", True),)))
    studio.selection.set_clips({VERSE})
    timeline.keep()
    assert not notes_of(studio, VERSE).notes.fresh.any()


def test_the_keyboard_walks_from_clip_to_clip(timeline: Timeline, studio: Studio) -> None:
    walked = []
    for _ in range(5):
        timeline.select_next()
        walked.append(next(iter(studio.selection.clips)))
    assert walked == [VERSE, CHORUS, BASS_CLIP, RAIN_CLIP, VERSE]
    timeline.select_previous()
    assert studio.selection.clips == {RAIN_CLIP}


def test_clips_are_renamed_in_place(timeline: Timeline, studio: Studio) -> None:
    studio.selection.set_clips({VERSE})
    timeline.rename_clips()
    field = timeline.lanes.findChild(QLineEdit)
    assert field is not None
    assert field.text() == "verse"
    QTest.keyClicks(field, "s and q")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert clip(studio, VERSE).name == "s and q"
    assert steps(studio) == 1


def test_sections_are_named_in_place_and_taken_away(timeline: Timeline, studio: Studio) -> None:
    timeline.rename_marker(BAR)
    field = timeline.ruler.findChild(QLineEdit)
    assert field is not None
    QTest.keyClicks(field, "Bridge")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert [marker.name for marker in studio.song.project.markers] == ["Verse", "Bridge", "Chorus"]
    menu = timeline.menus.marker_menu(BAR)
    next(action for action in menu.actions() if action.text() == "Remove section").trigger()
    assert [marker.name for marker in studio.song.project.markers] == ["Verse", "Chorus"]
    assert steps(studio) == 2
    menu.close()
    menu.deleteLater()


def test_the_menu_of_a_clip_acts_on_the_selection(timeline: Timeline, studio: Studio) -> None:
    studio.selection.set_clips({VERSE})
    menu = timeline.menus.clip_menu()
    by_words = {action.text().split("\t")[0]: action for action in menu.actions()}
    by_words["Mute what is selected"].trigger()
    assert clip(studio, VERSE).muted
    by_words["Delete"].trigger()
    assert studio.song.project.find_clip(VERSE) is None
    menu.close()
    menu.deleteLater()


def test_the_menus_name_actions_and_keys_as_the_table_does(
    timeline: Timeline, studio: Studio
) -> None:
    studio.selection.set_clips({VERSE})
    table = {row.title: row.keys[0] if row.keys else "" for row in ROWS}
    for menu in (timeline.menus.clip_menu(), timeline.menus.track_menu(PIANO)):
        words = [action.text().split("\t") for action in menu.actions() if action.text()]
        named = {title: (key or [""])[0] for title, *key in words if title in table}
        assert len(named) >= 4
        assert named == {title: table[title] for title in named}
        menu.close()
        menu.deleteLater()
