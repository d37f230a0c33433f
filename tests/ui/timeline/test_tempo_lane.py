"""Tempo and meter in the ruler: written, dragged and taken away with the mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from studio.domain.tempo import MeterChange, TempoMap
from studio.edit.tempo import SetMeter, SetTempo
from studio.ui.timeline.tempo_lane import METER_HEIGHT, TEMPO_HEIGHT
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import ALT, CTRL, Mouse, escape
from tests.ui.canvas.scene import BAR, BEAT
from tests.ui.timeline.places import steps


def tempos(studio: Studio) -> list[tuple[int, float]]:
    return [(change.tick, change.bpm) for change in studio.song.project.tempo.tempos]


def meters(studio: Studio) -> list[tuple[int, int, int]]:
    found = studio.song.project.tempo.meters
    return [(change.tick, change.beats, change.unit) for change in found]


def tempo_place(timeline: Timeline, tick: int, bpm: float) -> tuple[float, float]:
    return timeline.view.axis.x(tick), timeline.ruler.tempos.y(bpm)


def meter_place(timeline: Timeline, tick: int) -> tuple[float, float]:
    top = timeline.ruler.tempos.top + TEMPO_HEIGHT
    return timeline.view.axis.x(tick), top + METER_HEIGHT / 2


def type_over(timeline: Timeline, text: str) -> None:
    field = timeline.ruler.findChildren(QLineEdit)[-1]
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


@pytest.fixture
def mouse(timeline: Timeline) -> Mouse:
    timeline.toggle_tempo()
    return Mouse(timeline.ruler)


def test_the_rows_come_with_changes_and_by_choice(timeline: Timeline, studio: Studio) -> None:
    low = timeline.ruler.height()
    studio.song.do(SetTempo(BAR, 90.0))
    assert timeline.ruler.height() == low + TEMPO_HEIGHT + METER_HEIGHT
    timeline.toggle_tempo()
    assert timeline.ruler.height() == low
    timeline.toggle_tempo()
    studio.song.undo()
    assert timeline.ruler.height() > low, "what was asked for stays"


def test_a_tempo_is_written_where_it_is_double_clicked(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.double_click(*tempo_place(timeline, 2 * BAR + 9, 120))
    type_over(timeline, "96,5")
    assert tempos(studio) == [(0, 120.0), (2 * BAR, 96.5)]
    mouse.double_click(*tempo_place(timeline, 2 * BAR, 96.5))
    type_over(timeline, "80 bpm")
    assert tempos(studio) == [(0, 120.0), (2 * BAR, 80.0)]
    assert (steps(studio), studio.song.undo_label) == (2, "Change tempo")


def test_a_drag_changes_the_tempo_in_one_step_and_escape_takes_it_back(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    x, y = tempo_place(timeline, BAR, 120)
    mouse.hold((x, y), (x, y - 20))
    assert timeline.view.project.tempo.tempo_at(BAR) == 130
    escape(timeline.ruler)
    assert tempos(studio) == [(0, 120.0)]
    mouse.release(x, y - 20)
    mouse.drag((x, y), (x, y + 40))
    assert tempos(studio) == [(0, 100.0)]
    mouse.drag((x, y), (x, y - 30), CTRL)
    assert tempos(studio) == [(0, 101.5)]
    assert steps(studio) == 2


def test_a_change_of_tempo_is_moved_by_its_beginning_and_alt_leaves_the_grid(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.song.do(SetTempo(BAR, 90.0))
    x, y = tempo_place(timeline, BAR, 90)
    mouse.drag((x, y), (x + 104, y))
    assert tempos(studio) == [(0, 120.0), (2 * BAR, 90.0)]
    mouse.drag((x + 100, y), (x + 113, y), ALT)
    assert tempos(studio)[1][0] % BEAT
    menu = timeline.menus.tempo_menu(QPointF(timeline.view.axis.x(tempos(studio)[1][0]), y))
    next(a for a in menu.actions() if a.text().startswith("Remove")).trigger()
    assert tempos(studio) == [(0, 120.0)]


def test_meters_are_written_moved_by_bars_and_removed(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.double_click(*meter_place(timeline, 2 * BAR + 50))
    type_over(timeline, "3/4")
    assert meters(studio) == [(0, 4, 4), (2 * BAR, 3, 4)]
    x, y = meter_place(timeline, 2 * BAR)
    mouse.hold((x, y), (x - 90, y))
    escape(timeline.ruler)
    mouse.release(x - 90, y)
    assert meters(studio)[1][0] == 2 * BAR
    mouse.drag((x, y), (x - 90, y))
    assert meters(studio) == [(0, 4, 4), (BAR, 3, 4)]
    menu = timeline.menus.tempo_menu(QPointF(*meter_place(timeline, BAR)))
    next(a for a in menu.actions() if a.text().startswith("Remove")).trigger()
    assert meters(studio) == [(0, 4, 4)]
    assert steps(studio) == 3


def test_nonsense_is_one_sentence_and_changes_nothing(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    told: list[str] = []
    studio.notice.connect(lambda level, message, hint: told.append(message))
    for text in ("fast", "7/5", "5000"):
        mouse.double_click(*tempo_place(timeline, BAR, 120))
        type_over(timeline, text)
    assert len(told) == 3
    assert steps(studio) == 0


def test_later_meters_keep_their_bars_when_one_goes() -> None:
    tempo = TempoMap(meters=(MeterChange(0, 4, 4),)).with_meter(BAR, 3, 4)
    tempo = tempo.with_meter(tempo.bar_start(4), 6, 8)
    gone = tempo.without_meter(BAR)
    assert [gone.bar_at(meter.tick) for meter in gone.meters] == [1, 4]


def test_the_first_tempo_and_meter_stay_at_the_start(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.song.do(SetMeter(0, 3, 4))
    mouse.drag(meter_place(timeline, 0), meter_place(timeline, BAR))
    assert meters(studio) == [(0, 3, 4)]
    x, y = tempo_place(timeline, 0, 120)
    mouse.drag((x, y), (x + 80, y - 20))
    assert tempos(studio) == [(0, 130.0)]
