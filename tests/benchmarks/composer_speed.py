"""How fast the composer's network learns and writes, on random music and untrained weights.

Run: OMP_WAIT_POLICY=PASSIVE python -m tests.benchmarks.composer_speed [train] [write]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from studio.ai.composer.vocabulary import CLASSES, END_OF_BAR, FEATURES, OFFSETS
from studio.ai.nets.composer import PITCH, SLOT, Composer
from studio.ai.nets.composer_decode import Decoder, Sampling

PREFIX, NOTES = 768, 200


def features(rng: np.random.Generator, *shape: int) -> np.ndarray:
    found = np.zeros((*shape, 24), np.int32)
    found[..., :15] = rng.integers(1, FEATURES, (*shape, 15))
    return found


def slots(rng: np.random.Generator) -> np.ndarray:
    found = np.zeros((16, 8), np.int32)
    found[:4] = rng.integers(1, FEATURES, (4, 8))
    found[:4, 2] = OFFSETS["program"] + np.array([33, 0, 128, 48])
    return found


def batch(examples: int, rows: int, prefix: int) -> dict[str, Tensor]:
    rng = np.random.default_rng(0)
    target = np.stack([rng.integers(0, c, (examples, rows)) for c in CLASSES], -1).astype(np.int16)
    target[..., SLOT] %= 4
    target[..., PITCH] %= 128
    target[:, :prefix] = -1
    told = [OFFSETS[name] for name in ("slot", "program", "role")]
    told += [OFFSETS[name] for name in ("chord root", "chord quality", "tonic")]
    beats = np.sort(rng.uniform(0, 64, (examples, rows)), 1).astype(np.float32)
    arrays = {
        "features": features(rng, examples, rows),
        "beats": beats,
        "prefix": np.full(examples, prefix),
        "target": target,
        "target_features": np.broadcast_to(np.array(told, np.int32), (examples, rows, 6)).copy(),
        "target_beats": beats,
        "slots": np.stack([slots(rng) for _ in range(examples)]),
    }
    return {name: torch.from_numpy(value) for name, value in arrays.items()}


def train(examples: int, rows: int, steps: int = 5) -> None:
    net = Composer()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, fused=True)
    one = batch(examples, rows, rows // 2)
    for step in range(steps + 1):
        if step == 1:
            began = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16):
            losses = net.losses(one)
        losses.mean().backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    seconds = (time.perf_counter() - began) / steps
    print(f"train {examples} x {rows}: {examples * rows / seconds:6.0f} rows/s")


class Free:
    """Rules that allow all but the end of the bar."""

    slot = np.arange(END_OF_BAR + 1) != END_OF_BAR

    def allow(self, field: int, row: int, chosen: Sequence[int]) -> np.ndarray | None:
        return self.slot if field == SLOT else None

    def place(self, row: int, chosen: Sequence[int]) -> tuple[Sequence[int], float]:
        told = (OFFSETS["chord root"] + 1, OFFSETS["chord quality"] + 1, OFFSETS["tonic"] + 1)
        return told, chosen[1] + chosen[2] / 24


def write(decoder: Decoder, rows: int, *, guided: bool) -> None:
    rng = np.random.default_rng(0)
    prefix, beats = features(rng, PREFIX), np.linspace(-32, 32, PREFIX, dtype=np.float32)
    token = features(rng, rows)
    began = time.perf_counter()
    decoder.open(prefix, beats, slots(rng), rows=rows, guided=guided)
    opened = time.perf_counter()
    sampling = Sampling(guidance=1.5 if guided else 1.0)
    for note in range(NOTES):
        decoder.feed(token, np.full(rows, note / 4, np.float32))
        decoder.note(Free(), sampling)
    took = (time.perf_counter() - opened) / NOTES
    print(
        f"write, {rows} candidates{', guided' if guided else ''}: prefix of {PREFIX} "
        f"{opened - began:.3f} s, {1 / took:.0f} notes/s each ({1000 * took:.2f} ms a note)"
    )


def main() -> None:
    torch.set_num_threads(2)
    wanted = sys.argv[1:] or ["train", "write"]
    if "train" in wanted:
        train(8, 512)
        train(4, 1024)
    if "write" in wanted:
        decoder = Decoder(Composer().requires_grad_(False))
        for rows in (1, 4, 8):
            for guided in (False, True):
                write(decoder, rows, guided=guided)


if __name__ == "__main__":
    main()
