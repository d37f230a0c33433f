"""ONNX files of a few hundred bytes, written field by field as its protocol buffers say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

_FLOAT, _INT64 = 1, 7
Shape = Sequence[int]


def write_htdemucs(path: Path, frames: int, shares: Sequence[float], steps: int = 0) -> Path:
    """A network with the inputs and outputs of HT-Demucs, for `frames` at a time.

    Its spectral half gives stem s the share `shares[s]` of the mix, its other half nothing.
    """
    steps = steps or -(-frames // 1024)
    mix, spectrum = (1, 2, frames), (1, 4, 2048, steps)
    graph = b"".join(
        [
            _node("Unsqueeze", ["spectrum", "axis"], "spread"),
            _node("Mul", ["spread", "shares"], "output"),
            _node("Unsqueeze", ["mix", "axis"], "whole"),
            _node("Mul", ["whole", "nothing"], "wave"),
            _bytes(2, b"tiny"),
            _tensor("axis", np.array([1], dtype=np.int64)),
            _tensor("shares", np.array(shares, dtype=np.float32).reshape(1, 4, 1, 1, 1)),
            _tensor("nothing", np.zeros((1, 4, 1, 1), dtype=np.float32)),
            _value(11, "mix", mix),
            _value(11, "spectrum", spectrum),
            _value(12, "output", (1, 4, *spectrum[1:])),
            _value(12, "wave", (1, 4, *mix[1:])),
        ]
    )
    path.write_bytes(_int(1, 8) + _bytes(7, graph) + _bytes(8, _int(2, 17)))
    return path


def _node(kind: str, given: Sequence[str], made: str) -> bytes:
    inputs = b"".join(_bytes(1, name.encode()) for name in given)
    return _bytes(1, inputs + _bytes(2, made.encode()) + _bytes(4, kind.encode()))


def _tensor(name: str, array: np.ndarray) -> bytes:
    kind = _INT64 if array.dtype == np.int64 else _FLOAT
    dims = b"".join(_int(1, size) for size in array.shape)
    return _bytes(5, dims + _int(2, kind) + _bytes(8, name.encode()) + _bytes(9, array.tobytes()))


def _value(field: int, name: str, shape: Shape) -> bytes:
    dims = b"".join(_bytes(1, _int(1, size)) for size in shape)
    kind = _bytes(1, _int(1, _FLOAT) + _bytes(2, dims))
    return _bytes(field, _bytes(1, name.encode()) + _bytes(2, kind))


def _int(field: int, value: int) -> bytes:
    return _number(field << 3) + _number(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _number(field << 3 | 2) + _number(len(value)) + value


def _number(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
