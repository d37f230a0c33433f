"""What happens to a stem between the instrument and the mix, by chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pedalboard as pb
import soxr

from studio.ai.training.separator.bank.index import SAMPLE_RATE
from studio.ai.training.separator.bank.takes import Audio


@dataclass(frozen=True, slots=True)
class Odds:
    """How often each effect is heard on a stem."""

    distortion: float
    compression: float
    modulation: float
    echo: float
    reverb: float
    doubling: float
    highpass: float
    lowpass: float = 0.1
    width: float = 0.4
    mono: float = 0.08
    lossy: float = 0.05
    clipping: float = 0.06


ODDS = {
    "drums": Odds(0.08, 0.5, 0.03, 0.02, 0.35, 0.0, 0.05),
    "bass": Odds(0.15, 0.5, 0.08, 0.0, 0.06, 0.04, 0.02),
    "vocals": Odds(0.06, 0.6, 0.06, 0.2, 0.65, 0.2, 0.3),
    "other": Odds(0.12, 0.3, 0.15, 0.1, 0.45, 0.08, 0.15),
}


def augmented(audio: Audio, stem: str, rng: np.random.Generator) -> Audio:
    """The stem through a chain by chance, about as loud as before and as long."""
    before = _rms(audio)
    if before < 1e-5:
        return audio
    odds = ODDS[stem]
    found = doubled(audio, rng) if rng.random() < odds.doubling else audio
    for plugin in _chain(odds, rng):
        found = plugin(found, SAMPLE_RATE, reset=True)
    found = sided(found, odds, rng)
    after = _rms(found)
    found = found * np.float32(before / after) if after > 1e-7 else found
    if rng.random() < odds.clipping:
        ceiling = before * 10 ** (rng.uniform(3, 9) / 20)
        found = np.clip(found, -ceiling, ceiling)
    return np.ascontiguousarray(found, np.float32)


def _rms(audio: Audio) -> float:
    return float(np.sqrt(np.square(audio).mean()))


def _chain(odds: Odds, rng: np.random.Generator) -> Iterator[pb.Plugin]:
    yield from _equaliser(odds, rng)
    if rng.random() < odds.distortion:
        yield pb.Gain(float(rng.uniform(6, 18)))
        yield pb.Distortion(float(rng.uniform(3, 18)))
        yield pb.Gain(-18.0)
    if rng.random() < odds.compression:
        yield pb.Compressor(
            threshold_db=float(rng.uniform(-36, -16)), ratio=float(rng.uniform(2, 8)),
            attack_ms=float(rng.uniform(1, 30)), release_ms=float(rng.uniform(40, 300)),
        )  # fmt: skip
    if rng.random() < odds.modulation:
        yield _modulation(rng)
    if rng.random() < odds.echo:
        seconds, feedback = float(rng.uniform(0.08, 0.5)), float(rng.uniform(0.05, 0.45))
        yield pb.Delay(seconds, feedback, float(rng.uniform(0.08, 0.3)))
    if rng.random() < odds.reverb:
        wet = float(rng.uniform(0.04, 0.35))
        yield pb.Reverb(
            room_size=float(rng.uniform(0.1, 0.95)), damping=float(rng.uniform(0.1, 0.9)),
            wet_level=wet, dry_level=1 - wet, width=float(rng.uniform(0.3, 1)),
        )  # fmt: skip
    if rng.random() < odds.lowpass:
        cutoff = float(2 ** rng.uniform(11.3, 14))  # 2.5 to 16 kHz
        yield pb.LadderFilter(pb.LadderFilter.Mode.LPF24, cutoff)
    if rng.random() < odds.lossy:
        yield pb.MP3Compressor(float(rng.uniform(3, 9)))


def _equaliser(odds: Odds, rng: np.random.Generator) -> Iterator[pb.Plugin]:
    if rng.random() < 0.4:
        yield pb.LowShelfFilter(float(rng.uniform(60, 300)), float(rng.normal(0, 4)))
    if rng.random() < 0.5:
        yield pb.HighShelfFilter(float(rng.uniform(2500, 9000)), float(rng.normal(0, 5)))
    for _ in range(int(rng.integers(0, 3))):
        hertz = float(2 ** rng.uniform(6.6, 13))  # 100 Hz to 8 kHz
        yield pb.PeakFilter(hertz, float(rng.normal(0, 5)), float(rng.uniform(0.4, 3)))
    if rng.random() < odds.highpass:
        yield pb.HighpassFilter(float(rng.uniform(30, 220)))


def _modulation(rng: np.random.Generator) -> pb.Plugin:
    if rng.random() < 0.7:
        return pb.Chorus(
            rate_hz=float(rng.uniform(0.2, 3)), depth=float(rng.uniform(0.05, 0.35)),
            mix=float(rng.uniform(0.2, 0.6)),
        )  # fmt: skip
    return pb.Phaser(rate_hz=float(rng.uniform(0.1, 2)), mix=float(rng.uniform(0.2, 0.6)))


def doubled(audio: Audio, rng: np.random.Generator) -> Audio:
    """With one copy a little lower on the left, and one a little higher on the right."""
    found = audio * np.float32(0.7)
    for side, sign in ((0, 1), (1, -1)):
        cents = sign * float(rng.uniform(4, 14))
        other = soxr.resample(audio.mean(axis=0), SAMPLE_RATE, SAMPLE_RATE * 2 ** (cents / 1200))
        late = int(rng.uniform(0.008, 0.03) * SAMPLE_RATE)
        size = min(len(other), audio.shape[1] - late)
        found[side, late : late + size] += np.float32(0.5) * other[:size]
    return found


def sided(audio: Audio, odds: Odds, rng: np.random.Generator) -> Audio:
    """Narrower, wider, mono, panned, or with its sides swapped."""
    left, right = audio if rng.random() < 0.5 else audio[::-1]
    mid, side = (left + right) / 2, (left - right) / 2
    if rng.random() < odds.mono:
        side = np.zeros_like(side)
    elif rng.random() < odds.width:
        side = side * np.float32(rng.uniform(0, 1.9))
    pan = float(np.clip(rng.normal(0, 0.12), -0.6, 0.6))
    sides = np.array([[min(1, 1 - pan)], [min(1, 1 + pan)]], np.float32)
    return np.stack([mid + side, mid - side]) * sides


def mastered(stems: Audio, rng: np.random.Generator) -> Audio:
    """Stems [s, 2, n] under the gain that a compressor and a clipper would put on their sum.

    Every stem gets the same gain at the same moment, so that they still sum to the mix.
    """
    mix = stems.sum(axis=0)
    peak = float(np.abs(mix).max(initial=0.0))
    if peak < 1e-6:
        return stems
    stems = stems * np.float32(10 ** (rng.uniform(-10, 0) / 20) / peak)
    mix = stems.sum(axis=0)
    if rng.random() < 0.3:
        stems = stems * _slow_gain(mix, rng)
    if rng.random() < 0.2:
        drive = np.float32(10 ** (rng.uniform(0, 9) / 20))
        mix = stems.sum(axis=0) * drive
        with_care = np.where(np.abs(mix) > 1e-4, mix, np.float32(1))
        stems = stems * np.where(np.abs(mix) > 1e-4, np.tanh(mix) / with_care, np.float32(1))
        stems = stems * drive
    return np.ascontiguousarray(stems, np.float32)


def _slow_gain(mix: Audio, rng: np.random.Generator) -> Audio:
    """Gain [n] of a compressor that follows the mix in steps of 10 ms."""
    hop = SAMPLE_RATE // 100
    count = -(-mix.shape[1] // hop)
    padded = np.zeros(count * hop, np.float32)
    padded[: mix.shape[1]] = np.abs(mix).max(axis=0)
    loud = padded.reshape(count, hop).max(axis=1)
    follower, slow = np.empty(count), float(rng.uniform(0.85, 0.97))
    state = 0.0
    for index, value in enumerate(loud):
        state = max(float(value), slow * state)
        follower[index] = state
    threshold, power = float(rng.uniform(0.15, 0.5)) * loud.max(), float(rng.uniform(0.3, 0.8))
    gain = np.minimum(1, (np.maximum(follower, 1e-6) / max(threshold, 1e-6)) ** -power)
    at = np.arange(mix.shape[1]) / hop
    found: Audio = np.interp(at, np.arange(count), gain).astype(np.float32)
    return found
