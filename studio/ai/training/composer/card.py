"""The card beside the weights: what they were learnt from, under which licences, and how."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from studio.ai.nets.composer_weights import told_of
from studio.ai.training.composer.examples import EARLY_STEPS, EARLY_TASKS, TASKS
from studio.ai.training.composer.figures import plots, summary
from studio.ai.training.composer.schedule import weights_of
from studio.ai.training.composer.table import Row
from studio.ai.training.composer.train import collections
from studio.ai.training.reports import kept
from studio.ai.training.trainer import LOG
from studio.core.errors import StudioError

README, CURVES = "README.md", Path("plots", "curves.svg")
TITLE = """# The composer's network

It fills gaps in a song note by note: a prefix language model over notes, which hears what stands
before, after and meanwhile. `weights.safetensors` holds it in float16, `composer.json` its shape
and what was measured while it was trained, `plans.json` forms and chords learnt from charts. How
good it is stands in [report.md](report.md).

The weights are under GPL-3.0-or-later: among what they were learnt from are patterns and music
under the GPL. No music under a licence that forbids commercial use went in."""


def card(work: Path, run: Path, out: Path) -> Path:
    """Write the card into `out`, with the run's curves.

    Raises:
        StudioError: The weights, the table or the run's log are missing.
    """
    about = told_of(out)
    try:
        table: list[Row] = json.loads((work / "table.json").read_text("utf-8"))
        log = [json.loads(line) for line in (run / LOG).read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise StudioError(
            "The table or the run's log cannot be read.", "Say --work and --run as when training."
        ) from error
    notes = {name: int(one.note_counts.sum()) for name, one in collections(work, "train").items()}
    _draw(log, out / CURVES)
    parts = [
        TITLE,
        "## What it was learnt from",
        _learnt(table, notes, int(about["notes"])),
        "Left out: " + "; ".join(_left_out(table)) + ".",
        "## How",
        _how(about),
        f"![Curves]({CURVES})",
        "## On music held out",
        _valid(about["valid"]),
        *_figures(out),
        "## Limits",
        _LIMITS,
    ]
    (out / README).write_text("\n\n".join(parts) + "\n", "utf-8")
    return out / README


_LIMITS = """- It has heard few melodies over bands: game music, and tunes from before 1930.
- Loudness was learnt from drummers, bands and some scores, timing from drummers and game music;
  most scores tell neither.
- It writes on a grid of 24 places a quarter, in bars of up to sixteen quarters.
- A part that it adds to a song is told from people's as easily as a part by rule, and a melody or
  chords more easily: the studio's own choice for adding parts is what the report says.
- The rhythm of bars in the middle of a song is met better by playing the bars before once more;
  their pitches are not."""


def _figures(out: Path) -> list[str]:
    """The report in short, where there is one beside the weights."""
    told = summary.table(kept(out))
    return ["## Beside Sketch and people", told, "More, and how: [report.md](report.md)."] * bool(
        told
    )


def _learnt(table: Sequence[Row], notes: Mapping[str, int], seen: int) -> str:
    weights = weights_of(notes)
    head = ("collection", "licence", "pieces", "thousand notes", "hours", "share", "times heard")
    rows = [
        (
            row["collection"],
            _licences(row),
            row["pieces"],
            round(row["notes"] / 1000),
            f"{row['hours']:.1f}",
            f"{100 * _share(weights, row):.1f} %",
            f"{_share(weights, row) * seen / max(notes.get(row['collection'], 1), 1):.2f}",
        )
        for row in table
    ]
    sources = "\n".join(f"- {row['collection']}: {row['credit']}" for row in table)
    words = (
        "`share` is that of the notes written in training as it ended, `times heard` how often, by "
        "this share, each note of the training pieces was written, on average."
    )
    return f"{plots.table(head, rows)}\n\n{words}\n\n{sources}"


def _share(weights: Mapping[str, float], row: Row) -> float:
    return weights.get(row["collection"], 0.0)


def _licences(row: Row) -> str:
    return "; ".join(row["licences"]) or row["licence"]


def _left_out(table: Sequence[Row]) -> list[str]:
    return [
        f"{count} of {row['collection']} ({why.rstrip('.')})"
        for row in table
        for why, count in row["dropped"].items()
    ]


def _how(about: Mapping[str, Any]) -> str:
    network, options = about["network"], about["options"]
    first = ", ".join(f"{name} {100 * share:.0f} %" for name, share in EARLY_TASKS.items())
    later = ", ".join(f"{name} {100 * share:.0f} %" for name, share in TASKS.items())
    return (
        f"{network['layers']} layers of width {network['width']}, {about['steps']} steps, "
        f"{about['notes'] / 1e6:.1f} million notes that bore loss, {about['seconds'] / 3600:.1f} h "
        f"on two cores, rate {options['rate']}, a running average of the weights, and a short "
        f"cool-down. Examples of the first {EARLY_STEPS} steps: {first}; then: {later}."
    )


def _draw(log: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Loss on what is learnt from and what is held out, over the notes heard."""
    steps = [(line["notes"] / 1e6, line["loss"]["all"]) for line in log if "loss" in line]
    valid = [(line["notes"] / 1e6, line["valid"]) for line in log if "valid" in line]
    with plots.axes(path) as ax:
        if steps:
            ax.plot(*zip(*steps, strict=True), color="#bbbbbb", lw=0.5, label="training")
        if valid:
            x, told = zip(*valid, strict=True)
            mean = [float(np.mean([one["all"] for one in each.values()])) for each in told]
            ax.plot(
                x, mean, "o-", ms=3, color=plots.COLOURS[0], label="held out, mean of collections"
            )
        ax.set_xlabel("million notes heard")
        ax.set_ylabel("nats a position")
        ax.legend(frameon=False)


def _valid(valid: Mapping[str, Mapping[str, float]]) -> str:
    fields = ("slot", "beat", "sub", "pitch", "length", "velocity", "deviation", "all")
    rows = [
        [name, *(told.get(field, "-") for field in fields)] for name, told in sorted(valid.items())
    ]
    words = "Nats of each field, and of all together for each position (a note, or a bar's end)."
    return f"{words}\n\n{plots.table(('collection', *fields), rows)}"


def add_arguments(told: argparse.ArgumentParser) -> None:
    """Say what may be told on the command line."""
    told.add_argument("--work", type=Path, required=True, help="folder of the shards")
    told.add_argument("--run", type=Path, required=True, help="folder of the run")
    told.add_argument("--out", type=Path, required=True, help="folder of the weights")


def run(told: argparse.Namespace) -> None:
    """Write the card as told."""
    card(told.work, told.run, told.out)
