"""What the timeline shows, read from the pixels on the screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ai.requests import Request, Result, Task
from studio.domain.gap import Gap, Part
from studio.domain.notes import Notes
from studio.domain.track import TrackId
from studio.edit.clips import SetClip
from studio.ui import theme
from studio.ui.timeline.timeline import Timeline
from studio.workspace.generation import Overlay
from studio.workspace.studio import Studio
from tests.ui.canvas.at_ratio import run_at_ratio_two
from tests.ui.canvas.hands import differs, pixel
from tests.ui.canvas.scene import BAR, BASS, BEAT, PIANO, RATE
from tests.ui.timeline.places import CHORUS, RAIN_CLIP, VERSE, at, clip


def colours_of(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def row_picture(timeline: Timeline, start: int, end: int, row: int) -> QImage:
    """The body of a stretch of a row."""
    layout = timeline.lanes.layout_.row(row)
    left, right = (round(timeline.view.axis.x(tick)) for tick in (start, end))
    top = round(layout.top) + 18
    area = timeline.lanes.rect()
    area.setRect(left + 2, top, right - left - 4, round(layout.height) - 20)
    return timeline.lanes.grab(area).toImage()


def test_a_clip_wears_the_colour_of_its_track(timeline: Timeline) -> None:
    header = pixel(timeline.lanes, *at(timeline, 1.9 * BAR, 0, 0.14))
    body = pixel(timeline.lanes, *at(timeline, 1.5 * BAR, 0, 0.85))
    empty = pixel(timeline.lanes, *at(timeline, 6.1 * BAR, 0, 0.85))
    sky = theme.track_colour(0)
    assert abs(header.hslHue() - sky.hslHue()) < 12
    assert differs(header, sky) < differs(body, sky) < differs(empty, sky)


def test_a_clip_has_round_corners_and_full_edges(timeline: Timeline) -> None:
    top = timeline.lanes.layout_.row(0).top
    left = timeline.view.axis.x(2 * BAR)
    right = timeline.view.axis.x(4 * BAR) - 2
    canvas, header = theme.colour("canvas"), pixel(timeline.lanes, left + 60, top + 3)
    for x in (left, right):
        assert differs(pixel(timeline.lanes, x, top), canvas) < 40
        assert differs(pixel(timeline.lanes, x, top + 8), header) < 12


def test_notes_are_drawn_in_miniature(timeline: Timeline) -> None:
    assert theme.track_colour(0).name() in colours_of(row_picture(timeline, 0, BAR, 0))
    assert theme.track_colour(0).name() not in colours_of(
        row_picture(timeline, BAR + 100, 2 * BAR, 0)
    )


def test_a_muted_clip_loses_its_colour(timeline: Timeline, studio: Studio) -> None:
    spot = at(timeline, 1.9 * BAR, 0, 0.14)
    before = pixel(timeline.lanes, *spot)
    studio.song.do(SetClip(frozenset({VERSE}), (("muted", True),)))
    after = pixel(timeline.lanes, *spot)
    assert after.hslSaturation() < before.hslSaturation() / 2


def test_a_selected_clip_is_outlined(timeline: Timeline, studio: Studio) -> None:
    layout = timeline.lanes.layout_.row(0)
    spot = (timeline.view.axis.x(BAR), layout.top + layout.height - 1)
    studio.selection.set_clips({VERSE})
    assert differs(pixel(timeline.lanes, *spot), theme.colour("text")) < 40
    studio.selection.set_clips(())
    assert differs(pixel(timeline.lanes, *spot), theme.colour("text")) > 100


def test_a_recording_shows_its_outline_once_that_is_read(
    timeline: Timeline, studio: Studio, qtbot: QtBot
) -> None:
    track = theme.track_colour(5).name()

    def filled() -> float:
        picture = row_picture(timeline, 2 * BAR, 3 * BAR, 2)
        hits = [
            picture.pixelColor(x, y).name() == track
            for x in range(0, picture.width(), 7)
            for y in range(picture.height())
        ]
        return float(np.mean(hits))

    qtbot.waitUntil(lambda: filled() > 0.3, timeout=5000)


def test_a_gap_being_written_is_framed_and_fills(timeline: Timeline, studio: Studio) -> None:
    notes = Notes.of([4 * BAR, 5 * BAR], [BEAT, BEAT], [40, 43])
    request = _request(studio, (BASS,), 4 * BAR, 6 * BAR)
    spot = (timeline.view.axis.x(4 * BAR) + 1, at(timeline, 0, 1, 0.5)[1])
    result = Result((Part(BASS, notes),), 5 * BAR + BEAT)
    studio.generation._show(Overlay(request, result))
    words = timeline.lanes._gaps.words(Overlay(request, result))
    assert words == "writing bar 6 of 5–6"
    edge = [pixel(timeline.lanes, spot[0], spot[1] + down) for down in range(9)]
    assert min(differs(color, theme.colour("accent")) for color in edge) < 60
    assert max(differs(color, theme.colour("accent")) for color in edge) > 100
    assert theme.track_colour(1).name() in colours_of(row_picture(timeline, 4 * BAR, 5 * BAR, 1))
    assert studio.song.project.track(BASS).clips[-1].start == 0  # the song has nothing of it
    studio.generation._show(None)
    assert theme.track_colour(1).name() not in colours_of(
        row_picture(timeline, 4 * BAR, 5 * BAR, 1)
    )


def _request(studio: Studio, tracks: tuple[TrackId, ...], start: int, end: int) -> Request:
    gap = Gap(tracks, start, end)
    return Request(Task.REWRITE, gap, "sketch", "", 1, studio.song.project)


def test_the_playhead_and_the_loop_are_seen(timeline: Timeline, studio: Studio) -> None:
    studio.playback.seek(6 * BAR)
    studio.playback.set_loop((5 * BAR, 7 * BAR))
    x = timeline.view.axis.x(6 * BAR)
    assert differs(pixel(timeline.lanes, x, 190), theme.colour("text")) < 8
    line = pixel(timeline.ruler, timeline.view.axis.x(5.5 * BAR), 19)
    assert differs(line, theme.colour("accent")) < 8
    studio.playback.set_loop((5 * BAR, 7 * BAR), on=False)
    line = pixel(timeline.ruler, timeline.view.axis.x(5.5 * BAR), 19)
    assert differs(line, theme.colour("accent")) > 60


def test_following_turns_the_page_only_while_it_plays(
    timeline: Timeline, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeline.view.axis.set_end(40 * BAR)
    studio.playback.seek(30 * BAR)
    assert timeline.view.axis.left == 0
    monkeypatch.setattr(type(studio.playback), "playing", True)
    monkeypatch.setattr(type(studio.playback), "position_tick", 30 * BAR)
    studio.playback.moved.emit()
    assert 0 < timeline.view.axis.x(30 * BAR) < 100


def drop(timeline: Timeline, paths: list[Path], spot: QPointF) -> bool:
    """Drag files in and let them go; whether the lanes took them."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    copy = Qt.DropAction.CopyAction
    entered = QDragEnterEvent(spot.toPoint(), copy, mime, left, none)
    entered.ignore()
    QApplication.sendEvent(timeline.lanes, entered)
    if entered.isAccepted():
        QApplication.sendEvent(timeline.lanes, QDropEvent(spot, copy, mime, left, none))
    return entered.isAccepted()


