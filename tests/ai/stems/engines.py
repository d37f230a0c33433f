"""A separator of a few lines that does take sound apart: three bands, and what is left."""

from __future__ import annotations

import numpy as np
from scipy import signal

from studio.ai.requests import STEMS, Quality
from studio.ai.stems.feeding import Fed
from studio.ai.stems.splitting import Watch, Write

CHUNK = 30_000


class Bands:
    """Drums are what lies above 8 kHz, the bass below 200 Hz, vocals at 300-3000 Hz."""

    stems = STEMS
    sample_rate = 44_100

    def separate(self, fed: Fed, write: Write, quality: Quality, watch: Watch) -> dict[str, float]:
        edges = {"drums": (8000, "high"), "bass": (200, "low"), "vocals": ((300, 3000), "band")}
        filters = {
            name: signal.butter(4, edge, kind, fs=self.sample_rate, output="sos")
            for name, (edge, kind) in edges.items()
        }
        state = {name: np.zeros((len(sos), 2, 2)) for name, sos in filters.items()}
        for first in range(0, fed.frames, CHUNK):
            watch(first / fed.frames)
            block = fed.read(first, min(CHUNK, fed.frames - first))
            found = {}
            for name, sos in filters.items():
                found[name], state[name] = signal.sosfilt(sos, block, axis=0, zi=state[name])
            stems = {name: stem.astype(np.float32) for name, stem in found.items()}
            write(first, {**stems, "other": block - sum(stems.values())})
        return {"drums": 0.9, "bass": 0.8, "vocals": 0.4, "other": 0.7}
