"""Sounds taken out of a band: how near what is left comes to what was there, and what leaks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import signal

from studio.ai.painter import seams
from studio.ai.painter.canvas import Canvas
from studio.ai.painter.hole import Hole, Lasso, Samples, Strokes
from studio.ai.painter.painting import paint
from studio.ai.training.composer.figures import intervals, plots
from studio.ai.training.painter.figures import measures
from studio.ai.training.painter.figures.methods import Method
from studio.ai.training.painter.figures.recordings import Piece, gaps, pieces

KINDS = ((0.15, 1500.0, 5000.0), (0.5, 300.0, 1200.0), (1.5, 1000.0, 6000.0))  # s, Hz, Hz
_AROUND_SECONDS = 90.0


def measure(work: Path, methods: Mapping[str, Method], rounds: int) -> dict[str, Any]:
    """A whistle is put into a band of every recording, and its outline filled."""
    del methods
    rows = []
    for piece in pieces(work):
        for seed in range(rounds):
            holes = gaps(piece, tuple(kind[0] for kind in KINDS), 100 + seed)
            pairs = zip(holes, KINDS, strict=False)
            rows += [_row(piece, hole, low, high) for hole, (_, low, high) in pairs]
    return {"rows": rows}


def _row(piece: Piece, hole: Hole, low: float, high: float) -> dict[str, Any]:
    rate, around = piece.sample_rate, round(_AROUND_SECONDS * piece.sample_rate)
    first = max(hole.first - around, 0)
    truth = piece.samples[first : hole.end + around]
    hole = Hole(hole.first - first, hole.end - first)
    spoilt = truth.copy()
    spoilt[hole.first : hole.end] += _whistle(hole.frames, rate, float(np.sqrt(low * high)))
    canvas = Canvas(lambda a, b: spoilt[a:b], len(spoilt), spoilt.shape[1], rate)
    strokes = Strokes(lassos=(Lasso.box(hole, low, high),))
    (told,) = paint(canvas, strokes, seed=0, watch=lambda fraction: None)
    made = canvas.read(0, len(spoilt))
    return {
        "recording": piece.name,
        "seconds": round(hole.frames / rate, 3),
        "method": told.method,
        "spoilt": _off_db(spoilt, truth, hole, rate, low, high),
        "filled": _off_db(made, truth, hole, rate, low, high),
        "leak": told.leak_db,
        "clicks": [one.click_db for one in told.seams],
        "outside": seams.changed_outside(spoilt, made, canvas.patches[0]),
    }


def _whistle(frames: int, rate: int, hz: float) -> Samples:
    tone = 0.3 * np.sin(2 * np.pi * hz * np.arange(frames) / rate) * np.hanning(frames)
    return tone.astype(np.float32)[:, None]


def _off_db(made: Samples, truth: Samples, hole: Hole, rate: int, low: float, high: float) -> float:
    """Log-mel distance over the hole's time, of the band alone."""
    filtered = signal.butter(4, (low, high), "bandpass", fs=rate, output="sos")
    near = slice(max(hole.first - rate // 4, 0), hole.end + rate // 4)
    pair = (signal.sosfilt(filtered, one[near], axis=0) for one in (made, truth))
    there = slice(hole.first - near.start, hole.end - near.start)
    one, other = (samples[there].astype(np.float32) for samples in pair)
    return measures.mel_db(one, other, rate)


def draw(data: Mapping[str, Any], folder: Path) -> list[str]:
    del data, folder
    return []


def tell(data: Mapping[str, Any]) -> str:
    rows = []
    for seconds, low, high in KINDS:
        mine = [row for row in data["rows"] if row["seconds"] == seconds]
        clicks = [click for row in mine for click in row["clicks"]]
        rows.append([
            f"{seconds:g} s, {low:.0f}-{high:.0f} Hz", len(mine),
            sum(row["method"] != "texture" for row in mine),
            *(intervals.told(intervals.mean([row[key] for row in mine]))
              for key in ("spoilt", "filled", "leak")),
            max(clicks, default=float("nan")), sum(row["outside"] for row in mine),
        ])  # fmt: skip
    head = ("outline", "n", "matched", "with the whistle, dB", "filled, dB", "leak, dB",
            "largest click, dB", "changed outside")  # fmt: skip
    words = (
        "A whistle is put into a band and its outline filled. Log-mel distance of the band to what "
        "was there; leak: what changed outside the band against what sounds there."
    )
    return f"{words}\n\n{plots.table(head, rows, 1)}"