def silent_file(path: Path) -> Path:
    soundfile.write(path, np.zeros((RATE // 2, 1), dtype=np.float32), RATE)
    return path


def test_a_file_let_go_over_a_lane_lands_there(
    timeline: Timeline, studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    assert drop(
        timeline, [silent_file(tmp_path / "Door.wav")], QPointF(*at(timeline, 5.02 * BAR, 2))
    )
    qtbot.waitUntil(lambda: len(studio.song.project.sources[2].clips) == 2, timeout=5000)
    assert studio.song.project.sources[2].clips[-1].start == 5 * BAR
    assert len(studio.song.steps) == 1


def test_files_let_go_below_the_tracks_get_a_track_each(
    timeline: Timeline, studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = [silent_file(tmp_path / name) for name in ("One.wav", "Two.flac")]
    spot = QPointF(timeline.view.axis.x(BAR), timeline.view.rows.y(3) + 20)
    assert drop(timeline, paths, spot)
    qtbot.waitUntil(lambda: len(studio.song.project.sources) == 5, timeout=5000)
    made = studio.song.project.sources[3:]
    assert [track.clips[0].start for track in made] == [BAR, BAR]
    assert len(studio.song.steps) == 1


def test_a_text_file_is_not_taken(timeline: Timeline) -> None:
    assert not drop(timeline, [Path("/nowhere/words.txt")], QPointF(50, 50))


def test_a_song_without_tracks_says_what_to_do(timeline: Timeline, studio: Studio) -> None:
    from studio.domain.project import new_song

    studio.song.open(new_song())
    picture = timeline.headers.grab().toImage()
    assert len(colours_of(picture)) > 5


def test_edits_elsewhere_are_drawn(timeline: Timeline, studio: Studio) -> None:
    spot = at(timeline, 3 * BAR, 0, 0.14)
    before = pixel(timeline.lanes, *spot)
    moved = replace(clip(studio, CHORUS), start=6 * BAR)
    studio.song.open(studio.song.project.with_clip(moved))
    assert differs(pixel(timeline.lanes, *spot), before) > 20
    assert clip(studio, RAIN_CLIP).start == 2 * BAR
    assert studio.song.project.track_of(VERSE).id == PIANO


def test_the_timeline_is_sharp_at_device_pixel_ratio_two(tmp_path: Path) -> None:
    said = run_at_ratio_two(
        """
        from pathlib import Path
        from studio.ui import theme
        from studio.ui.timeline.timeline import Timeline
        from tests.ui.canvas.scene import BAR, open_studio
        from tests.ui.canvas.hands import Mouse, shown
        from tests.ui.timeline.places import CHORUS, at, clip
        import tempfile
        with open_studio(Path(tempfile.mkdtemp())) as studio:
            timeline = shown(Timeline(studio), 850, 400)
            timeline.view.axis.scale = 100 / BAR
            timeline.view.axis.changed.emit()
            studio.playback.seek(5 * BAR)
            picture = timeline.lanes.grab().toImage()
            print(picture.width() == 2 * timeline.lanes.width())
            x = round(timeline.view.axis.x(5 * BAR)) * 2
            white = theme.colour("text").name()
            row = [picture.pixelColor(x + dx, 500).name() == white for dx in (-1, 0, 1, 2)]
            print(row)
            mouse = Mouse(timeline.lanes)
            mouse.drag(at(timeline, 3 * BAR, 0), at(timeline, 4.3 * BAR, 0))
            print(clip(studio, CHORUS).start)
            timeline.close()
            timeline.deleteLater()
        """,
        tmp_path,
    )
    assert said == ["True", "[False, True, True, False]", str(3 * BAR + BEAT)]
