"""Notes of any instrument by the network of Bittner, Bosch, Rubinstein, Meseguer-Brocal and Ewert
("A lightweight instrument-agnostic model for polyphonic note transcription", ICASSP 2022).

Its weights (Apache-2.0, Spotify) come in a package of which only they are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime

from studio.ai.listening.heard import Floats, HeardNotes, notes_of
from studio.ai.listening.mono import Mono, overlapped
from studio.core.errors import StudioError

PACKAGE = "basic_pitch"
_RATE, _HOP = 22_050, 256
_FPS = _RATE / _HOP
_WINDOW = 43_844  # frames the network hears at once; 172 columns come out
_MARGIN = 15  # columns at each end of a window that the next one hears better
_LOWEST = 21
_STRUCK, _HELD = 0.5, 0.3  # how likely a note's start, and its going on, must be
_SHORTEST = 7  # columns, 80 ms
_PATIENCE = 11  # columns that a note may be less likely and still go on
_PIECE, _AROUND = 16_384, 1024  # columns whose notes are found at once, and those around them


def weights() -> Path | None:
    """The installed weights; None where there are none."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "saved_models" / "icassp_2022" / "nmp.onnx"
    return path if path.is_file() else None


def read() -> onnxruntime.InferenceSession:
    """The network, on one thread.

    Raises:
        StudioError: The weights are not installed.
    """
    path = weights()
    if path is None:
        raise StudioError(
            "The weights that hear notes are not installed.", "Set the studio up again."
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def notes(net: onnxruntime.InferenceSession, mono: Mono) -> HeardNotes:
    """The notes of a recording, however many sound at once."""
    rows: list[tuple[float, float, int, int]] = []
    first = 0
    for piece, real in overlapped(_heard(net, mono), _PIECE, _AROUND):
        for start, end, key, level in _found(piece[:, :88], piece[:, 88:]):
            if _AROUND <= start < _AROUND + real:
                begin, stop = ((at - _AROUND + first) / _FPS for at in (start, end))
                rows.append((begin, min(stop, mono.seconds), key + _LOWEST, round(127 * level)))
        first += real
    mono.reach(1.0)
    kept = [row for row in rows if row[0] < row[1]]
    return notes_of(kept, "Heard by a trained network, however many notes sound at once.")


def _heard(net: onnxruntime.InferenceSession, mono: Mono) -> Iterator[Floats]:
    """How likely each of 88 keys sounds, and is struck, [n, 176]."""
    inner, done = 172 - 2 * _MARGIN, 0
    blocks = mono.blocks(_RATE, counted=False)
    for piece, real in overlapped(blocks, inner * _HOP, _MARGIN * _HOP):
        mono.reach(min(done / (mono.seconds * _RATE), 1.0))
        done += real
        window = np.pad(piece, (0, max(_WINDOW - len(piece), 0)))[:_WINDOW]
        held, struck = net.run(
            ["StatefulPartitionedCall:1", "StatefulPartitionedCall:2"],
            {"serving_default_input_2:0": window[None, :, None]},
        )
        both = np.concatenate([np.asarray(held)[0], np.asarray(struck)[0]], axis=1)
        yield both[_MARGIN : _MARGIN + -(-real // _HOP)].astype(np.float32)


def _found(held: Floats, struck: Floats) -> Iterator[tuple[int, int, int, float]]:
    """(start, end, key, level) of notes: first those that are struck, the last before the others,
    then what still sounds, the loudest first."""
    left = held.copy()
    struck = np.maximum(struck, _risen(held, float(struck.max())))
    peaks = np.zeros(struck.shape, np.bool_)
    peaks[1:-1] = (struck[1:-1] > struck[:-2]) & (struck[1:-1] > struck[2:])
    for start, key in np.argwhere(peaks & (struck >= _STRUCK))[::-1]:
        end = _end(left[:, key], int(start))
        if end - start > _SHORTEST:
            _silence(left, int(start), end, int(key))
            yield int(start), end, int(key), float(held[start:end, key].mean())
    for middle, key in np.argwhere(left > _HELD)[np.argsort(-left[left > _HELD], kind="stable")]:
        if left[middle, key] <= _HELD:
            continue
        end = _end(left[:, key], int(middle))
        start = len(left) - _end(left[::-1, key], len(left) - 1 - int(middle))
        _silence(left, start, end, int(key))
        if end - start > _SHORTEST:
            yield start, end, int(key), float(held[start:end, key].mean())


def _risen(held: Floats, most: float) -> Floats:
    """How much each key sounds more than in both columns before, as starts: scaled to `most`."""
    rise = np.zeros_like(held)
    rise[2:] = np.minimum(held[2:] - held[1:-1], held[2:] - held[:-2])
    rise = np.maximum(rise, 0.0)
    return rise * np.float32(most / max(float(rise.max()), 1e-6))


def _end(level: Floats, start: int) -> int:
    """Where a key that sounds at `start` has been below `_HELD` for too long."""
    low = np.flatnonzero(level[start + 1 :] < _HELD) + start + 1
    if len(low) < _PATIENCE:
        return _last_held(level, start)
    run = np.flatnonzero(low[_PATIENCE - 1 :] - low[: len(low) - _PATIENCE + 1] == _PATIENCE - 1)
    return int(low[run[0]]) if len(run) else _last_held(level, start)


def _last_held(level: Floats, start: int) -> int:
    return start + 1 + int(np.max(np.flatnonzero(level[start:] >= _HELD), initial=0))


def _silence(left: Floats, start: int, end: int, key: int) -> None:
    """Take a note away, with what leaks into the keys beside it."""
    left[start:end, max(key - 1, 0) : key + 2] = 0.0
