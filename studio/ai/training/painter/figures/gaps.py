"""How near each method comes to what was there, for gaps of many lengths, and how it joins."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.ai.painter import seams
from studio.ai.painter.hole import Hole, Samples
from studio.ai.painter.places import Atlas
from studio.ai.training.composer.figures import intervals, plots
from studio.ai.training.painter.figures import measures
from studio.ai.training.painter.figures.methods import PAINTER, Method, applied
from studio.ai.training.painter.figures.recordings import Piece, gaps, pieces

LENGTHS = (0.005, 0.02, 0.06, 0.1, 0.25, 1.0, 4.0)
_NEAR_SECONDS = 2.0  # compared on both sides of a gap
KINDS = {
    "snr": "Signal to what is off, dB (more is better; to 100 ms only)",
    "mel": "Log-mel distance, dB (less is better)",
    "onset": "Onset agreement, correlation (more is better)",
    "chroma": "Chroma agreement, cosine (more is better)",
}


def measure(work: Path, methods: Mapping[str, Method], rounds: int) -> dict[str, Any]:
    """`rounds` gaps of each length in every recording."""
    rows = []
    for piece in pieces(work):
        for seed in range(rounds):
            holes = gaps(piece, LENGTHS, seed)
            known = piece.samples.copy()
            for hole in holes:
                known[hole.first : hole.end] = 0.0
            atlas = Atlas(known, piece.sample_rate, holes)
            rows += [_row(piece, atlas, hole, methods) for hole in holes]
    return {"rows": rows}


def _row(piece: Piece, atlas: Atlas, hole: Hole, methods: Mapping[str, Method]) -> dict[str, Any]:
    rate, reach = piece.sample_rate, round(_NEAR_SECONDS * piece.sample_rate)
    begin = hole.first - reach
    truth, there = piece.samples[begin : hole.end + reach], Hole(reach, reach + hole.frames)
    found: dict[str, Any] = {}
    for name, method in methods.items():
        began = time.process_time()
        patch = method(atlas, hole)
        if patch is None:
            continue
        spent = time.process_time() - began
        patch = replace(patch, first=patch.first - begin)
        made = applied(truth, patch)
        found[name] = {
            **_nearness(made[there.first : there.end], truth[there.first : there.end], rate),
            "clicks": [one.click_db for one in seams.seams(made, rate, patch)],
            "outside": seams.changed_outside(truth, made, patch),
            "grown": max(there.first - patch.first, patch.end - there.end) / rate,
            "cpu": spent,
        }
    clicks = [seams.click_db(truth, rate, at) for at in (there.first, there.end)]
    return {"recording": piece.name, "seconds": round(hole.frames / rate, 3),
            "at": hole.first / rate, "methods": found, "clicks": clicks}  # fmt: skip


def _nearness(made: Samples, truth: Samples, rate: int) -> dict[str, float]:
    found = {"mel": measures.mel_db(made, truth, rate)}
    if len(truth) <= measures.SNR_SECONDS * rate:
        found["snr"] = measures.snr_db(made, truth)
    if len(truth) >= measures.LONG_SECONDS * rate:
        found["onset"] = measures.onset_likeness(made, truth, rate)
        found["chroma"] = measures.chroma_likeness(made, truth, rate)
    return found


# -- telling -------------------------------------------------------------------------------------
def _values(rows: Sequence[Any], name: str, kind: str) -> list[float]:
    found = (row["methods"].get(name, {}).get(kind) for row in rows)
    return [value for value in found if value is not None]


def _of(data: Mapping[str, Any], seconds: float) -> list[Any]:
    return [row for row in data["rows"] if row["seconds"] == seconds]


def _names(data: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(name for row in data["rows"] for name in row["methods"]))


def draw(data: Mapping[str, Any], folder: Path) -> list[str]:
    lengths = sorted({row["seconds"] for row in data["rows"]})
    with plots.axes(folder / "gaps.svg") as ax:
        for index, name in enumerate(_names(data)):
            told = [(s, _values(_of(data, s), name, "mel")) for s in lengths]
            at = [(s, float(np.mean(values))) for s, values in told if values]
            ax.plot(*zip(*at, strict=True), marker="o", ms=3, label=name,
                    color=plots.COLOURS[index % len(plots.COLOURS)],
                    ls="-" if index < len(plots.COLOURS) else "--")  # fmt: skip
        ax.set_xscale("log")
        ax.set_xlabel("gap, seconds")
        ax.set_ylabel("log-mel distance, dB")
        ax.legend(frameon=False, fontsize=7)
    return ["gaps.svg"]


def tell(data: Mapping[str, Any]) -> str:
    if not data["rows"]:
        return "Not measured: there are no recordings under `real`."
    lengths = sorted({row["seconds"] for row in data["rows"]})
    names = sorted({row["recording"] for row in data["rows"]})
    counts = ", ".join(f"{len(_of(data, s))} of {s:g} s" for s in lengths)
    words = (
        f"Gaps: {counts}, in {len(names)} recordings: {', '.join(names)}. Means with 95 % intervals"
        " of the mean over gaps (bootstrap). `edges` plays what is on both sides backwards into the"
        " gap; `repetition` plays what came before once more."
    )
    parts = [f"{title}\n\n{_table(data, kind, lengths)}" for kind, title in KINDS.items()]
    return "\n\n".join([words, *parts, _each(data, lengths), _joins(data), _costs(data, lengths)])


def _table(data: Mapping[str, Any], kind: str, lengths: Sequence[float]) -> str:
    there = [s for s in lengths if any(_values(_of(data, s), n, kind) for n in _names(data))]
    rows = [
        [name, *(intervals.told(intervals.mean(_values(_of(data, s), name, kind)), 2)
                 for s in there)]
        for name in _names(data)
    ]  # fmt: skip
    return plots.table(["", *(f"{s:g} s" for s in there)], rows)


def _each(data: Mapping[str, Any], lengths: Sequence[float]) -> str:
    names = sorted({row["recording"] for row in data["rows"]})
    rows = [
        [name, *(_mean([row for row in _of(data, s) if row["recording"] == name])
                 for s in lengths)]
        for name in names
    ]  # fmt: skip
    table = plots.table(["", *(f"{s:g} s" for s in lengths)], rows, 1)
    return f"The painter's log-mel distance in each recording, dB\n\n{table}"


def _mean(rows: Sequence[Any]) -> float:
    values = _values(rows, PAINTER, "mel")
    return float(np.mean(values)) if values else float("nan")


def _joins(data: Mapping[str, Any]) -> str:
    rows = []
    for name in _names(data):
        mine = [row["methods"][name] for row in data["rows"] if name in row["methods"]]
        clicks = [click for one in mine for click in one["clicks"]]
        grown = 1000 * max(one["grown"] for one in mine)
        rows.append([name, *_spread(clicks), grown, sum(one["outside"] for one in mine)])
    there = [click for row in data["rows"] for click in row["clicks"]]
    rows.append(["(the recording itself)", *_spread(there), "", ""])
    head = ("", "click, median", "nine of ten under", "largest", "grown, ms", "changed outside")
    words = (
        "Seams: the largest surprise at each edge against that of the music around it, dB; how far "
        "a patch reaches beyond its gap; samples that changed outside it"
    )
    return f"{words}\n\n{plots.table(head, rows, 1)}"


def _spread(clicks: Sequence[float]) -> list[float]:
    return [float(value) for value in np.percentile(clicks, (50, 90, 100))]


def _costs(data: Mapping[str, Any], lengths: Sequence[float]) -> str:
    rows = [
        [name, *(float(np.mean(values)) if (values := _values(_of(data, s), name, "cpu"))
                 else float("nan") for s in lengths)]
        for name in _names(data)
    ]  # fmt: skip
    table = plots.table(["", *(f"{s:g} s" for s in lengths)], rows, 2)
    return (
        "Seconds of processor time a gap. `match` and `chain` share what was heard of the recording"
        f" among its gaps; `painter` hears it for every one.\n\n{table}"
    )
