"""The key of each bar of a piece, found by what its pitch classes weigh.

Profiles of Albrecht and Shanahan, The Use of Large Corpora to Train a New Type of Key-Finding
Algorithm (Music Perception 31, 2013), read as how likely each degree is, and held over bars by the
best path (Viterbi 1967) where every change of key costs, as in Temperley, Music and Probability
(2007), chapter 4.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from studio.ai.composer.chroma import Floats, Ints, chroma, quarter_bars, smoothed
from studio.ai.composer.piece import CHORDS_PER_BAR, Piece

_MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)
_SELDOM = 0.03  # added to every degree: what is foreign to a key happens too
_AROUND = 2  # bars on each side that are heard with a bar
_CHANGE_COST = 3.0  # nats, as all that follow
_SIGNATURE_BONUS = 0.25
_FIRST_BONUS, _LAST_BONUS = 1.0, 0.7  # of the keys on whose tonic the bass begins, and ends
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
    heard = chroma(piece, quarter_bars(piece))
    if not heard.weight.any():
        nothing = np.full(len(piece.bars), -1)
        return nothing, nothing
    per_bar = heard.weight.reshape(len(piece.bars), CHORDS_PER_BAR, 12).sum(1)
    scores = _likelihoods(_blurred(per_bar))
    begin, end = np.flatnonzero(heard.bass >= 0)[[0, -1]]
    scores[end // CHORDS_PER_BAR, heard.bass[end] + np.array([0, 12])] += _LAST_BONUS
    scores[begin // CHORDS_PER_BAR, heard.bass[begin] + np.array([0, 12])] += _FIRST_BONUS
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


def _likelihoods(weight: Floats) -> Floats:
    """Of each row's pitch classes in 12 major and 12 minor keys, nats a note, shape [n, 24]."""
    profiles = np.array([np.roll(row, tonic) for row in (_MAJOR, _MINOR) for tonic in range(12)])
    profiles += _SELDOM
    profiles /= profiles.sum(1, keepdims=True)
    share = weight / np.maximum(weight.sum(1, keepdims=True), 1e-9)
    return np.asarray(share @ np.log(profiles).T)


def _written_as(fifths: Ints) -> Floats:
    """1 for the two keys that each signature is written for, shape [n, 24]."""
    tonic = np.arange(12)
    signatures = np.concatenate((tonic * 7 % 12, (tonic + 3) * 7 % 12))
    known = fifths != NO_SIGNATURE
    return np.where(known[:, None] & (fifths[:, None] % 12 == signatures), 1.0, 0.0)
