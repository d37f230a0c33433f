"""`studio separate` on real files, with a tiny network of random weights in the user's folder."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.ai.requests import STEMS
from studio.ai.training.separator.measures import sdr_db
from studio.cli import main as cli
from studio.cli.separate import null_db, wanted_stems
from studio.media.durable import no_progress
from tests.ai.models.test_separator import write_untaught
from tests.ai.stems.test_splitting import noise
from tests.ai.training.separator.small import sounds

ROOT = Path(__file__).parents[2]
FOUR = ["bass.wav", "drums.wav", "other.wav", "vocals.wav"]


@pytest.fixture
def model(studio_home: Path) -> str:
    """The name of a separator, as the user's own weights."""
    write_untaught(studio_home / "models" / "tiny")
    return "tiny"


def recorded(path: Path, rate: int = 44_100, channels: int = 2, seconds: float = 1.0) -> Path:
    kind = {"subtype": "FLOAT"} if path.suffix == ".wav" else {}
    soundfile.write(path, noise(rate, channels, seconds) / 2, rate, **kind)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("name", "rate", "channels"),
    [("a.ogg", 44_100, 2), ("b.flac", 22_050, 1), ("c.wav", 96_000, 6)],
)
def test_four_stems_that_sum_to_what_went_in(
    tmp_path: Path, model: str, name: str, rate: int, channels: int,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path, out = recorded(tmp_path / name, rate, channels), tmp_path / "out"
    assert cli.main(["separate", str(path), "-o", str(out), "--model", model, "-q"]) == 0
    assert names(out) == FOUR
    for file in out.iterdir():
        info = soundfile.info(file)
        assert (info.samplerate, info.subtype) == (rate, "FLOAT")
        assert (info.frames, info.channels) == (soundfile.info(path).frames, min(channels, 2))
    said = capsys.readouterr().out
    (level,) = re.findall(r"to within (-\d+) dBFS", said)
    assert int(level) <= -120
    assert int(level) == pytest.approx(null_db(path, list(out.iterdir()), no_progress), abs=1.0)
    assert re.search(r"vocals\.wav +confidence +\d+%, experimental", said)
    assert re.search(r"drums\.wav +confidence +\d+%\n", said)
    assert ("Folded to stereo from 6" in said) == (channels == 6)


def test_one_stem_and_the_rest(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = recorded(tmp_path / "a.wav", 48_000), tmp_path / "out"
    words = ["--only", "drums", "--quality", "best", "-q", "--json"]
    assert cli.main(["separate", str(path), "-o", str(out), *words]) == 0
    assert names(out) == ["drums.wav", "rest.wav"]
    told = json.loads(capsys.readouterr().out)
    assert [Path(stem["file"]) for stem in told["stems"]] == [out / "drums.wav", out / "rest.wav"]
    assert told["null_dbfs"] <= -120
    assert null_db(path, list(out.iterdir()), no_progress) <= -120


def test_stems_that_are_there_stay_unless_told(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = recorded(tmp_path / "a.wav", seconds=0.2), tmp_path / "out"
    out.mkdir()
    (out / "rest.wav").write_text("mine")
    (out / "vocals.wav").write_text("mine too")
    words = ["separate", str(path), "-o", str(out), "--only", "bass", "--model", model, "-q"]
    assert cli.main(words) == 1
    assert "already something called “rest.wav”" in capsys.readouterr().err
    assert names(out) == ["rest.wav", "vocals.wav"]
    assert (out / "rest.wav").read_text() == "mine"
    assert cli.main([*words, "--force"]) == 0
    assert null_db(path, [out / "bass.wav", out / "rest.wav"], no_progress) <= -120
    assert (out / "vocals.wav").read_text() == "mine too"


def test_a_recording_is_never_written_over_by_a_stem_of_its_own(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recorded(tmp_path / "drums.wav", seconds=0.2)
    before = path.read_bytes()
    words = ["separate", str(path), "-o", str(tmp_path), "--model", model, "-q", "--force"]
    assert cli.main(words) == 1
    assert "the recording's own place" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert "bass.wav" not in names(tmp_path)


def test_damaged_weights_are_one_sentence_and_leave_nothing(
    tmp_path: Path, studio_home: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = studio_home / "models" / model / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    path, out = recorded(tmp_path / "a.wav", seconds=0.2), tmp_path / "out"
    assert cli.main(["separate", str(path), "-o", str(out), "--model", model, "-q"]) == 1
    said = capsys.readouterr().err
    assert "weights cannot be read" in said
    assert "Traceback" not in said
    assert not out.exists()


@pytest.mark.parametrize(
    ("count", "only", "wanted"),
    [
        (None, None, STEMS),
        (4, None, STEMS),
        (2, None, ("vocals",)),
        (2, "bass", ("bass",)),
        (None, "vocals", ("vocals",)),
    ],
)
def test_words_for_stems(count: int | None, only: str | None, wanted: tuple[str, ...]) -> None:
    assert wanted_stems(count, only) == wanted


def test_silence_comes_apart_in_four_silent_files(tmp_path: Path, model: str) -> None:
    path, out = tmp_path / "a.wav", tmp_path / "out"
    soundfile.write(path, np.zeros((48_000, 2)), 48_000)
    assert cli.main(["separate", str(path), "-o", str(out), "-q"]) == 0
    assert names(out) == FOUR
    assert not any(soundfile.read(file)[0].any() for file in out.iterdir())


@pytest.mark.parametrize(
    ("name", "words", "sentence"),
    [
        ("none.wav", [], "There is no file called"),
        ("text.wav", [], "cannot be read as audio"),
        ("slow.wav", [], "runs at 4000 Hz"),
        ("empty.wav", [], "holds no sound"),
        ("cut.flac", [], "damaged|cannot be read|ends before"),
        ("good.wav", ["--model", "nobody"], "no model called"),
        ("good.wav", ["--stems", "4", "--only", "bass"], "none is the only one"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, model: str, name: str, words: list[str], sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    recorded(tmp_path / "good.wav")
    recorded(tmp_path / "whole.flac", seconds=4.0)
    (tmp_path / "cut.flac").write_bytes((tmp_path / "whole.flac").read_bytes()[:200_000])
    (tmp_path / "text.wav").write_text("no sound")
    soundfile.write(tmp_path / "slow.wav", np.zeros(100), 4000)
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 48_000)
    out = tmp_path / "out"
    assert cli.main(["separate", str(tmp_path / name), "-o", str(out), "-q", *words]) == 1
    said = capsys.readouterr().err
    assert re.search(sentence, said)
    assert said.count("studio: ") == 1
    assert "Traceback" not in said
    assert not out.exists()


def test_the_weights_that_ship_take_a_song_apart_by_default(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "song.wav", tmp_path / "out"
    stems = sounds(4, 2)
    soundfile.write(path, stems.sum(0).T, 44_100, "FLOAT")
    assert cli.main(["separate", str(path), "-o", str(out), "-q"]) == 0
    found = [soundfile.read(out / f"{stem}.wav", dtype="float32")[0] for stem in STEMS]
    assert np.abs(np.sum(found, 0) - stems.sum(0).T).max() < 1e-6
    assert np.mean([sdr_db(a.T, b) for a, b in zip(stems, found, strict=True)]) > 5
    assert "experimental" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="env(1) there knows no --default-signal")
def test_an_interrupt_leaves_nothing_half_written(tmp_path: Path, model: str) -> None:
    path, out = recorded(tmp_path / "long.wav", seconds=120.0), tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    words = ["separate", str(path), "-o", str(out), "--quality", "best"]
    heeding = ["env", "--default-signal=INT"]  # a shell has what it starts with & ignore Ctrl+C
    process = subprocess.Popen(
        [*heeding, sys.executable, "-m", "studio", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 90
    while not list(out.glob(".stems-*/media/.drums*")) and time.monotonic() < until:
        time.sleep(0.05)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=90)
    assert process.returncode == cli.INTERRUPTED
    assert "studio: interrupted" in said
    assert names(out) == ["notes.txt"]
