"""The key of each bar of a piece, found by what its pitch classes weigh.

Profiles of Temperley, Music and Probability (2007, p. 85, from the Kostka-Payne corpus), matched by
correlation as Krumhansl and Schmuckler do (Krumhansl, Cognitive Foundations of Musical Pitch,
1990), and held over bars by the best path (Viterbi 1967), where every change of key costs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from studio.ai.composer.chroma import Floats, Ints, bar_edges, chroma, smoothed
from studio.ai.composer.piece import Piece

_MAJOR = (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400)
_MINOR = (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330)
_AROUND = 2  # bars on each side that are heard with a bar
_CHANGE_COST = 2.0
_SIGNATURE_BONUS = 0.25
_END_BONUS = 1.0
NO_SIGNATURE = 99


def with_keys(piece: Piece, fifths: npt.ArrayLike | None = None) -> Piece:
    """The piece with tonic and mode in each bar that has none.

    Args:
        fifths: Key signature of each bar, sharps positive, `NO_SIGNATURE` where none is known: it
            makes the two keys it is written for more likely.
    """
    unknown = (piece.bars["tonic"] < 0) | (piece.bars["mode"] < 0)
    if not unknown.any():
        return piece
    tonic, mode = _keys(piece, fifths)
    bars = piece.bars.copy()
    bars["tonic"][unknown], bars["mode"][unknown] = tonic[unknown], mode[unknown]
    return replace(piece, bars=bars)


def _keys(piece: Piece, fifths: npt.ArrayLike | None) -> tuple[Ints, Ints]:
    """Tonic and mode of each bar; -1 in a piece without a pitch."""
    heard = chroma(piece, bar_edges(piece))
    if not heard.weight.any():
        nothing = np.full(len(piece.bars), -1)
        return nothing, nothing
    scores = _correlations(_blurred(heard.weight))
    ends = np.flatnonzero(heard.bass >= 0)[[0, -1]]
    scores[ends[1], heard.bass[ends[1]] + np.array([0, 12])] += _END_BONUS
    scores[ends[0], heard.bass[ends[0]] + np.array([0, 12])] += _END_BONUS / 2
    if fifths is not None:
        scores += _SIGNATURE_BONUS * _written_as(np.asarray(fifths))
    path = smoothed(scores, np.full(len(scores), _CHANGE_COST))
    return path % 12, path // 12


def _blurred(weight: Floats) -> Floats:
    """Each bar with its neighbours, which count less the farther they are."""
    total = weight.copy()
    for distance in range(1, _AROUND + 1):
        share = 1 - distance / (_AROUND + 1)
        total[distance:] += share * weight[:-distance]
        total[:-distance] += share * weight[distance:]
    return total


def _correlations(weight: Floats) -> Floats:
    """Of each row with the profiles of 12 major and 12 minor keys, shape [n, 24]."""
    profiles = np.array([np.roll(row, tonic) for row in (_MAJOR, _MINOR) for tonic in range(12)])
    profiles -= profiles.mean(1, keepdims=True)
    profiles /= np.linalg.norm(profiles, axis=1, keepdims=True)
    centred = weight - weight.mean(1, keepdims=True)
    size = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(size, 1e-9) @ profiles.T)


def _written_as(fifths: Ints) -> Floats:
    """1 for the two keys that each signature is written for, shape [n, 24]."""
    tonic = np.arange(12)
    signatures = np.concatenate((tonic * 7 % 12, (tonic + 3) * 7 % 12))
    known = fifths != NO_SIGNATURE
    return np.where(known[:, None] & (fifths[:, None] % 12 == signatures), 1.0, 0.0)
