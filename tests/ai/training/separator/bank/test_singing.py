"""Lines to sing, words to sing them with, and voices that hit the notes."""

from __future__ import annotations

import importlib.util
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.training.separator.bank.index import SAMPLE_RATE
from studio.ai.training.separator.bank.melodies import (
    SHORTEST_NOTE,
    Line,
    Melody,
    folk_tunes,
    line,
    single,
)
from studio.ai.training.separator.bank.recordings import shifted
from studio.ai.training.separator.bank.singing import SCALES, airy, harmony, produced
from studio.ai.training.separator.bank.sinsy import score
from studio.ai.training.separator.bank.speakers import Speakers, words
from studio.ai.training.separator.bank.takes import NOTE, Notes, chance
from studio.ai.training.separator.bank.voices import (
    FRAME_SECONDS,
    Signal,
    extension,
    pitch_curve,
    places,
    sung,
    syllables,
    taken_apart,
    warped,
)
from studio.core.errors import StudioError
from tests.ai.training.midi import Track, archive, meter, midi
from tests.ai.training.separator.bank.making import tone

RATE = 24_000
needs_world = pytest.mark.skipif(
    importlib.util.find_spec("pyworld") is None, reason="pyworld comes with the extra “train”"
)


def notes(*rows: tuple[float, float, int]) -> Notes:
    table = np.zeros(len(rows), NOTE)
    for index, (start, end, pitch) in enumerate(rows):
        table[index] = (start, end, pitch, 90)
    return table


def scale_of(count: int, step: float = 1.0) -> Melody:
    rows = [(n * step, (n + 1) * step, 60 + (0, 2, 4, 5, 7, 5, 4, 2)[n % 8]) for n in range(count)]
    return Melody("a scale", "CC0-1.0", notes(*rows), 0, False, 4.0)


def speech() -> Signal:
    """Six vowels of 0.2 s at 120 Hz, with a breath of noise before each."""
    rng = np.random.default_rng(0)
    at = np.arange(round(0.2 * RATE)) / RATE
    buzz = sum(np.sin(2 * np.pi * 120 * k * at) / k for k in range(1, 30))
    swell = np.hanning(len(at))
    hiss = rng.normal(0, 0.02, round(0.08 * RATE))
    return np.concatenate([part for _ in range(6) for part in (hiss, 0.3 * buzz * swell)])


@given(st.integers(0, 5000), st.integers(50, 70), st.floats(0.25, 2.0))
@settings(max_examples=40, deadline=None)
def test_a_line_can_be_sung(seed: int, centre: int, step: float) -> None:
    found = line(scale_of(64, step), np.random.default_rng(seed), centre, 20.0)
    table = found.notes
    assert len(table)
    assert (table["end"] - table["start"] >= 0.8 * SHORTEST_NOTE).all()
    assert (table["start"][1:] >= table["end"][:-1] - 1e-9).all()
    assert abs(float(np.median(table["pitch"])) - centre) <= 6
    assert found.seconds < 23
    allowed = {((found.tonic or 0) + step) % 12 for step in SCALES["major"]}
    assert {int(pitch) % 12 for pitch in table["pitch"]} <= allowed


def test_one_note_at_a_time_is_the_highest() -> None:
    table = single(notes((0, 2, 60), (0, 2, 67), (1, 3, 64)))
    assert [tuple(row)[:3] for row in table] == [(0, 1, 67), (1, 3, 64)]


def test_folk_tunes_are_the_slow_ones(tmp_path: Path) -> None:
    tune = Track([(n / 2, 0.5, 62 + n % 5, 80) for n in range(40)], meta=(meter(3, 4),))
    names = ("1_Some_Air", "2_A_Jig_at_the_Fair")
    files = {f"midi/{name}.mid": midi(tune) for name in names}
    archive(tmp_path, "folk-oneill-ryan_PD-tunes", files)
    [found] = folk_tunes(tmp_path)
    assert (found.name, found.bar_quarters, len(found.notes)) == ("1_Some_Air", 3.0, 40)


def test_a_harmony_stays_in_the_scale() -> None:
    part = Line(notes((0, 1, 60), (1, 2, 64), (2, 3, 67), (3, 4, 71)), 100, 0, "major", 0.0)
    assert list(harmony(part, 2)["pitch"]) == [64, 67, 71, 74]
    assert list(harmony(part, -3)["pitch"]) == [55, 59, 62, 65]
    assert list(harmony(part, 0)["pitch"]) == [60, 64, 67, 71]


def test_sinsy_reads_every_note_at_its_time() -> None:
    part = Line(notes((0.0, 0.5, 60), (0.5, 1.0, 61), (1.5, 2.5, 72)), 120, 0, "major", 0.0)
    tree = ET.fromstring(score(part, np.random.default_rng(0)))
    sizes = [int(note.findtext("duration") or 0) for note in tree.iter("note")]
    assert sizes == [16, 8, 8, 8, 16, 16]  # thirty-seconds, with the rests around and between
    octaves = [note.findtext("pitch/octave") for note in tree.iter("note")]
    assert octaves == [None, "4", "4", None, "5", None]
    for measure in tree.iter("measure"):
        inside = sum(int(n.findtext("duration") or 0) for n in measure.iter("note"))
        assert measure.findtext("attributes/time/beats") == str(inside)


