"""Whether the confidence that the window tells of a stem says how clean the stem is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from studio.ai.requests import STEMS
from studio.ai.training.composer.figures import plots
from studio.ai.training.separator.figures.splitters import NETWORK, Network, Splitter
from studio.ai.training.separator.measures import is_silent, sdr_db
from studio.ai.training.separator.songs import parted, recorded, rendered


def measure(work: Path, splitters: Mapping[str, Splitter], songs: int) -> dict[str, Any]:
    """Of each set, held-out song and stem the confidence, 0-1, and the SDR, dB, where it sounds."""
    network = splitters.get(NETWORK)
    if not isinstance(network, Network):
        return {}
    sets = {"recorded": recorded(work, "test"), "rendered": rendered(work, "test", songs)}
    found: dict[str, Any] = {}
    for name, several in sets.items():
        found[name] = {}
        for song in several:
            stems, confidence = parted(network.net, song.mix)
            found[name][song.name] = {
                stem: {"confidence": confidence[stem], **_sdr(wanted, given, song.mix)}
                for stem, wanted, given in zip(STEMS, song.stems, stems, strict=True)
            }
    return found


def _sdr(wanted: Any, given: Any, mix: Any) -> dict[str, float]:
    return {} if is_silent(wanted, mix) else {"sdr": sdr_db(wanted, given)}


def _pairs(songs: Mapping[str, Any], stem: str | None = None) -> list[tuple[float, float]]:
    """Confidence and SDR wherever a stem sounds."""
    chosen = STEMS if stem is None else (stem,)
    told = (song[one] for song in songs.values() for one in chosen)
    return [(one["confidence"], one["sdr"]) for one in told if "sdr" in one]


def _row(name: str, stem: str, pairs: list[tuple[float, float]], silent: list[float]) -> list[Any]:
    sure, sdr = (np.array(column) for column in zip(*pairs, strict=True))
    varied = len(pairs) > 2 and np.ptp(sure) > 0 and np.ptp(sdr) > 0
    rank = float(stats.spearmanr(sure, sdr).statistic) if varied else float("nan")
    quiet = float(np.mean(silent)) if silent else float("nan")
    return [name, stem, len(pairs), float(sure.mean()), float(sdr.mean()), rank, quiet]


def draw(data: Mapping[str, Any], folder: Path) -> list[str]:
    """SDR over confidence, a dot for each stem of each song."""
    if not any(_pairs(songs) for songs in data.values()):
        return []
    with plots.axes(folder / "confidence.svg") as ax:
        for stem, colour in zip(STEMS, plots.COLOURS, strict=False):
            for (name, songs), mark in zip(data.items(), "ox", strict=True):
                if pairs := _pairs(songs, stem):
                    ax.plot(*zip(*pairs, strict=True), mark, ms=4, color=colour,
                            label=f"{stem}, {name}")  # fmt: skip
        ax.set_xlabel("confidence")
        ax.set_ylabel("SDR, dB")
        ax.legend(frameon=False, fontsize=6, ncol=2)
    return ["confidence.svg"]


def tell(data: Mapping[str, Any]) -> str:
    words = (
        "The window tells a confidence with every stem: how decidedly the masks gave its sound to "
        "it, times how far the network is to be trusted with that stem, which is its SDR on the "
        "recorded songs. `rank` is Spearman's correlation with the SDR: 1 where the surer stem is "
        "always the cleaner one. `where silent` is the confidence of stems that ought to be silent."
    )
    rows = [
        _row(name, stem or "all", pairs, _silent(songs, stem))
        for name, songs in data.items()
        for stem in (*STEMS, None)
        if (pairs := _pairs(songs, stem))
    ]
    head = ("", "stem", "n", "confidence", "SDR, dB", "rank", "where silent")
    return f"{words}\n\n{plots.table(head, rows, 2)}" if rows else "Not measured."


def _silent(songs: Mapping[str, Any], stem: str | None) -> list[float]:
    chosen = STEMS if stem is None else (stem,)
    told = (song[one] for song in songs.values() for one in chosen)
    return [one["confidence"] for one in told if "sdr" not in one]
