"""Whether the stems sum to the mix, and whether the joins of windows can be heard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.ai.nets import separating
from studio.ai.requests import STEMS
from studio.ai.training.composer.figures import plots
from studio.ai.training.separator.figures.splitters import Network, Splitter
from studio.ai.training.separator.songs import Sound, apart, recorded, rendered

SECONDS = 70
NEAR = 2048  # frames on both sides of a join


def measure(work: Path, splitters: Mapping[str, Splitter], songs: int) -> dict[str, Any]:
    """Levels in dBFS, on one song longer than a window and at each of its joins."""
    del songs
    parts = [song.mix for song in (*recorded(work, "test"), *rendered(work, "test", 2))]
    if not parts:
        return {}
    whole = np.concatenate(parts, 1)
    frames = 44_100 * SECONDS
    mix = np.tile(whole, -(-frames // whole.shape[1]))[:, :frames]
    found: dict[str, Any] = {}
    for name, splitter in splitters.items():
        if isinstance(splitter, Network) and splitter.shifts == 0:
            stems = apart(splitter.net, mix)
            with torch.inference_mode():
                once = splitter.net(torch.from_numpy(mix)[None])[0].numpy()
            hop = splitter.net.config.hop
            core = round(separating.CORE_SECONDS * 44_100 / hop) * hop
            joins = range(core, mix.shape[1], core)
            off = np.abs(stems - once).max((0, 1))
            found[name] = {
                "null": _dbfs(float(np.abs(stems.sum(0) - mix).max())),
                "off": _dbfs(float(off.max())),
                "joins": [_dbfs(float(off[at : at + NEAR].max())) for at in joins],
                "clicks": [_click_db(stems, once, at) for at in joins],
            }
    return found


def _click_db(stems: Sound, once: Sound, at: int) -> float:
    """The largest bend of the waveforms at a join against that of one pass: 0 dB is no click."""
    there = slice(at - 64, at + separating.FADE + 64)
    bends = [float(np.abs(np.diff(one[..., there], 2)).max()) for one in (stems, once)]
    return float(20 * np.log10(max(bends[0], 1e-9) / max(bends[1], 1e-9)))


def _dbfs(peak: float) -> float:
    return float(20 * np.log10(max(peak, 1e-12)))


def draw(data: Mapping[str, Any], folder: Path) -> list[str]:
    del data, folder
    return []


def tell(data: Mapping[str, Any]) -> str:
    head = ("", "sum less mix, dBFS", "off from one pass, dBFS", "at joins, dBFS", "click, dB")
    rows = [
        [name, told["null"], told["off"], max(told["joins"]), max(told["clicks"])]
        for name, told in data.items()
    ]
    words = (
        f"Peaks over all {len(STEMS)} stems of {SECONDS} s in windows. `click` is the largest bend "
        "of the waveforms at a join against that of one pass over everything: 0 dB is no click."
    )
    return f"{words}\n\n{plots.table(head, rows, 1)}"
