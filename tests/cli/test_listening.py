"""`studio listen` and `studio transcribe` on real files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.cli.main import main
from studio.domain.clip import NoteClip
from studio.io.midi import read_midi
from tests.ai.listening.sounds import RATE, band, line


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sounds") / "band.wav"
    soundfile.write(path, band(np.arange(0.5, 12.4, 0.5)), RATE)
    return path


def test_listening_tells_a_table(played: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["listen", str(played), "-q"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("band.wav, 0:13.")
    assert "bpm, steady, 4 beats a bar" in told
    assert re.search("^Key +(C major|A minor)$", told, re.M)
    assert "  Am\n" in told


def test_listening_tells_json(played: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["listen", str(played), "--json", "-q"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bpm"] == pytest.approx(120.0, rel=0.01)
    assert told["key"] in ("C major", "A minor")
    assert {"C", "Am", "F", "G"} <= {row["chord"] for row in told["chords"]}
    assert all(set(beat) == {"seconds", "downbeat"} for beat in told["beats"])


def test_a_tune_becomes_a_midi_file_in_its_own_tempo(tmp_path: Path) -> None:
    tune, out = tmp_path / "tune.wav", tmp_path / "x.mid"
    soundfile.write(tune, line([60, 62, 64, 65, 67, 65, 64, 62], 0.5), RATE)
    assert main(["transcribe", str(tune), "-o", str(out), "--melody", "-q"]) == 0
    song = read_midi(out)
    (clip,) = (clip for _, clip in song.clips() if isinstance(clip, NoteClip))
    assert clip.notes.pitch.tolist() == [60, 62, 64, 65, 67, 65, 64, 62]
    starts = song.tempo.seconds(clip.notes.start + clip.shift)
    assert np.abs(starts - np.arange(8) * 0.5).max() <= 0.06


def test_what_holds_no_notes_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silent, out = tmp_path / "silent.wav", tmp_path / "x.mid"
    soundfile.write(silent, np.zeros(RATE), RATE)
    assert main(["transcribe", str(silent), "-o", str(out), "-q"]) == 1
    assert "No notes were heard in “silent.wav”." in capsys.readouterr().err
    assert not out.exists()


def test_what_cannot_be_heard_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = tmp_path / "short.wav"
    soundfile.write(short, line([60], 0.5), RATE)
    assert main(["listen", str(short), "-q"]) == 1
    assert "too short" in capsys.readouterr().err
    assert main(["listen", str(tmp_path / "none.wav"), "-q"]) == 1
    assert "There is no file" in capsys.readouterr().err
    assert main(["transcribe", str(short), "-o", str(tmp_path / "x.wav"), "-q"]) == 1
