"""The report of how well the studio listens, by networks and by rule, side by side.

`report.json` holds every piece's figures, so that a run that was cut short goes on; `report.md`
tells their means, and each.
"""

from __future__ import annotations

import itertools
import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
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
from studio.ai.training.composer.figures import plots
from studio.ai.training.listening.figures import scores
from studio.ai.training.listening.figures.pieces import PROMPTS, SECONDS, Piece, pieces
from studio.ai.training.listening.figures.recordings import recordings
from studio.core.errors import StudioError

_log = logging.getLogger(__name__)
USUAL_PIECES = 2 * len(PROMPTS)
_NETWORKS, _RULES = "networks", "rules"
_Rows = dict[str, dict[str, dict[str, float]]]  # by piece, by what listened, by figure
_Kept = dict[str, _Rows]
MAIN = (
    "beat F", "downbeat F", "tempo", "key", "chords, triads", "borders of parts",
    "notes of the mix", "melody, pitch", "drums of the mix", "strokes of the guitar",
)  # fmt: skip
GROUPS = {"rendered": "Rendered pieces", "recordings": "Recordings"}
INTRODUCTION = f"""\
“Networks” is what is installed by default; “rules” is what stands in for it where its weights are
missing. Every piece is {SECONDS:.0f} seconds long. F and overlap are those of mir_eval; beats count
within 70 ms and without the first five seconds, notes and strokes within 50 ms, borders of parts
within 3 s, a tempo within 4 %; “any octave” also takes the double or the half. The key has MIREX's
weights (a fifth beside it .5, the relative .3, the parallel .2).

How much weight the tempo of the onsets has, when slow beats are doubled, how a network's downbeats
weigh beside rules, and how alike phases must be for a click were chosen on these very pieces and
recordings, one number each. All of them keep one tempo. Speeds are those of the pieces that were
measured while nothing else ran."""
TOLD = {
    "rendered": (
        "Every other one is a song the studio wrote by rule, the others are band arrangements from"
        " MIDI files, rendered through a General MIDI SoundFont. Nothing was trained on them."
        " Recordings of people playing are harder: beats wander, voices blur chords, and drums are"
        " not struck alike twice."
    ),
    "recordings": (
        "Four songs of “Everything is Free” (CC0) and eight of Frets on Fire (MIT, CC BY-SA 3.0),"
        " mostly fast metal. Tempo, beats and bars were measured over the whole of each and checked"
        " with its chart; where the beat is and not its half was judged by the drummer's kick and"
        " snare. “Strokes of the guitar” are those of the chart, met by notes heard in the guitar's"
        " own stem, of whatever pitch."
    ),
}


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
    """Measure every piece that was not measured, all of the groups named in `anew`, and tell them.

    Where groups are named, the others are left as they are.

    Returns the text of the report.

    Raises:
        StudioError: The collection of band arrangements is not there, or no group is called so.
    """
    del processes  # what is timed has to be alone
    groups = [group for group in GROUPS if group in anew] or list(GROUPS)
    if unknown := set(anew) - set(GROUPS):
        raise StudioError(f"There is no figure “{min(unknown)}”.", f"There are: {list(GROUPS)}.")
    out.mkdir(parents=True, exist_ok=True)
    kept: _Kept = {name: rows for name, rows in reports.kept(out).items() if name not in anew}
    for group in groups:
        found = kept.setdefault(group, {})
        for piece in _pieces(group, songs or USUAL_PIECES, work):
            rows = found.setdefault(piece.name, {})
            for name, one in models.items():
                if name not in rows:
                    rows[name] = _measured(piece, one)
                    say(f"{piece.name}, {name}: {_sentence(rows[name])}")
                    (out / reports.DATA).write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    kept = {group: kept[group] for group in GROUPS if kept.get(group)}
    for group, found in kept.items():
        _draw(found, out / reports.PLOTS / f"{group}.svg")
    (out / reports.REPORT).write_text(_told(kept), "utf-8")
    return out / reports.REPORT


def _pieces(group: str, count: int, work: Path) -> Iterator[Piece]:
    found = pieces(count, work) if group == "rendered" else recordings(work)
    return itertools.islice(found, count)


