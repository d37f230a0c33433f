"""`fill`, `extend`, `heal` and `loop` on real files."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.cli import main as cli
from tests.ai.painter.test_painter import RATE, music


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.wav"
    soundfile.write(path, music(14.0), RATE, "PCM_16")
    return path


def run(*words: object) -> int:
    return cli.main([*(str(word) for word in words), "-q"])


def test_holes_are_filled_and_nothing_else_changes(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.wav"
    words = ("--seconds", "5-6", "--seconds", "0:09.5-0:09.52", "--seed", 1)
    assert run("fill", song, *words, "-o", out) == 0
    before, after = (soundfile.read(path)[0] for path in (song, out))
    changed = np.flatnonzero((before != after).any(axis=1)) / RATE
    assert ((changed > 4.97) & (changed < 6.03) | (changed > 9.49) & (changed < 9.53)).all()
    assert soundfile.info(out).subtype == "FLOAT"
    said = capsys.readouterr().out
    assert len(re.findall(r"click [+-]\d+\.\d and [+-]\d+\.\d dB, step", said)) == 2
    assert said.endswith("Every other sample is what it was, to the bit.\n")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_band_is_filled_in_a_mono_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "song.flac", tmp_path / "out.wav"
    soundfile.write(path, music(14.0)[:, :1], RATE)
    assert run("fill", path, "--seconds", "5-5.2", "--hz", "500-2000", "-o", out) == 0
    assert soundfile.info(out).channels == 1
    assert re.search(r"texture from the levels around it\n.*leak -\d+ dB", capsys.readouterr().out)


def test_a_recording_begins_earlier(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.wav"
    assert run("extend", song, "--seconds", 3, "--before", "-o", out) == 0
    assert soundfile.info(out).frames == soundfile.info(song).frames + 3 * RATE
    assert "Every other sample is what it was" in capsys.readouterr().out


def test_a_click_is_healed(tmp_path: Path) -> None:
    path, out = tmp_path / "song.wav", tmp_path / "out.wav"
    spoilt = music(6.0)
    spoilt[50_000:50_006] += 0.5
    soundfile.write(path, spoilt, RATE, "FLOAT")
    assert run("heal", path, "-o", out) == 0
    assert np.abs(soundfile.read(out)[0] - music(6.0)).max() < 0.05


def test_a_loop_is_cut(song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.wav"
    assert run("loop", song, "--seconds", "1.5-9.5", "-o", out) == 0
    assert soundfile.info(out).frames == pytest.approx(8 * RATE, abs=0.011 * RATE)
    (click,) = re.findall(r"click ([+-]\d+\.\d) dB", capsys.readouterr().out)
    assert float(click) < 3.0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("fill", "song.wav", "-o", "x.wav"), "Say what of the recording to fill"),
        (("fill", "song.mid", "-o", "x.mid"), "Say which bars"),
        (("extend", "song.wav", "--bars", "4", "-o", "x.wav"), "Say by how much"),
        (("heal", "song.wav", "-o", "song.wav"), "never written over itself"),
        (("heal", "gone.wav", "-o", "x.wav"), "no file called"),
        (("fill", "song.wav", "--seconds", "1-2", "-o", "x.mp3"), "cannot be written here"),
        (("loop", "song.wav", "--seconds", "1-20", "-o", "x.wav"), "ends at 0:14.00"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    song: Path, tmp_path: Path, words: tuple[str, ...], sentence: str,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    before = song.read_bytes()
    assert run(*words) == 1
    assert re.search(sentence, capsys.readouterr().err)
    assert [path.name for path in tmp_path.iterdir()] == ["song.wav"]
    assert song.read_bytes() == before


@pytest.mark.parametrize("span", ["5", "5-4", "a-b", "1-2-3", "1:2:3-4"])
def test_a_span_that_is_none_is_not_understood(
    span: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run("fill", "song.wav", "--seconds", span, "-o", "x.wav")
    assert span in capsys.readouterr().err
