"""The singing voice of Sinsy (Oura et al., SSW 2010) along a line of music."""

from __future__ import annotations

import functools
import importlib.util
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from studio.ai.training.separator.bank.melodies import Line
from studio.ai.training.separator.bank.voices import Signal, extension

LICENCE = "CC-BY-3.0"  # of the voice nitech_jp_song070_f001
SAMPLE_RATE = 48_000
LOWEST, HIGHEST = 55, 79  # what this voice was taught, about
_DIVISIONS = 8  # of a quarter: thirty-seconds
_STEPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_MORAS = "らなまたかさやわりにみちきしれねめてけせろのもとこそよるぬむつくすゆだばがざどごべで"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><score-partwise><part-list><score-part id="P1">'
    '<part-name>song</part-name></score-part></part-list><part id="P1">'
)


@functools.cache
def _singer() -> Any:
    module = extension("pysinsy", "sinsy")
    found = importlib.util.find_spec("pysinsy")
    home = Path(str(found and found.origin)).parent
    singer = module.Sinsy()
    singer.setLanguages("j", str(home / "_dic"))
    singer.loadVoices(str(home / "htsvoice" / "nitech_jp_song070_f001.htsvoice"))
    return singer


def score(line: Line, rng: np.random.Generator) -> str:
    """The line as MusicXML with moras by chance; two quarters of rest before and after it."""
    quarter = 60 / line.bpm
    words = rng.choice(list(_MORAS), int(rng.integers(3, 12)))
    rows: list[tuple[int | None, int]] = [(None, 2 * _DIVISIONS)]
    at = 0
    for note in line.notes:
        start = round(float(note["start"]) / quarter * _DIVISIONS)
        end = max(round(float(note["end"]) / quarter * _DIVISIONS), start + 1)
        if start > at:
            rows.append((None, start - at))
        if start >= at:
            rows.append((int(note["pitch"]), end - start))
            at = end
    rows.append((None, 2 * _DIVISIONS))
    bars = "".join(
        _bar(first, rows[first : first + 4], words, line.bpm) for first in range(0, len(rows), 4)
    )
    return f"{_HEAD}{bars}</part></score-partwise>"


def _bar(first: int, rows: list[tuple[int | None, int]], words: Any, bpm: float) -> str:
    """A measure with a meter of its own: Sinsy fills what is shorter than the meter says."""
    head = (
        f"<attributes><divisions>{_DIVISIONS}</divisions><time><beats>"
        f"{sum(size for _, size in rows)}</beats><beat-type>32</beat-type></time></attributes>"
        f'<direction><sound tempo="{bpm:.3f}"/></direction>'
    )
    notes = "".join(
        _note(pitch, size, str(words[(first + index) % len(words)]))
        for index, (pitch, size) in enumerate(rows)
    )
    return f'<measure number="{first // 4 + 1}">{head}{notes}</measure>'


def _note(pitch: int | None, size: int, word: str) -> str:
    rest = f"<duration>{size}</duration><voice>1</voice>"
    if pitch is None:
        return f"<note><rest/>{rest}</note>"
    name = _STEPS[pitch % 12]
    alter = "<alter>1</alter>" if len(name) > 1 else ""
    return (
        f"<note><pitch><step>{name[0]}</step>{alter}<octave>{pitch // 12 - 1}</octave></pitch>"
        f"{rest}<lyric><syllabic>single</syllabic><text>{word}</text></lyric>"
        "</note>"
    )


def sing(line: Line, rng: np.random.Generator) -> Signal:
    """The line sung, mono at `SAMPLE_RATE`, peak 1, from where it begins."""
    singer = _singer()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "song.xml"
        path.write_text(score(line, rng), encoding="utf-8")
        singer.loadScoreFromMusicXML(str(path))
        wave, rate = singer.synthesize()
        singer.clearScore()
    found = np.asarray(wave, np.float64)[round(2 * 60 / line.bpm * rate) :]
    found = found[: round((line.seconds + 0.5) * rate)]
    peak = float(np.abs(found).max(initial=0.0))
    return found / peak if peak else found
