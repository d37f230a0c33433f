"""The demo: a song from a sentence, in every form it can leave the studio in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import symusic

from studio.cli.demo import Row, Table
from studio.io.song_folder import SongFolder

ROOT = Path(__file__).parents[2]


def test_the_demo_makes_a_song_and_says_what_it_made(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "studio", "demo", "out", "--prompt", "calm pop in G major, 4 bars"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    with SongFolder.open(out / "song.tutti") as folder:
        song, takes = folder.project, folder.takes.takes()
    assert [take["request"]["task"] for take in takes] == ["compose", "extend", "rewrite"]
    assert song.tempo.bar_at(song.end - 1) == 12
    score: Any = symusic.Score(out / "song.mid")
    assert len(score.tracks) == len(song.sources)
    assert "project.xml" in zipfile.ZipFile(out / "song.dawproject").namelist()
    mix, rate = soundfile.read(out / "mix.wav")
    assert len(mix) / rate > float(song.tempo.seconds(song.end))
    assert np.abs(mix).max() > 0.01
    stems = list((out / "stems").glob("*.wav"))
    assert 3 <= len(stems) <= len(song.sources)
    assert len({soundfile.info(stem).frames for stem in stems}) == 1
    readme = (out / "readme.txt").read_text()
    assert all(path.name in readme for path in [out / "mix.wav", *stems])

    table = done.stdout
    for made in ("a song from a sentence", "8 bars more", "bars 7-8 rewritten", "song.tutti/",
                 "song.mid", "song.dawproject", "mix.wav, stems/", "altogether"):  # fmt: skip
        (row,) = [line for line in table.splitlines() if line.strip().startswith(made)]
        assert re.search(r"\d+\.\d\d s$", row)
    assert re.search(r"-\d+\.\d LUFS, true peak -?\d+\.\d dBTP", table)
    assert f"12 bars, {len(song.sources)} tracks" in table
    assert "100%" in done.stderr


def test_the_table_has_straight_columns() -> None:
    table = Table()
    table.rows += [Row("one", "a", 1.0), Row("a longer one", "b, c", 12.25)]
    lines = table.text().splitlines()
    assert len({len(line) for line in lines[1:]}) == 1
    assert lines[-1].split() == ["altogether", "13.25", "s"]