def _measured(piece: Piece, how: Ears) -> dict[str, float]:
    """Figures by name, and under "x ..." how many times faster than real time each step was."""
    found: dict[str, float] = {}
    mix = Mono.of(piece.mix, piece.sample_rate)
    wanted = how if piece.chords else replace(how, chords=None)
    heard, found["x listen, with chords" if piece.chords else "x listen"] = _timed(
        lambda: listen(mix, wanted)
    )
    found |= scores.of_whole(piece, heard)
    if how.notes is not None and len(piece.notes):
        notes, found["x notes"] = _timed(lambda: transcribe(mix, Kind.NOTES, how))
        found["notes of the mix"] = scores.note_f(piece.notes, notes)
    if how.notes is not None and piece.guitar is not None:
        notes = transcribe(Mono.of(piece.guitar, piece.sample_rate), Kind.NOTES, how)
        found["strokes of the guitar"] = scores.f_within(
            piece.strokes_of_guitar, scores.moments(notes.start), scores.ONSET_SECONDS
        )
    if piece.drums is not None and how.activation is None:  # there is one way to hear drums
        found |= _drums(piece)
    if piece.melody is not None and len(piece.tune):
        found |= _melody(piece, piece.melody, how)
    return found


def _melody(piece: Piece, melody: Floats, how: Ears) -> dict[str, float]:
    found: dict[str, float] = {}
    tune = Mono.of(melody, piece.sample_rate)
    curve, found["x melody"] = _timed(lambda: (how.pitch or line.pitch_curve)(tune))
    found["melody, pitch"] = scores.pitch_accuracy(piece.tune, curve)
    heard = line.sung_notes(curve, onsets(tune).strength)
    found["melody, notes"] = scores.note_f(piece.tune, heard)
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


def _told(kept: _Kept) -> str:
    lines = ["# How well the studio listens", "", INTRODUCTION]
    for group, rows in kept.items():
        lines += ["", f"## {GROUPS[group]}", "", TOLD[group], "", f"{len(rows)} pieces.", ""]
        lines += _tables(rows)
        lines += ["", f"![{GROUPS[group]}]({reports.PLOTS}/{group}.svg)", ""]
        lines += _each(rows)
    return "\n".join([*lines, ""])


def _tables(kept: _Rows) -> list[str]:
    names = list(dict.fromkeys(name for rows in kept.values() for name in rows))
    figures = list(dict.fromkeys(f for rows in kept.values() for row in rows.values() for f in row))
    measures = [figure for figure in figures if not figure.startswith("x ")]
    speeds = [figure for figure in figures if figure.startswith("x ")]
    lines = ["Means, and the least of all pieces in brackets:", ""]
    lines += _rows("figure", names, measures, kept, 2)
    lines += ["", "Times real time, in seconds of one processor:", ""]
    return lines + _rows("step", names, speeds, kept, 0)


def _each(kept: _Rows) -> list[str]:
    """Every piece's own figures, folded away."""
    lines = ["<details><summary>piece by piece</summary>", ""]
    lines += [f"| piece | by | {' | '.join(MAIN)} |", "|---" * (len(MAIN) + 2) + "|"]
    for piece, rows in kept.items():
        for name, row in rows.items():
            cells = [f"{row[figure]:.2f}" if figure in row else "–" for figure in MAIN]
            lines.append(f"| {piece.replace('_', ' ').strip()} | {name} | {' | '.join(cells)} |")
    return [*lines, "", "</details>"]


def _draw(kept: _Rows, path: Path) -> None:
    """Bars of the means of the main figures, networks and rules side by side."""
    names = list(dict.fromkeys(name for rows in kept.values() for name in rows))
    there = [f for f in MAIN if any(f in row for rows in kept.values() for row in rows.values())]
    series = {
        name: [
            float(
                np.mean(
                    [r[name][figure] for r in kept.values() if figure in r.get(name, {})] or [0]
                )
            )
            for figure in there
        ]
        for name in names
    }
    with plots.axes(path) as ax:
        plots.grouped(ax, there, series)
        ax.set_ylim(0.0, 1.15)
        ax.legend(frameon=False, ncols=len(names), loc="upper right")


def _rows(
    title: str,
    names: Sequence[str],
    figures: Iterable[str],
    kept: _Rows,
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
