"""What running a separator's network in PyTorch takes, whichever it is."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

_LEAST = 1e-8
Sound = npt.NDArray[np.float32]


def use_all_cores() -> None:
    """As many threads as there are cores, or as `OMP_NUM_THREADS` allows."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))


def at_taught_level(net: Callable[[Tensor], Tensor], mix: Sound) -> Sound:
    """Stems [stems, 2, frames] that `net` makes of sound [2, frames], which it is given without
    offset and with a spread of 1, as the Demucs family (Defossez 2021) is taught."""
    with torch.inference_mode():
        sound = torch.from_numpy(mix)
        middle = sound.mean(0)
        mean, spread = middle.mean(), middle.std() + _LEAST
        stems: Sound = (net(((sound - mean) / spread)[None])[0] * spread + mean).numpy()
    return stems
