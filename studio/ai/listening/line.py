"""One voice: its pitch over time by YIN, and the notes that such a curve sings.

YIN is de Cheveigné and Kawahara ("YIN, a fundamental frequency estimator for speech and music",
2002); what it is unsure of is settled by Viterbi over many thresholds, as in pYIN (Mauch and Dixon,
2014).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.ndimage

from studio.ai.listening.heard import Floats, HeardNotes, PitchCurve, Seconds, notes_of
from studio.ai.listening.mono import Mono, overlapped, windows
from studio.ai.listening.onsets import FPS

_RATE, _SIZE, _HOP = 16_000, 1024, 160
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 1500.0
_STEPS = 5  # states to the semitone
_LOWEST_PITCH = 35.0
_STATES = 56 * _STEPS
_REACH = 12  # states that a voice may move by in 10 ms
_UNVOICED_COST = 0.01
_LENGTH, _AROUND = 6000, 300  # moments settled at once, and how many are heard around them
_SHORTEST_SECONDS = 0.08
_FLICKER_SECONDS = 0.05
_FAINTEST = 0.03  # onset strength below which nothing begins
_APART_SECONDS = 0.05  # between two beginnings
_LATE_SECONDS = 0.09  # by which a pitch may be heard after its note began
_BEGINS, _DIVIDES = 0.3, 0.75  # of a strong beginning, what begins a note, and divides one
_QUIET = 0.05  # of the loud parts' level, less than which is no singing


def pitch_curve(mono: Mono) -> PitchCurve:
    """The pitch of the one voice in a recording, every 10 ms.

    A minute at a time is settled, with some seconds around it, so that hours fit into memory.
    """
    pitch, voiced, level = [np.zeros(0)], [np.zeros(0)], [np.zeros(0)]
    for piece, real in overlapped(_heard(mono), _LENGTH, _AROUND):
        inside = slice(_AROUND, _AROUND + real)
        likely = piece[:, :_STATES]
        pitch.append(_LOWEST_PITCH + _path(likely)[inside] / _STEPS)
        voiced.append(np.minimum(likely[inside].sum(axis=1, dtype=np.float64), 1.0))
        level.append(piece[inside, _STATES].astype(np.float64))
    columns = (np.concatenate(one) for one in (pitch, voiced, level))
    return PitchCurve(_HOP / _RATE, *columns)


def _heard(mono: Mono) -> Iterator[Floats]:
    """How likely each pitch is at each moment, and how loud it is, [n, _STATES + 1]."""
    for some in windows(mono.blocks(_RATE), _SIZE * 2, _HOP):
        level = np.sqrt(np.square(some[:, _SIZE // 2 : -_SIZE // 2]).mean(axis=1))
        yield np.hstack([_likely(some), level[:, None]])


def _likely(some: Floats) -> Floats:
    """How likely each pitch is in each window, [n, _STATES]; what is missing to 1 is no pitch."""
    lags = np.arange(int(_RATE / _HIGHEST_HZ) - 1, int(_RATE / _LOWEST_HZ) + 2)
    dips = _cumulative_mean(some)[:, lags[0] - 1 : lags[-1] + 2]
    inner = dips[:, 1:-1]
    is_dip = (inner < dips[:, :-2]) & (inner <= dips[:, 2:]) & (inner < 0.8)
    rows, columns = np.nonzero(is_dip)
    before, at, after = dips[rows, columns], inner[rows, columns], dips[rows, columns + 2]
    shift = 0.5 * (before - after) / np.maximum(before - 2 * at + after, 1e-9)
    pitch = 69 + 12 * np.log2(_RATE / (lags[columns] + np.clip(shift, -0.5, 0.5)) / 440.0)
    state = np.rint((pitch - _LOWEST_PITCH) * _STEPS).astype(np.int64)
    # A threshold drawn from Beta(2, 11) takes the first dip below it: of each dip, the chance that
    # the threshold lies above it and above no dip before it.
    least = np.full(len(some), 1.0)
    found = np.zeros((len(some), _STATES), np.float32)
    for row, value, place in zip(rows, at, state, strict=True):
        if value < least[row] and 0 <= place < _STATES:
            found[row, place] += _above(float(value)) - _above(float(least[row]))
            least[row] = value
    return found


def _above(value: float) -> float:
    """The chance that a number drawn from Beta(2, 11) is more than `value`."""
    value = min(max(value, 0.0), 1.0)
    return float((1.0 - value) ** 11 * (1.0 + 11.0 * value))


def _cumulative_mean(some: Floats) -> npt.NDArray[np.float64]:
    """YIN's difference of each window [n, 2 size] and itself later, by lag, over its mean."""
    size = some.shape[1] // 2
    early = scipy.fft.rfft(some[:, :size], 2 * size, axis=1)
    whole = scipy.fft.rfft(some, axis=1)
    product = scipy.fft.irfft(whole * np.conj(early), axis=1)[:, :size].astype(np.float64)
    power = np.cumsum(np.pad(np.square(some, dtype=np.float64), ((0, 0), (1, 0))), axis=1)
    energy = power[:, size : 2 * size] - power[:, :size]
    difference = np.maximum(energy[:, :1] + energy - 2.0 * product, 0.0)
    mean = np.cumsum(difference[:, 1:], axis=1) / np.arange(1, size)
    return np.pad(difference[:, 1:] / np.maximum(mean, 1e-9), ((0, 0), (1, 0)), constant_values=1)


