"""`studio hum`, and `studio add` with a recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.cli.main import main
from studio.domain.clip import AudioClip, NoteClip
from studio.io.midi import read_midi
from studio.io.song_folder import SongFolder
from tests.ai.listening.sounds import CHORDS, RATE, band, line

BPM, LEAD = 104.0, 0.3
BEATS = LEAD + 60.0 / BPM * np.arange(24.0)
TUNE = (60, 62, 64, 65, 67, 65, 64, 62)


def test_a_bass_is_added_to_a_recording(tmp_path: Path) -> None:
    path, out = tmp_path / "riff.wav", tmp_path / "with bass.tutti"
    soundfile.write(path, band(BEATS), RATE)
    words = ["add", str(path), "bass", "-o", str(out), "--model", "sketch", "-q"]
    assert main(words) == 0
    with SongFolder.open(out) as folder:
        song = folder.project
    audio, bass = song.sources
    recording = audio.clips[0]
    assert isinstance(recording, AudioClip)
    assert bass.role == "bass"
    assert song.tempo.tempo_at(2 * 3840) == pytest.approx(BPM, rel=0.005)
    (clip,) = bass.clips
    assert isinstance(clip, NoteClip)
    begin = song.tempo.seconds(clip.notes.start + clip.shift) - song.tempo.seconds(recording.start)
    hits = [np.flatnonzero(np.abs(begin - second) < 0.06) for second in BEATS[::4]]
    right = [
        clip.notes.pitch[near].min() % 12 == CHORDS[bar % 4][0] % 12
        for bar, near in enumerate(hits)
        if len(near)
    ]
    assert sum(right) >= 5


def test_a_hummed_tune_is_harmonised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "tune.wav", tmp_path / "x.mid"
    soundfile.write(path, line(TUNE, 0.5), RATE)
    words = ["hum", str(path), "-o", str(out), "--parts", "chords,bass", "--model", "sketch", "-q"]
    assert main(words) == 0
    song = read_midi(out)
    tune, *rest = song.sources
    clip = tune.clips[0]
    assert isinstance(clip, NoteClip)
    assert clip.notes.pitch.tolist() == list(TUNE)
    assert len(rest) == 2
    assert "chords that fit the melody" in capsys.readouterr().out


def test_what_cannot_be_harmonised_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silent, out = tmp_path / "silent.wav", tmp_path / "x.mid"
    soundfile.write(silent, np.zeros(3 * RATE), RATE)
    assert main(["hum", str(silent), "-o", str(out), "-q"]) == 1
    assert "Neither a beat nor a chord was heard in “silent”." in capsys.readouterr().err
    assert not out.exists()
