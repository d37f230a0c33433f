"""What is written to an audio file is what another program reads from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from studio.core.errors import Cancelled, StudioError
from studio.io.audio_files import write_audio

Sound = npt.NDArray[np.float32]
RATE = 48_000


def sine(seconds: float = 1.0, level: float = 0.5, rate: int = RATE) -> Sound:
    wave = level * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)
    return np.column_stack([wave, -wave / 2]).astype(np.float32)


def in_blocks(sound: Sound, size: int) -> Iterator[Sound]:
    return (sound[start : start + size] for start in range(0, len(sound), size))


@pytest.mark.parametrize(
    ("name", "bits", "subtype", "error"),
    [
        ("a.wav", 16, "PCM_16", 1.5 / 2**15),
        ("a.wav", 24, "PCM_24", 0.5 / 2**23),
        ("a.wav", 32, "FLOAT", 0.0),
        ("a.flac", 16, "PCM_16", 1.5 / 2**15),
        ("a.flac", 24, "PCM_24", 0.5 / 2**23),
        ("a.WAV", 24, "PCM_24", 0.5 / 2**23),
    ],
)
def test_a_lossless_file_holds_every_sample(
    name: str, bits: int, subtype: str, error: float, tmp_path: Path
) -> None:
    path = tmp_path / name
    assert write_audio(path, in_blocks(sine(), 1000), RATE, bits=bits) == RATE
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.frames, info.subtype) == (RATE, 2, RATE, subtype)
    found, _ = soundfile.read(path, dtype="float64")
    assert np.abs(found - sine()).max() <= error


@pytest.mark.parametrize("name", ["a.ogg", "a.mp3"])
def test_a_lossy_file_sounds_the_same(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_audio(path, in_blocks(sine(3.0), 1000), RATE)
    found, rate = soundfile.read(path)
    assert rate == RATE
    assert abs(len(found) - 3 * RATE) < 3_000
    spectrum = np.abs(np.fft.rfft(found[RATE : 2 * RATE, 0]))
    assert spectrum.argmax() == 440
    assert np.abs(found[RATE : 2 * RATE, 0]).max() == pytest.approx(0.5, abs=0.02)


def test_a_long_ogg_file_can_be_written_in_one_block(tmp_path: Path) -> None:
    path = tmp_path / "long.ogg"
    write_audio(path, [sine(60.0)], RATE)
    assert soundfile.info(path).frames == 60 * RATE


def test_an_mp3_of_a_96_khz_song_runs_at_48(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    write_audio(path, [sine(2.0, rate=96_000)], 96_000)
    found, rate = soundfile.read(path)
    assert rate == 48_000
    assert np.abs(np.fft.rfft(found[24_000:72_000, 0])).argmax() == 440


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
@pytest.mark.parametrize("bits", [16, 24])
def test_equal_sound_gives_equal_bytes_however_it_is_cut(
    name: str, bits: int, tmp_path: Path
) -> None:
    first, second = tmp_path / f"1{name}", tmp_path / f"2{name}"
    write_audio(first, in_blocks(sine(), 64), RATE, bits=bits)
    write_audio(second, [sine()], RATE, bits=bits)
    assert first.read_bytes() == second.read_bytes()


def test_float_files_hold_no_time_of_day(tmp_path: Path) -> None:
    write_audio(tmp_path / "a.wav", [sine()], RATE, bits=32)
    assert b"PEAK" not in (tmp_path / "a.wav").read_bytes()


def test_dither_turns_a_tone_below_one_step_into_noise_around_it(tmp_path: Path) -> None:
    quiet = np.repeat(sine(4.0, level=0.4 / 2**15)[:, :1], 2, axis=1)
    write_audio(tmp_path / "a.wav", [quiet], RATE, bits=16)
    found, _ = soundfile.read(tmp_path / "a.wav")
    error = (found[:, 0] - quiet[:, 0]) * 2**15
    assert abs(error.mean()) < 0.01
    assert error.var() == pytest.approx(0.25, rel=0.03)  # rounding 1/12 and two uniforms of 1/12
    assert np.abs(np.fft.rfft(found[:, 0])).argmax() == 4 * 440
    other = write_audio(tmp_path / "b.wav", [quiet], RATE, bits=16, dither_seed=1)
    assert other == len(quiet)
    assert (tmp_path / "a.wav").read_bytes() != (tmp_path / "b.wav").read_bytes()


@pytest.mark.parametrize("bits", [16, 24])
def test_what_is_too_loud_is_clipped_and_never_wraps(bits: int, tmp_path: Path) -> None:
    write_audio(tmp_path / "a.wav", [sine(level=4.0)], RATE, bits=bits)
    found, _ = soundfile.read(tmp_path / "a.wav")
    assert np.all(np.sign(found[sine()[:, 0] > 0.3, 0]) == 1)
    assert 0.999 < found.max() < 1.0
    assert found.min() == -1.0


def test_mono_is_written_as_mono(tmp_path: Path) -> None:
    write_audio(tmp_path / "a.flac", [sine()[:, :1]], RATE, channels=1)
    assert soundfile.info(tmp_path / "a.flac").channels == 1


def test_no_sound_at_all_is_an_empty_file(tmp_path: Path) -> None:
    assert write_audio(tmp_path / "a.wav", [], RATE) == 0
    assert soundfile.info(tmp_path / "a.wav").frames == 0


@pytest.mark.parametrize(("name", "bits"), [("a.aac", 24), ("a", 24), ("a.flac", 32), ("a.wav", 8)])
def test_what_cannot_be_written_is_refused(name: str, bits: int, tmp_path: Path) -> None:
    with pytest.raises(StudioError):
        write_audio(tmp_path / name, [sine()], RATE, bits=bits)
    assert list(tmp_path.iterdir()) == []


def test_progress_rises_to_one_and_cancelling_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    told: list[float] = []
    write_audio(path, in_blocks(sine(), 9_000), RATE, frames=RATE, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    old = path.read_bytes()

    def stop(fraction: float) -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_audio(path, in_blocks(sine(2.0), 9_000), RATE, frames=2 * RATE, progress=stop)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_beyond_four_gigabytes_is_announced_as_rf64(tmp_path: Path) -> None:
    write_audio(tmp_path / "a.wav", [sine()], RATE, bits=32, frames=600_000_000)
    assert soundfile.info(tmp_path / "a.wav").format == "RF64"