def _path(likely: Floats) -> npt.NDArray[np.int64]:
    """The likeliest row of pitches, that moves little from one to the next; Viterbi."""
    moves = np.arange(-_REACH, _REACH + 1)
    cost = np.log((_REACH + 1 - np.abs(moves)) / (_REACH + 1) ** 2)
    score = np.zeros(_STATES)
    came = np.zeros((len(likely), _STATES), np.int8)
    chances = np.log(
        likely.astype(np.float64)
        + _UNVOICED_COST * (1.0 - likely.sum(axis=1, keepdims=True)).clip(1e-3)
    )
    for moment, chance in enumerate(chances):
        padded = np.pad(score, _REACH, constant_values=-np.inf)
        arriving = np.lib.stride_tricks.sliding_window_view(padded, len(moves)) + cost
        move = arriving.argmax(axis=1)
        came[moment] = moves[move]
        score = arriving.max(axis=1) + chance
    states = np.zeros(len(likely), np.int64)
    state = int(score.argmax())
    for moment in range(len(likely) - 1, -1, -1):
        states[moment] = state
        state += int(came[moment, state])
    return states


def sung_notes(curve: PitchCurve, strength: Floats, why: str = "") -> HeardNotes:
    """The notes of one voice: where its pitch stays near one key, or is struck anew.

    The voice's own tuning is found first, so that one who sings a little flat hits the keys.

    Args:
        strength: How strongly something begins, in each frame of `onsets.FPS`.
    """
    loud = float(np.percentile(curve.level, 95)) if len(curve.level) else 0.0
    sings = (curve.voiced >= 0.5) & (curve.level > _QUIET * loud)
    if not sings.any():
        return HeardNotes(why=why)
    turns = np.exp(2j * np.pi * curve.pitch[sings])
    tuning = float(np.angle(turns.sum())) / (2.0 * np.pi)
    keys = np.where(sings, np.rint(_steadied(curve, sings) - tuning), 0).astype(np.int64)
    keys = _without_flicker(keys, round(_FLICKER_SECONDS / curve.step))
    struck, strong = (_struck(strength, share) for share in (_BEGINS, _DIVIDES))
    rows: list[tuple[float, float, int, int]] = []
    for start, end, key in _held(keys, curve.step, struck, strong):
        first, last = (round(second / curve.step) for second in (start, end))
        level = float(curve.level[first : last + 1].max(initial=0.0)) / max(loud, 1e-9)
        if end - start >= _SHORTEST_SECONDS:
            rows.append((start, end, key, round(100 * min(level, 1.27) ** 0.5)))
    return notes_of(rows, why)


def _held(
    keys: npt.NDArray[np.int64], step: float, struck: Seconds, strong: Seconds
) -> Iterator[tuple[float, float, int]]:
    """(start, end, key) of notes: runs of one key, that begin where something begins near them,
    and that a strong beginning well inside them divides."""
    edges = np.flatnonzero(np.diff(keys, prepend=-1, append=-1))
    for first, last in itertools.pairwise(edges):
        if not keys[first]:
            continue
        start, end = _moved(first * step, struck), last * step
        inner = strong[strong > max(start, first * step) + _LATE_SECONDS]
        inner = inner[inner < end - _LATE_SECONDS]
        bounds = [start, *(float(second) for second in inner), end]
        for begin, stop in itertools.pairwise(bounds):
            yield begin, stop, int(keys[first])


def _steadied(curve: PitchCurve, sings: npt.NDArray[np.bool_]) -> Seconds:
    """The pitch without vibrato and slips: of each moment, the median of 110 ms around it."""
    reach = max(round(0.055 / curve.step), 1)
    held = np.where(sings, curve.pitch, np.nan)
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(held, reach, constant_values=np.nan), 2 * reach + 1
    )
    steady = held.copy()
    steady[sings] = np.nanmedian(around[sings], axis=1)
    return np.nan_to_num(steady)


def _without_flicker(keys: npt.NDArray[np.int64], shortest: int) -> npt.NDArray[np.int64]:
    """Keys held for less than `shortest` moments become the ones before them."""
    keys = keys.copy()
    edges = np.flatnonzero(np.diff(keys)) + 1
    for first, last in itertools.pairwise(edges):
        if last - first < shortest and keys[first - 1]:
            keys[first:last] = keys[first - 1]
    return keys


def _struck(strength: Floats, share: float) -> Seconds:
    """Seconds at which something begins: peaks of strength with a share of the strong ones'."""
    reach = round(_APART_SECONDS * FPS)
    highest = scipy.ndimage.maximum_filter1d(strength, 2 * reach + 1, mode="nearest")
    usual = scipy.ndimage.uniform_filter1d(strength, round(FPS), mode="nearest")
    peaks = (strength >= highest) & (strength > usual)
    strong = float(np.percentile(strength[peaks], 80)) if peaks.any() else 0.0
    return np.asarray(np.flatnonzero(peaks & (strength > max(share * strong, _FAINTEST))) / FPS)


def _moved(second: float, struck: Seconds) -> float:
    """The latest beginning a little before a note's pitch is heard, else a little after it."""
    near = struck[(struck > second - _LATE_SECONDS) & (struck < second + 0.03)]
    return float(near[np.abs(near - second + 0.02).argmin()]) if len(near) else second
