"""The card beside the weights: what they were learnt from, under which licences, and how."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.ai.nets.separator_weights import told_of
from studio.ai.requests import STEMS
from studio.ai.training.composer.figures import plots
from studio.ai.training.separator.bank import index
from studio.ai.training.separator.bank.recordings import BASS_BELOW_HZ
from studio.ai.training.trainer import LOG
from studio.core.errors import StudioError

README, CURVES = "README.md", Path("plots", "curves.svg")
TITLE = """# The separator's network

It takes a recording apart into drums, bass, vocals and other by masks on its spectrum, which sum
to one: the stems sum to the mix. `weights.safetensors` holds it in float16, `separator.json` its
shape and what was measured while it was trained. How good it is stands in [report.md](report.md).

The weights are under GPL-3.0-or-later: among what they were learnt from are patterns, music and
sounds under the GPL. No music under a licence that forbids commercial use went in."""
LIMITS = """- Most of what it has heard was played by synthesizers, and most of its singing is
  synthetic: figures on rendered songs flatter, those on recordings count.
- It gives out shares of the mix at each moment and pitch: where two stems sound there at once,
  each keeps a part of the other.
- The report holds it beside plain methods and a network of 42 million weights that learnt from
  real records. In a stem that is called experimental, expect bleed; plain methods may do as well.
- Sounds that are neither drums, bass nor voice are one stem."""
# What an SDR on recorded music, of at least so many dB, is worth to a listener.
EXPECTED = (
    (8.0, "clean enough to work with"),
    (5.0, "good alone; others are heard faintly in it"),
    (2.5, "for practising and rough mixes; others are heard in it"),
    (1.0, "a hint of it; much of the others"),
)
NOTHING_EXPECTED = "no better than a plain filter"


def card(work: Path, run: Path, out: Path) -> Path:
    """Write the card into `out`, with the run's curves.

    Raises:
        StudioError: The weights, the bank or the run's log are missing.
    """
    about = told_of(out)
    bank = index.load(work)
    try:
        log = [json.loads(line) for line in (run / LOG).read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise StudioError("The run's log cannot be read.", "Say --run as when training.") from error
    _draw(log, out / CURVES)
    parts = [
        TITLE,
        "## What to expect",
        _expected(about),
        "## What it was learnt from",
        _learnt(bank),
        "## How",
        _how(about),
        f"![Curves]({CURVES})",
        "## Limits",
        LIMITS,
    ]
    (out / README).write_text("\n\n".join(parts) + "\n", "utf-8")
    return out / README


def _expected(about: Mapping[str, Any]) -> str:
    recorded, valid = about["recorded"], about["valid"]
    rows = [
        (
            stem,
            recorded.get(stem, {}).get("sdr", "–"),
            valid.get(stem, {}).get("sdr", "–"),
            valid.get(stem, {}).get("leakage", "–"),
            "experimental" if stem in about["experimental"] else "",
            worth(recorded.get(stem, {}).get("sdr")),
        )
        for stem in STEMS
    ]
    head = ("stem", "SDR, recorded", "SDR, made mixtures", "leakage", "", "on real music")
    words = (
        "Signal-to-distortion ratio in dB: on recorded songs that are held out, and on made "
        "mixtures of stems that are held out, as hard as those it learns from. `leakage` is the "
        "level, against the mix, of a stem that ought to be silent."
    )
    return f"{words}\n\n{plots.table(head, rows)}"


def worth(sdr_db: float | None) -> str:
    """What to expect of a stem, by its SDR on recorded music."""
    if sdr_db is None:
        return "not known"
    return next((words for least, words in EXPECTED if sdr_db >= least), NOTHING_EXPECTED)


def _learnt(bank: index.Bank) -> str:
    rows = [
        (
            row["stem"],
            row["source"],
            f"{row['hours']:.2f}",
            f"{row['active_hours']:.2f}",
            "; ".join(row["licences"]),
        )
        for row in index.hours(clip for clip in bank.clips if clip.split == "train")
    ]
    words = (
        "Mixtures are made without end from a bank of stems: songs as they are, and stems that "
        "never met, in one tempo and key or in any; each stem through effects of its own, the mix "
        "through a compressor and a limiter. `heard` leaves out its rests. Two of the recorded "
        f"songs have no bass of their own: in them, what lies below {BASS_BELOW_HZ:.0f} Hz in "
        "other counts as bass."
    )
    return f"{words}\n\n{plots.table(('stem', 'source', 'hours', 'heard', 'licences'), rows)}"


def _how(about: Mapping[str, Any]) -> str:
    network, options = about["network"], about["options"]
    return (
        f"{network['blocks']} blocks of width {network['width']}, windows of {network['window']} "
        f"frames; {about['steps']} steps of {options['batch']} mixtures a process, each "
        f"{options['frames'] / 44100:.1f} s, {about['heard_seconds'] / 3600:.1f} h heard in "
        f"{about['seconds'] / 3600:.1f} h of training, rate {options['rate']}, a running average "
        "of the weights, and a short cool-down; where a run began from weights, their mean with "
        "what came of it, if that is better. Loss: L1 of the waveforms and of compressed levels. "
        "Last, least squares on held-out songs and mixtures, and on mixtures it has learnt from, "
        "find how much of each mask belongs to which stem. That is little training: networks "
        "of this kind are usually trained for hundreds of times as long. A run goes on with `train "
        "--resume`, or from these weights with `train --begin` and the folder they lie in; a "
        "larger bank is made by calling `prepare` again."
    )


def _draw(log: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Loss on what is learnt from, and SDR on what is held out, over the hours heard."""
    steps = [(line["heard_seconds"] / 3600, _total(line["loss"])) for line in log if _told(line)]
    valid = [(line["heard_seconds"] / 3600, line["valid"]) for line in log if "valid" in line]
    with plots.axes(path, columns=2) as (left, right):
        if steps:
            left.plot(*zip(*steps, strict=True), color="#bbbbbb", lw=0.5)
        for stem, colour in zip(STEMS, plots.COLOURS, strict=False):
            told = [(hours, one[stem]["sdr"]) for hours, one in valid if "sdr" in one.get(stem, {})]
            if told:
                right.plot(*zip(*told, strict=True), "o-", ms=3, color=colour, label=stem)
        left.set_ylabel("loss")
        right.set_ylabel("SDR of made mixtures, dB")
        for ax in (left, right):
            ax.set_xlabel("hours heard")
        if valid:
            right.legend(frameon=False)


def _told(line: Mapping[str, Any]) -> bool:
    return bool(line.get("loss")) and "heard_seconds" in line


def _total(loss: Mapping[str, float]) -> float:
    return loss["wave"] + loss["level"]


def add_arguments(told: argparse.ArgumentParser) -> None:
    """Say what may be told on the command line."""
    told.add_argument("--work", type=Path, required=True, help="folder of the bank")
    told.add_argument("--run", type=Path, required=True, help="folder of the run")
    told.add_argument("--out", type=Path, required=True, help="folder of the weights")


def run(told: argparse.Namespace) -> None:
    """Write the card as told."""
    card(told.work, told.run, told.out)