def test_words_are_the_same_for_the_same_chance() -> None:
    assert words("a", chance("x"), 4) == words("a", chance("x"), 4)
    assert words("a", chance("x"), 4) != words("a", chance("y"), 4)
    assert words("i", chance("x"), 2).count(".") == 2
    assert "verb" not in " ".join(words("a", chance(n), 5) for n in range(50))


def test_voices_of_tests_are_heard_nowhere_else(tmp_path: Path) -> None:
    home = tmp_path / "kokoro"
    (home / "voices").mkdir(parents=True)
    for name in ("af_heart", "af_nova", "zf_xiaobei"):
        (home / "voices" / f"{name}.bin").touch()
    (home / "kokoro-fp32.onnx").touch()
    voices = Speakers(tmp_path, tmp_path / "kept")
    assert voices.names("train") == voices.names("valid") == ["af_heart"]
    assert voices.names("test") == ["af_nova"]


def test_a_pitch_curve_settles_on_each_note() -> None:
    table = notes((0.0, 1.0, 60), (1.0, 2.0, 67))
    curve = pitch_curve(table, round(2.3 / FRAME_SECONDS), np.random.default_rng(2))
    assert np.median(curve[60:190]) == pytest.approx(60, abs=0.35)
    assert np.median(curve[260:390]) == pytest.approx(67, abs=0.35)
    assert np.abs(np.diff(curve)).max() < 3


def test_vowels_are_held_and_consonants_are_not() -> None:
    level = np.concatenate([np.full(10, 1e-4), np.full(40, 1.0), np.full(10, 1e-4)] * 3)
    f0 = np.where(level > 0.5, 120.0, 0.0)
    table = tuple(syllables(f0, level[:, None]))
    assert len(table) == 3
    rng = np.random.default_rng(0)
    at, sounding = places(notes((0, 2.0, 60), (2.5, 3.0, 62)), table, 0, 650, rng)
    assert sounding[:399].all()
    assert not sounding[410:490].any()
    inside = (at[:400] >= table[0].vowel - 2) & (at[:400] <= table[0].vowel_end + 2)
    assert inside.mean() > 0.8


@needs_world
def test_a_voice_sings_the_notes() -> None:
    voice = taken_apart(speech(), RATE)
    assert len(voice.syllables) == 6
    table = notes((0.2, 1.0, 57), (1.0, 1.8, 61), (2.2, 3.0, 64))
    made = sung(voice, table, np.random.default_rng(0), formant_semitones=1.0)
    world = extension("pyworld", "pyworld")
    f0, times = world.dio(made, RATE)
    for note in table:
        inside = (times > note["start"] + 0.3) & (times < note["end"] - 0.1) & (f0 > 0)
        heard = 69 + 12 * np.log2(np.median(f0[inside]) / 440)
        assert heard == pytest.approx(int(note["pitch"]), abs=0.6)
    gap = made[round(1.95 * RATE) : round(2.05 * RATE)]
    assert np.abs(gap).max() < 0.1 * np.abs(made).max()


@needs_world
def test_words_without_syllables_are_refused() -> None:
    voice = taken_apart(np.random.default_rng(0).normal(0, 1e-6, RATE), RATE)
    with pytest.raises(StudioError, match="no syllables"):
        sung(voice, notes((0, 1, 60)), np.random.default_rng(0))


def test_a_package_that_is_not_there_is_named() -> None:
    with pytest.raises(StudioError, match="no_such_package is not installed"):
        extension("no_such_package", "part")


def test_formants_move_up_and_down() -> None:
    envelope = np.zeros((1, 100))
    envelope[0, 40] = 1.0
    assert warped(envelope, 12.0)[0].argmax() == 80
    assert warped(envelope, -12.0)[0].argmax() == 20
    assert warped(envelope, 0.0) is envelope


def test_air_is_added_above_what_a_voice_holds() -> None:
    hiss = np.random.default_rng(1).normal(0, 0.1, RATE)
    dull = produced(hiss, RATE, np.random.default_rng(0))[0].astype(np.float64)
    bright = airy(dull, 0.5, np.random.default_rng(0))

    def high(audio: Signal) -> float:
        power = np.square(np.abs(np.fft.rfft(audio)))
        return float(power[np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE) > 13_000].sum())

    assert high(bright) > 2 * high(dull)


def test_shifted_singing_keeps_its_length_and_moves_its_pitch() -> None:
    after = shifted(tone(300, 2), 4.0, -2.0)
    assert after.shape == (2, 2 * SAMPLE_RATE)
    middle = after[0, SAMPLE_RATE // 2 : SAMPLE_RATE * 3 // 2]
    heard = int(np.abs(np.fft.rfft(middle)).argmax())
    assert heard == pytest.approx(300 * 2 ** (4 / 12), rel=0.01)
