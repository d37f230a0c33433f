"""Waveforms: where frames are on the screen, and samples from close by."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from studio.domain.clip import AudioClip, AudioSource, WarpPoint
from studio.domain.tempo import TempoChange, TempoMap
from studio.edit.tempo import SetTempo, SetTempoMap
from studio.ui.timeline import waveforms
from studio.ui.timeline.close_up import CloseUp
from studio.ui.timeline.timeline import Timeline
from studio.ui.timeline.waveforms import clip_points, stretches
from studio.workspace.studio import Studio
from tests.ui.canvas.scene import BAR, RATE
from tests.ui.timeline.places import RAIN_CLIP, sound_of

SOURCE = AudioSource("00", RATE, 10 * RATE, 1)
CLIP = AudioClip(RAIN_CLIP, BAR, SOURCE, RATE, 4 * RATE)  # at 120 bpm a bar lasts two seconds


def test_a_clip_under_one_tempo_is_one_stretch() -> None:
    (only,) = stretches(clip_points(CLIP, TempoMap.constant(120)))
    assert (only.start, only.end, only.first, only.last) == (BAR, 3 * BAR, RATE, 5 * RATE)


def test_a_tempo_change_divides_a_clip_where_it_is() -> None:
    tempo = TempoMap.constant(120).with_tempo(2 * BAR, 60)
    first, second = stretches(clip_points(CLIP, tempo))
    assert (first.end, first.last) == (2 * BAR, 3 * RATE)
    assert (second.start, second.first) == (2 * BAR, 3 * RATE)
    assert (second.end, second.last) == (2 * BAR + BAR // 2, 5 * RATE)


def test_a_warped_clip_is_divided_at_its_points() -> None:
    points = (WarpPoint(RATE, 0), WarpPoint(2 * RATE, BAR), WarpPoint(5 * RATE, 2 * BAR))
    bent = replace(CLIP, warp=points)
    found = list(stretches(clip_points(bent, TempoMap.constant(90))))
    assert [(s.start, s.end, s.first, s.last) for s in found] == [
        (BAR, 2 * BAR, RATE, 2 * RATE),
        (2 * BAR, 3 * BAR, 2 * RATE, 5 * RATE),
    ]


def test_the_waveform_has_no_gaps_where_the_tempo_changes(
    timeline: Timeline, studio: Studio, qtbot: QtBot
) -> None:
    waveforms = timeline.lanes._waveforms
    source = sound_of(studio, RAIN_CLIP).source
    timeline.lanes.grab()
    qtbot.waitUntil(lambda: waveforms.peaks(source) is not None, timeout=5000)
    for tick in range(2 * BAR + 250, 3 * BAR, 377):
        studio.song.do(SetTempo(tick, 100.0 + tick % 40))
    row = timeline.lanes.layout_.row(2)
    picture, y = timeline.lanes.grab().toImage(), round(row.top + 16 + (row.height - 16) / 2)
    left = round(timeline.view.axis.x(2 * BAR)) + 3
    colours = {picture.pixelColor(x, y).name() for x in range(left, left + 80)}
    assert len(colours) == 1


def test_a_clip_of_many_tempos_looks_as_its_parts_do(
    timeline: Timeline, studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sound_of(studio, RAIN_CLIP).source
    timeline.lanes.grab()
    qtbot.waitUntil(lambda: timeline.lanes._waveforms.peaks(source) is not None, timeout=5000)
    changes = {tick: 100.0 + 40.0 * (tick % 3) for tick in range(0, 4 * BAR, 200)}
    tempos = tuple(TempoChange(tick, bpm) for tick, bpm in changes.items())
    studio.song.do(SetTempoMap(TempoMap(tempos)))
    pictures = []
    for many in (waveforms._MANY, 10_000):
        monkeypatch.setattr(waveforms, "_MANY", many)
        timeline.lanes.invalidate_content()
        shot = timeline.lanes.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        pictures.append(np.array(shot.constBits()).reshape(shot.height(), -1, 4)[:, :, 1])
    as_one, in_parts = (picture.astype(np.int64) for picture in pictures)
    left, right = (round(timeline.view.axis.x(at)) for at in (2 * BAR, 3 * BAR))
    is_wave = in_parts[:, left:right] != in_parts[-1, left:right]
    assert is_wave.any()
    assert (np.abs(as_one - in_parts) > 40)[:, left:right].sum() < 0.02 * is_wave.sum()


@pytest.fixture
def close_up(studio: Studio, qtbot: QtBot) -> CloseUp:
    """Around frames 1000-2000 of the noise."""
    close_up = CloseUp(studio)
    source = sound_of(studio, RAIN_CLIP).source
    with qtbot.waitSignal(close_up.ready, timeout=5000):
        assert close_up.read(source, 1000, 2000, 100) is None
    return close_up


def test_a_column_of_samples_spans_the_lowest_and_the_highest(
    close_up: CloseUp, studio: Studio
) -> None:
    source = sound_of(studio, RAIN_CLIP).source
    found = close_up.read(source, 1000, 2000, 100)
    assert found is not None
    direct = studio.files.media.samples(source, 1000, 2000)[:, 0].reshape(100, 10)
    np.testing.assert_array_equal(found[:, 0, 0], direct.min(axis=1))
    np.testing.assert_array_equal(found[:, 0, 1], direct.max(axis=1))


def test_between_samples_a_line_leads_from_one_to_the_next(
    close_up: CloseUp, studio: Studio
) -> None:
    source = sound_of(studio, RAIN_CLIP).source
    found = close_up.read(source, 1500, 1502, 40)
    assert found is not None
    direct = studio.files.media.samples(source, 1500, 1503)[:, 0]
    ends = (found[0, 0], found[20, 0], found[39, 0])
    for column, sample in zip(ends, direct, strict=True):
        assert column.min() - 1e-3 <= sample <= column.max() + 1e-3
    assert np.all(found[1:, 0, 0] <= found[:-1, 0, 1] + 1e-6)  # no gap between columns


def test_scrolling_a_little_needs_no_new_reading(close_up: CloseUp, studio: Studio) -> None:
    source = sound_of(studio, RAIN_CLIP).source
    assert close_up.read(source, 2500, 3500, 100) is not None
    assert close_up.read(source, 60_000, 61_000, 100) is None


def test_the_timeline_shows_samples_from_close_by(timeline: Timeline, qtbot: QtBot) -> None:
    timeline.view.axis.show(2.2 * BAR, 2.21 * BAR)
    row = timeline.lanes.layout_.row(2)

    def heights() -> int:
        """How many different colours a line through the waveform meets."""
        picture = timeline.lanes.grab().toImage()
        y = round(row.top + row.height * 0.57)
        colours = [picture.pixelColor(x, y).name() for x in range(0, picture.width(), 2)]
        return sum(a != b for a, b in pairwise(colours))

    # The outline has a step each 256 frames, of which less than four are in sight.
    qtbot.waitUntil(lambda: heights() > 40, timeout=5000)
