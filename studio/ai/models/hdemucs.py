"""Hybrid Demucs as torchaudio has it, with the user's own weights."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from studio.ai.catalogue import ModelContext
from studio.ai.nets import foreign_weights, running
from studio.ai.nets.torchaudio_guard import load_torchaudio
from studio.ai.requests import Quality, Request, Result
from studio.ai.stems import windows
from studio.ai.stems.feeding import Fed
from studio.ai.stems.splitting import Watch, Write, split
from studio.core.errors import StudioError

_ORDER = ("drums", "bass", "other", "vocals")


class HDemucs:
    """Takes recordings apart, ten seconds at a time.

    Args:
        path: Weights, such as those of `torchaudio.pipelines.HDEMUCS_HIGH_MUSDB`.
        seconds: Of one window.
    """

    stems = _ORDER
    sample_rate = 44_100

    def __init__(self, path: Path, seconds: float = 10.0) -> None:
        self._path = path
        self._frames = round(seconds * self.sample_rate)
        self._net: nn.Module | None = None

    def load(self, device: str) -> None:
        """Read the weights.

        Raises:
            StudioError: They hold more than weights, are damaged, or belong to another network.
        """
        running.use_all_cores()
        weights = foreign_weights.read(self._path)
        try:
            net = _shaped_for(weights)
            net.load_state_dict(weights)
        except (KeyError, IndexError, RuntimeError, ValueError) as error:
            raise StudioError(
                f"“{self._path.name}” holds another network than torchaudio's Hybrid Demucs.",
                "Its weights come from torchaudio's bundle HDEMUCS_HIGH_MUSDB.",
            ) from error
        self._net = net.eval().requires_grad_(False)

    def unload(self) -> None:
        self._net = None

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Take the request's recording apart. Raises as `split` does."""
        return split(request, context, self)

    def separate(self, fed: Fed, write: Write, quality: Quality, watch: Watch) -> dict[str, float]:
        """An `Engine` for `split`."""
        return windows.separate(
            fed, write, self._run, names=_ORDER, frames=self._frames, quality=quality, watch=watch
        )

    def _run(self, mix: windows.Stems) -> windows.Stems:
        """Stems [4, 2, frames] of sound [2, frames], at the level the network was taught."""
        assert self._net is not None
        return running.at_taught_level(self._net, mix)


def _shaped_for(weights: dict[str, Tensor]) -> nn.Module:
    """The network that weights belong to, as their shapes tell.

    Raises:
        KeyError: A part is missing.
        ValueError: They are for other stems.
    """
    load_torchaudio()
    from torchaudio.models import HDemucs as Network

    depth = len({name.split(".")[1] for name in weights if name.startswith("freq_encoder.")})
    channels = weights["freq_encoder.0.conv.weight"].shape[0]
    window = weights["freq_emb.embedding.weight"].shape[0] * 8
    last = weights[f"time_decoder.{depth - 2}.conv_tr.weight"].shape[1]
    if last != 2 * len(_ORDER):
        raise ValueError("these are weights for other stems")
    net: nn.Module = Network(list(_ORDER), channels=channels, nfft=window, depth=depth)
    return net
