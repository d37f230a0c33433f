"""The report of listening: what is known of music, and how near what is heard comes to it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from studio.ai.listening.heard import HeardChord, HeardNotes, notes_of
from studio.ai.listening.listen import BY_RULE, listen
from studio.ai.listening.mono import Mono
from studio.ai.training.listening.figures import recordings, report, scores
from studio.ai.training.listening.figures.pieces import Piece
from studio.core.errors import StudioError
from studio.domain.theory import Chord, Key
from tests.ai.listening.sounds import CHORD_NAMES, RATE, band, line

BEATS = np.arange(0.5, 16.4, 0.5)


def test_chords_that_are_heard_after_the_end_count_for_nothing() -> None:
    known = [HeardChord(0.0, 4.0, Chord(0)), HeardChord(4.0, 8.0, Chord(7))]
    late = [HeardChord(9.0, 12.0, Chord(2)), HeardChord(12.5, 13.0, Chord(4))]
    assert scores.chord_overlap(known, [*known, *late]) == (1.0, 1.0)
    assert scores.chord_overlap(known, [known[0], *late])[0] == pytest.approx(0.5)


def piece() -> Piece:
    chords = tuple(
        HeardChord(0.5 + 2.0 * bar, 2.5 + 2.0 * bar, Chord.parse(CHORD_NAMES[bar % 4]))
        for bar in range(8)
    )
    tune = notes_of([(0.5 * n, 0.5 * n + 0.45, 60 + n, 90) for n in range(8)])
    melody = line(range(60, 68), 0.5)
    return Piece(
        "band", RATE, band(BEATS), None, melody, BEATS, BEATS[::4], 120.0, Key(0, "major"), chords,
        HeardNotes(), HeardNotes(), tune, borders=np.zeros(0),
    )  # fmt: skip


def test_the_report_tells_what_was_measured_and_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = piece(), replace(piece(), name="again")
    there: dict[str, list[Piece]] = {"rendered": [first], "recordings": []}
    monkeypatch.setattr(report, "_pieces", lambda group, count, work: there[group])
    said: list[str] = []
    text = report.write(tmp_path, tmp_path / "out", {"rules": BY_RULE}, say=said.append)
    assert len(said) == 1
    there["rendered"].append(second)
    report.write(tmp_path, tmp_path / "out", {"rules": BY_RULE}, say=said.append)
    assert [words.split(",")[0] for words in said] == ["band", "again"]
    kept = json.loads((tmp_path / "out" / "report.json").read_text())
    row = kept["rendered"]["band"]["rules"]
    assert row["beat F"] > 0.9
    assert row["chords, triads"] > 0.8
    assert row["melody, pitch"] > 0.9
    told = text.read_text()
    assert f"| band | rules | {row['beat F']:.2f} |" in told
    assert (tmp_path / "out" / "plots" / "rendered.svg").exists()
    with pytest.raises(StudioError, match="no figure “tempo”"):
        report.write(tmp_path, tmp_path / "out", {"rules": BY_RULE}, ["tempo"])


def test_half_the_beats_count_in_any_octave_only() -> None:
    heard = listen(Mono.of(band(BEATS), RATE))
    halved = replace(piece(), beats=BEATS[::2], bpm=60.0)
    found = scores.of_whole(halved, heard)
    assert found["beat F"] < 0.75
    assert found["beat F, any octave"] > 0.9
    assert (found["tempo"], found["tempo, any octave"]) == (0.0, 1.0)


def test_moments_that_nearly_coincide_are_one() -> None:
    assert scores.moments(np.array([1.0, 0.0, 1.01, 1.5])).tolist() == [0.0, 1.0, 1.5]
    assert scores.f_within(np.array([1.0, 2.0]), np.array([1.04, 5.0]), 0.05) == 0.5


def test_a_chart_tells_beats_and_strokes_of_a_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTTI_DATA", str(tmp_path))
    folder = tmp_path / "real" / "Feelings"
    folder.mkdir(parents=True)
    known = recordings.CHARTS["Feelings"]
    for name in ("guitar.ogg", "song.ogg"):
        soundfile.write(folder / name, np.zeros((8000 * 40, 1)), 8000, format="OGG")
    chart, track = mido.MidiFile(ticks_per_beat=96), mido.MidiTrack()
    for note, beats in ((97, 56), (60, 1)):  # the second is of an easier part
        track.append(mido.Message("note_on", note=note, velocity=100, time=96 * beats))
        track.append(mido.Message("note_off", note=note))
    chart.tracks.append(track)
    chart.save(folder / "notes.mid")
    (found,) = recordings.recordings(tmp_path)
    assert found.name == "Feelings"
    assert len(found.mix) == 8000 * 10  # of what lies after the first half minute
    step = 60.0 / known.bpm
    assert np.allclose(np.diff(found.beats), step)
    number = (found.beats[0] + recordings.FIRST - known.offset) / step
    assert number == pytest.approx(round(number))
    bars = (found.downbeats + recordings.FIRST - known.offset) / step / 4
    assert np.allclose(bars, np.rint(bars))
    assert np.allclose(found.strokes_of_guitar, 56 * step + known.offset - recordings.FIRST)
