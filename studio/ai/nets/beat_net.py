"""BeatNet (Heydari, Cwitkowitz and Duan, "BeatNet: CRNN and particle filtering for online joint
beat, downbeat and meter tracking", ISMIR 2021): how likely each 20 ms are a beat or a downbeat.

Its weights (CC BY 4.0, Mojtaba Heydari) come in a package of which only they are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import nn

from studio.ai.listening import filters
from studio.ai.listening.heard import Floats
from studio.ai.listening.mono import Mono, windows
from studio.core.errors import StudioError

FPS = 50.0
PACKAGE = "BeatNet"
_FILES = ("model_1_weights.pt", "model_2_weights.pt", "model_3_weights.pt")
_RATE, _SIZE, _HOP = 22_050, 1411, 441
_CELLS, _KERNEL = 150, 10


class BeatNet(nn.Module):
    """A convolution over the bands of one frame, then two recurrent layers over time."""

    def __init__(self, bands: int = 272) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, 2, _KERNEL)
        self.linear0 = nn.Linear(2 * ((bands - _KERNEL + 1) // 2), _CELLS)
        self.lstm = nn.LSTM(_CELLS, _CELLS, num_layers=2, batch_first=True)
        self.linear = nn.Linear(_CELLS, 3)

    def forward(
        self, x: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor] | None = None
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Frames [n, bands] -> logits [n, 3] (beat, downbeat, neither), and where it stands."""
        seen = torch.relu(self.conv1(x[:, None]))
        seen = nn.functional.max_pool1d(seen, 2).flatten(1)
        through, state = self.lstm(self.linear0(seen)[None], state)
        return self.linear(through[0]), state


def folder() -> Path | None:
    """Where the installed weights lie; None where there are none."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / "models"
    return found if all((found / name).is_file() for name in _FILES) else None


def read(files: int = len(_FILES)) -> list[BeatNet]:
    """The networks as trained on three collections.

    Raises:
        StudioError: The weights are not installed.
    """
    where = folder()
    if where is None:
        raise StudioError(
            "The weights that hear beats are not installed.", "Set the studio up again."
        )
    made = []
    for name in _FILES[:files]:
        net = BeatNet()
        net.load_state_dict(torch.load(where / name, map_location="cpu", weights_only=True))
        made.append(net.eval())
    return made


@torch.inference_mode()
def activation(nets: list[BeatNet], mono: Mono) -> Floats:
    """How likely each frame is a beat but no downbeat, and a downbeat, [n, 2]; their mean."""
    states: list[tuple[torch.Tensor, torch.Tensor] | None] = [None] * len(nets)
    found = [np.zeros((0, 2), np.float32)]
    for frames in _features(mono):
        seen, total = torch.from_numpy(frames), torch.zeros(len(frames), 3)
        for index, net in enumerate(nets):
            logits, states[index] = net(seen, states[index])
            total += torch.softmax(logits, 1)
        found.append((total[:, :2] / len(nets)).numpy())
    return np.concatenate(found)


def _features(mono: Mono) -> Iterator[Floats]:
    """Levels in 136 bands, and how they rise, [n, 272]."""
    bank, shape = filters.triangles(_SIZE, _RATE, 24), filters.hann(_SIZE)
    before: Floats | None = None
    for some in windows(mono.blocks(_RATE), _SIZE, _HOP):
        levels = np.log10(filters.magnitudes(some, shape) @ bank + 1.0)
        rising, before = filters.rises(levels, levels[:1] if before is None else before)
        yield np.hstack([levels, rising])
