"""Band-split RoFormers with the user's own weights: BS-RoFormer and mel-band RoFormer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from studio.ai.catalogue import ModelContext
from studio.ai.nets import foreign_weights, running
from studio.ai.nets.roformer import RoFormer, Shape, mel_bands, plain_bands
from studio.ai.requests import Quality, Request, Result
from studio.ai.stems import recipe, windows
from studio.ai.stems.feeding import Fed
from studio.ai.stems.recipe import Recipe
from studio.ai.stems.splitting import REST, Watch, Write, split
from studio.core.errors import StudioError

# Of the paper: narrow bands below, wide ones above; 1025 bins.
_USUAL_BANDS = (2,) * 24 + (4,) * 12 + (12,) * 8 + (24,) * 8 + (48,) * 8 + (128, 129)
_LEAST = 1e-8


class Roformer:
    """Takes recordings apart, some seconds at a time.

    Args:
        path: A checkpoint; beside it lies the YAML file that says how it was made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._net: nn.Module | None = None
        self._recipe: Recipe | None = None
        self.stems: tuple[str, ...] = ()
        self.sample_rate = 44_100

    def load(self, device: str) -> None:
        """Read the weights.

        Raises:
            StudioError: They hold more than weights, are damaged, belong to another network, or
                nothing tells how they were made.
        """
        running.use_all_cores()
        told = recipe.read(self._path)
        weights = foreign_weights.read(self._path)
        try:
            net = _network(weights, told)
        except (KeyError, IndexError, RuntimeError, ValueError, TypeError) as error:
            raise StudioError(
                f"“{self._path.name}” holds another network than its YAML file tells of.",
                "BS-RoFormer and mel-band RoFormer in stereo are known, without later additions.",
            ) from error
        if not told.stems:
            heard = ", ".join(told.heard)
            raise StudioError(
                f"“{self._path.name}” tells {heard} apart, which is no stem here.",
                "Drums, bass and vocals are.",
            )
        self._net, self._recipe = net.eval().requires_grad_(False), told
        self.stems, self.sample_rate = told.stems, told.sample_rate

    def unload(self) -> None:
        self._net = None

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Take the request's recording apart. Raises as `split` does."""
        return split(request, context, self)

    def separate(self, fed: Fed, write: Write, quality: Quality, watch: Watch) -> dict[str, float]:
        """An `Engine` for `split`."""
        assert self._recipe is not None
        return windows.separate(
            fed, write, self._run, names=(*self.stems, REST), frames=self._recipe.frames,
            quality=quality, watch=watch,
        )  # fmt: skip

    def _run(self, mix: windows.Stems) -> windows.Stems:
        """Stems and what they leave, [stems + 1, 2, frames], of sound [2, frames]."""
        assert self._net is not None
        assert self._recipe is not None
        mean, spread = 0.0, 1.0
        if self._recipe.normalized:
            mean, spread = float(mix.mean()), float(mix.mean(0).std()) + _LEAST
        with torch.inference_mode():
            found: windows.Stems = self._net(torch.from_numpy((mix - mean) / spread)).numpy()
        heard = dict(zip(self._recipe.heard, found * spread + mean, strict=True))
        if self.stems[0] not in heard:  # the network hears all but the vocals
            heard = {self.stems[0]: mix - next(iter(heard.values()))}
        stems = np.stack([heard[stem] for stem in self.stems])
        return np.concatenate([stems, (mix - stems.sum(0))[None]]).astype(np.float32)


def _network(weights: Mapping[str, Tensor], told: Recipe) -> nn.Module:
    """The network that weights belong to.

    Raises:
        KeyError, ValueError, RuntimeError: They belong to another.
    """
    if not told.model.get("stereo"):
        raise ValueError("it is not for stereo")
    net = RoFormer(_shape(weights, told))
    missing, unknown = net.load_state_dict(weights, strict=False)
    # Safetensors keep what several layers share once, or leave it out: it is the same everywhere.
    if unknown or any(not name.endswith("rotary_embed.freqs") for name in missing):
        raise ValueError("parts are missing or unknown")
    return net


def _shape(weights: Mapping[str, Tensor], told: Recipe) -> Shape:
    model = told.model
    first = "layers.0.0.layers.0"
    heads, width = weights[f"{first}.0.to_gates.weight"].shape
    masks = [
        weights[name].shape[0]
        for place in range(0, 64, 2)
        if (name := f"mask_estimators.0.to_freqs.0.0.{place}.weight") in weights
    ]
    stems = _count(weights, "mask_estimators", 1)
    if stems != len(told.heard):
        raise ValueError("it tells another number of stems apart")
    return Shape(
        width=width,
        heads=heads,
        head_width=weights[f"{first}.0.to_qkv.weight"].shape[0] // (3 * heads),
        depth=_count(weights, "layers", 1),
        layers=(_count(weights, "layers.0.0.layers", 4), _count(weights, "layers.0.1.layers", 4)),
        widening=weights[f"{first}.1.net.1.weight"].shape[0],
        bands=_bands(model, told.sample_rate),
        stems=stems,
        masks=tuple(masks[:-1]),
        window=int(model.get("stft_n_fft", 2048)),
        hop=int(model.get("stft_hop_length", 512)),
        length=int(model.get("stft_win_length", 2048)),
        normalized=bool(model.get("stft_normalized", False)),
        normed="final_norm.gamma" not in weights,
        summed=bool(model.get("skip_connection", False)),
    )


def _bands(model: Mapping[str, Any], sample_rate: int) -> tuple[tuple[int, ...], ...]:
    window = int(model.get("stft_n_fft", 2048))
    if "num_bands" in model:
        return mel_bands(int(model["num_bands"]), window, sample_rate)
    bands = plain_bands([int(bins) for bins in model.get("freqs_per_bands") or _USUAL_BANDS])
    if bands[-1][-1] != window // 2:
        raise ValueError("the bands do not make up the spectrum")
    return bands


def _count(weights: Mapping[str, Tensor], within: str, place: int) -> int:
    """How many parts `within` has, numbered at a place of their names."""
    return len({name.split(".")[place] for name in weights if name.startswith(f"{within}.")})
