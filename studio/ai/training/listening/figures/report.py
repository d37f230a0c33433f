"""The report of how well the studio listens, by networks and by rule, side by side.

`report.json` holds every piece's figures, so that a run that was cut short goes on; `report.md`
tells their means.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from studio.ai.listening import line
from studio.ai.listening.heard import Floats, HeardNotes
from studio.ai.listening.listen import BY_RULE, Ears, Kind, listen, transcribe
from studio.ai.listening.mono import Mono
from studio.ai.listening.onsets import onsets
from studio.ai.models.listener import ears
from studio.ai.training import reports
from studio.ai.training.listening.figures import scores
from studio.ai.training.listening.figures.pieces import PROMPTS, SECONDS, Piece, pieces
from studio.core.errors import StudioError

_log = logging.getLogger(__name__)
USUAL_PIECES = 2 * len(PROMPTS)
_NETWORKS, _RULES = "networks", "rules"
INTRODUCTION = (
    "Every other piece is a song the studio wrote by rule, the others are band arrangements from"
    f" MIDI files; each is {SECONDS:.0f} seconds long and rendered through a General MIDI"
    " SoundFont. Nothing was trained on them. Recordings of people playing are harder: beats"
    " wander, voices blur chords, and drums are not struck alike twice."
)


def models(work: Path, names: Sequence[str] = ()) -> Mapping[str, Ears]:
    """The networks that are installed, and the rules that stand in for them, or those named.

    Raises:
        StudioError: Nothing is called so.
    """
    del work
    there = {_NETWORKS: ears(), _RULES: BY_RULE}
    chosen = {name: one for name, one in there.items() if not names or name in names}
    if not chosen:
        raise StudioError("Nothing here is called so.", f"There are: {', '.join(there)}.")
    return chosen


def paint(models: Mapping[str, Ears], folder: Path, count: int) -> None:
    """Raises StudioError: there is nothing to draw."""
    raise StudioError("There are no pictures of listening.", "Leave out --pictures.")


def write(
    work: Path,
    out: Path,
    models: Mapping[str, Ears],
    anew: Sequence[str] = (),
    songs: int | None = None,
    say: Callable[[str], None] = _log.info,
    processes: int = 1,
) -> Path:
    """Measure every piece that was not measured, or (`anew` holds anything) all, and tell them.

    Returns the text of the report.

    Raises:
        StudioError: The collection of band arrangements is not there.
    """
    del processes  # what is timed has to be alone
    out.mkdir(parents=True, exist_ok=True)
    kept: dict[str, dict[str, Any]] = {} if anew else reports.kept(out)
    for piece in pieces(songs or USUAL_PIECES, work):
        rows = kept.setdefault(piece.name, {})
        for name, one in models.items():
            if name not in rows:
                rows[name] = _measured(piece, one)
                say(f"{piece.name}, {name}: {_sentence(rows[name])}")
        (out / reports.DATA).write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    (out / reports.REPORT).write_text(_told(kept), "utf-8")
    return out / reports.REPORT


def _measured(piece: Piece, how: Ears) -> dict[str, float]:
    """Figures by name, and under "x ..." how many times faster than real time each step was."""
    found: dict[str, float] = {}
    mix = Mono.of(piece.mix, piece.sample_rate)
    heard, found["x listen"] = _timed(lambda: listen(mix, how))
    found |= scores.of_whole(piece, heard)
    if how.notes is not None:
        notes, found["x notes"] = _timed(lambda: transcribe(mix, Kind.NOTES, how))
        found["notes of the mix"] = scores.note_f(piece.notes, notes)
    if piece.drums is not None and how.activation is None:  # there is one way to hear drums
        found |= _drums(piece)
    if piece.melody is not None and len(piece.tune):
        tune = Mono.of(piece.melody, piece.sample_rate)
        curve, found["x melody"] = _timed(lambda: (how.pitch or line.pitch_curve)(tune))
        found["melody, pitch"] = scores.pitch_accuracy(piece.tune, curve)
        found["melody, notes"] = scores.note_f(
            piece.tune, line.sung_notes(curve, onsets(tune).strength)
        )
        if how.notes is not None:
            alone = transcribe(tune, Kind.NOTES, how)
            found["notes of the melody alone"] = scores.note_f(piece.tune, alone)
    return found


def _drums(piece: Piece) -> dict[str, float]:
    assert piece.drums is not None
    found: dict[str, float] = {}
    for name, sound in (("of the mix", piece.mix), ("alone", piece.drums)):
        notes, found["x drums"] = _timed(partial(_struck, sound, piece.sample_rate))
        rows = scores.drum_f(piece.strokes, notes)
        found |= {f"{drum} {name}": value for drum, value in rows.items()}
    return found


def _struck(sound: Floats, sample_rate: int) -> HeardNotes:
    return transcribe(Mono.of(sound, sample_rate), Kind.DRUMS)


def _timed(step: Callable[[], Any]) -> tuple[Any, float]:
    """A step's result, and how many seconds of sound it takes in a second of one processor."""
    began = time.process_time()
    result = step()
    return result, SECONDS / max(time.process_time() - began, 1e-3)


def _told(kept: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    names = list(dict.fromkeys(name for rows in kept.values() for name in rows))
    figures = list(dict.fromkeys(f for rows in kept.values() for row in rows.values() for f in row))
    measures = [figure for figure in figures if not figure.startswith("x ")]
    speeds = [figure for figure in figures if figure.startswith("x ")]
    lines = ["# How well the studio listens", "", INTRODUCTION, "", f"{len(kept)} pieces.", ""]
    lines += ["Means, and the least of all pieces in brackets:", ""]
    lines += _rows("figure", names, measures, kept, 2)
    lines += ["", "Times real time, on one processor:", ""]
    lines += _rows("step", names, speeds, kept, 0)
    return "\n".join([*lines, ""])


def _rows(
    title: str,
    names: Sequence[str],
    figures: Iterable[str],
    kept: Mapping[str, Mapping[str, Mapping[str, float]]],
    digits: int,
) -> list[str]:
    """A table of means, the least beside, and of how many pieces."""
    lines = [f"| {title} | {' | '.join(names)} | pieces |", "|---" * (len(names) + 2) + "|"]
    for figure in figures:
        cells, count = [], 0
        for name in names:
            values = [rows[name][figure] for rows in kept.values() if figure in rows.get(name, {})]
            count = max(count, len(values))
            cells.append(_mean(values, digits) if values else "–")
        lines.append(f"| {figure.removeprefix('x ')} | {' | '.join(cells)} | {count} |")
    return lines


def _mean(values: Sequence[float], digits: int) -> str:
    return f"{np.mean(values):.{digits}f} ({np.min(values):.{digits}f})"


def _sentence(row: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in row.items())
