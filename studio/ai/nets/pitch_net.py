"""The pitch of one voice by SwiftF0 (Nieradzik, 2025; MIT), whose weights come in its package."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from studio.ai.listening.heard import PitchCurve
from studio.ai.listening.mono import Mono

PACKAGE = "swift_f0"
_RATE, _LOWEST_HZ, _HIGHEST_HZ = 16_000, 60.0, 1500.0


def installed() -> bool:
    return find_spec(PACKAGE) is not None


def pitch_curve(mono: Mono) -> PitchCurve:
    """The pitch of the one voice in a recording, every 16 ms."""
    from swift_f0 import SwiftF0

    stream = SwiftF0(threads=1, spin=False).stream(_LOWEST_HZ, _HIGHEST_HZ)
    heard = [stream.push(block, _RATE) for block in mono.blocks(_RATE) if len(block)]
    heard.append(stream.flush())
    hz, voiced, level_db = (
        np.concatenate([getattr(some, name) for some in heard])
        for name in ("pitch_hz", "confidence", "loudness_db")
    )
    pitch = 69.0 + 12.0 * np.log2(np.maximum(hz, 1.0) / 440.0)
    return PitchCurve(256 / _RATE, pitch, voiced, 10.0 ** (level_db / 20.0))
