"""How loud a mix is: integrated loudness and true peak, after ITU-R BS.1770-4."""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt
from pyloudnorm import IIRfilter
from scipy.signal import firwin, lfilter, upfirdn

from studio.dsp.levels import decibels

SILENT_LUFS = -70.0  # the absolute gate: nothing quieter counts
_RELATIVE_GATE_LU = -10.0
_HOP_SECONDS = 0.1  # windows of 400 ms start this far apart
_SHORT_TERM_SECONDS = 3.0
_OVERSAMPLING, _TAPS = 4, 12
_STEP_LU, _STEPS = 0.01, 8000


class Weighting:
    """Powers of stereo sound, weighted as the ear hears it, in hops of 100 ms."""

    def __init__(self, sample_rate: int) -> None:
        shelf = IIRfilter(4.0, np.sqrt(0.5), 1500.0, sample_rate, "high_shelf")
        rumble = IIRfilter(0.0, 0.5, 38.0, sample_rate, "high_pass")
        self._filters = [(shelf.b, shelf.a), (rumble.b, rumble.a)]
        self._states = [np.zeros((2, len(b) - 1)) for b, _ in self._filters]
        self._hop = round(_HOP_SECONDS * sample_rate)
        self._rest = np.zeros((2, 0))

    def powers(self, sound: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The hops that are complete with the next frames, shape [2, n]; the sum of both sides."""
        for index, (b, a) in enumerate(self._filters):
            sound, self._states[index] = lfilter(b, a, sound, axis=1, zi=self._states[index])
        sound = np.concatenate([self._rest, sound], axis=1)
        whole = sound.shape[1] // self._hop * self._hop
        self._rest = sound[:, whole:]
        hops = np.square(sound[:, :whole]).reshape(2, -1, self._hop).mean(axis=2)
        return np.asarray(hops.sum(axis=0))


class ShortTermMeter:
    """Loudness of the last three seconds (EBU Tech 3341, short-term)."""

    def __init__(self, sample_rate: int) -> None:
        self._weighting = Weighting(sample_rate)
        self._hops: deque[float] = deque(maxlen=round(_SHORT_TERM_SECONDS / _HOP_SECONDS))

    def add(self, samples: npt.NDArray[np.float32]) -> float:
        """Take in the next frames, shape [n, 2]; the loudness now, -70 for silence, LUFS."""
        self._hops.extend(self._weighting.powers(samples.T.astype(np.float64)).tolist())
        missing = (self._hops.maxlen or 0) - len(self._hops)
        mean = sum(self._hops) / (len(self._hops) + missing)
        return max(float(_lufs(mean)), SILENT_LUFS)


class ProgrammeMeter:
    """Integrated loudness and true peak of sound that goes on and on, in little memory.

    Windows are counted in steps of 0.01 LU, so that the relative gate of ITU-R BS.1770-4 lies at
    most that far from where it should.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self.reset()

    def reset(self) -> None:
        """Forget what came in."""
        self._weighting = Weighting(self._rate)
        self._peaks = _TruePeak()
        self._hops = np.zeros(0)  # the last three, for windows that begin there
        self._counts = np.zeros(_STEPS)
        self._powers = np.zeros(_STEPS)

    def add(self, samples: npt.NDArray[np.float32]) -> None:
        """Take in the next frames, shape [n, 2]."""
        sound = samples.T.astype(np.float64)
        self._peaks.add(sound)
        hops = np.append(self._hops, self._weighting.powers(sound))
        self._hops = hops[-3:]
        if len(hops) < 4:
            return
        windows = np.convolve(hops, np.full(4, 0.25), mode="valid")
        windows = windows[_lufs(windows) > SILENT_LUFS]
        step = np.clip((_lufs(windows) - SILENT_LUFS) / _STEP_LU, 0, _STEPS - 1).astype(np.int64)
        np.add.at(self._counts, step, 1.0)
        np.add.at(self._powers, step, windows)

    @property
    def integrated_lufs(self) -> float:
        """Loudness of all that came in; -70 for silence or less than 400 ms."""
        count = self._counts.sum()
        if not count:
            return SILENT_LUFS
        gate = float(_lufs(self._powers.sum() / count)) + _RELATIVE_GATE_LU
        first = max(int((gate - SILENT_LUFS) / _STEP_LU), 0)
        return float(_lufs(self._powers[first:].sum() / self._counts[first:].sum()))

    @property
    def true_peak_db(self) -> float:
        """The largest peak between samples, dBTP; -120 for silence."""
        return float(decibels(self._peaks.largest))


class LoudnessMeter:
    """Measures stereo sound that comes in pieces of any size."""

    def __init__(self, sample_rate: int) -> None:
        self._weighting = Weighting(sample_rate)
        self._hops: list[npt.NDArray[np.float64]] = []
        self._peaks = _TruePeak()
        self._largest = 0.0

    def add(self, samples: npt.NDArray[np.float32]) -> None:
        """Take in the next frames, shape [n, 2]."""
        sound = samples.T.astype(np.float64)
        self._peaks.add(sound)
        self._largest = max(self._largest, float(np.abs(sound).max(initial=0.0)))
        self._hops.append(self._weighting.powers(sound))

    @property
    def integrated_lufs(self) -> float:
        """Loudness of all that came in; -70 for silence or less than 400 ms."""
        hops = np.concatenate([np.zeros(0), *self._hops])
        if len(hops) < 4:
            return SILENT_LUFS
        windows = np.convolve(hops, np.full(4, 0.25), mode="valid")
        loud = windows[_lufs(windows) > SILENT_LUFS]
        if not len(loud):
            return SILENT_LUFS
        loud = loud[_lufs(loud) > _lufs(loud.mean()) + _RELATIVE_GATE_LU]
        return float(_lufs(loud.mean()))

    @property
    def peak_db(self) -> float:
        """The largest sample, dBFS; -120 for silence."""
        return float(decibels(self._largest))

    @property
    def true_peak_db(self) -> float:
        """The largest peak between samples, dBTP; -120 for silence."""
        return float(decibels(self._peaks.largest))


def _lufs(power: npt.ArrayLike) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = -0.691 + 10.0 * np.log10(np.maximum(power, 1e-12))
    return found


class _TruePeak:
    """The largest absolute value of the sound at four times its rate."""

    def __init__(self) -> None:
        size = _OVERSAMPLING * _TAPS
        self._lowpass = firwin(size + 1, 0.97 / _OVERSAMPLING) * _OVERSAMPLING
        self._before = np.zeros((2, _TAPS))
        self.largest = 0.0

    def add(self, sound: npt.NDArray[np.float64]) -> None:
        """Take in the next frames, shape [2, n]."""
        joined = np.concatenate([self._before, sound], axis=1)
        self._before = joined[:, -_TAPS:]
        over = upfirdn(self._lowpass, joined, up=_OVERSAMPLING, axis=1)
        settled = over[:, _OVERSAMPLING * _TAPS : _OVERSAMPLING * joined.shape[1]]
        found = max(np.abs(settled).max(initial=0.0), np.abs(sound).max(initial=0.0))
        self.largest = max(self.largest, float(found))
