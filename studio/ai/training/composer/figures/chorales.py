"""Bach's chorales: what a decoder trained on them alone says, beside the literature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio.ai.training.composer.figures import plots
from studio.ai.training.composer.figures.songs import Player

LITERATURE = {"Music Transformer": 0.335, "its Transformer baseline": 0.417}


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """What the runs of `python -m studio.ai.training.composer jsb` under `work` found."""
    del players, songs
    runs = sorted([*work.glob("*/jsb.json"), *work.glob("runs/*/jsb.json")])
    return {path.parent.name: json.loads(path.read_text("utf-8")) for path in runs}


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    if not data:
        return []
    with plots.axes(folder / "chorales.svg", 6, 2.6) as ax:
        for colour, (name, run) in zip(plots.COLOURS, data.items(), strict=False):
            minutes, _, valid = zip(*run["curve"], strict=True)
            ax.plot(minutes, valid, label=name, color=colour)
        for title, nats in LITERATURE.items():
            ax.axhline(nats, color="grey", linewidth=0.7)
            ax.annotate(title, (0, nats), fontsize=6)
        ax.set_ylim(0.2, 1.2)
        ax.set_xlabel("minutes of training")
        ax.set_ylabel("nats a token, validation")
        ax.legend(frameon=False)
    return ["chorales.svg"]


def tell(data: dict[str, Any]) -> str:
    missing = float("nan")
    rows: list[list[object]] = [
        [name, best["valid"], best["test"], run["parameters"] / 1e6, best["step"], best["minutes"]]
        for name, run in data.items()
        for best in (run["best"],)
    ]
    rows += [[f"{title} (2018)", nats, *[missing] * 4] for title, nats in LITERATURE.items()]
    return (
        "Nats a token, mean over all tokens of a split; a token is the pitch that sounds in one of "
        "four voices (or a rest) in one sixteenth, soprano to bass, then the next sixteenth; held "
        "and repeated notes are not told apart. Every token is given all tokens before it (in long "
        "chorales at least 8 bars of them), and nothing else. Trained on the published training "
        "split alone (229 chorales), transposed by up to half an octave; the checkpoint is chosen "
        "on the validation split (76), as the published figures are of the validation split; the "
        "test split (77) chose nothing.\n\n"
        "What differs from the published networks: theirs is given one token after another, with "
        "sinusoids and voice labels at best; this one is the composer's kind, a sum of features of "
        "the past for each sixteenth (pitches, how long held, how reached, the place in bars of "
        "three and four), rotary musical time, and the voices one after another, each as a pitch "
        "or as an interval from where it was; of the tokens before it is also told which scale "
        "they make and where a line went on earlier as it does now. The figure is of the same "
        "tokens, so the networks can be compared; what each of these differences is worth it does "
        "not say.\n\n"
        + plots.table(["", "validation", "test", "M parameters", "steps", "minutes"], rows)
    )
