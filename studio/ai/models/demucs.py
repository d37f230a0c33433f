"""Demucs and HT-Demucs by the package of their authors, with the user's own weights."""

from __future__ import annotations

import importlib
import inspect
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from studio.ai.catalogue import ModelContext
from studio.ai.nets import foreign_weights, running
from studio.ai.requests import Quality, Request, Result
from studio.ai.stems import windows
from studio.ai.stems.feeding import Fed
from studio.ai.stems.splitting import Watch, Write, split
from studio.core.errors import StudioError

_CLASSES = ("demucs.htdemucs.HTDemucs", "demucs.hdemucs.HDemucs", "demucs.demucs.Demucs")
_SECONDS = 10.0  # of a window, where the network was taught no length of its own


class Demucs:
    """Takes recordings apart, a few seconds at a time.

    Args:
        path: Safetensors that say in their metadata which network they are for and how it is made,
            or a pickle of the same that holds nothing else but settings of its training.
    """

    sample_rate = 44_100

    def __init__(self, path: Path) -> None:
        self._path = path
        self._net: Any = None
        self._frames = 0
        self.stems: tuple[str, ...] = ()

    def load(self, device: str) -> None:
        """Read the weights.

        Raises:
            StudioError: The package demucs is missing, or the file is damaged, holds more than
                weights, or is for another network or another kind of sound.
        """
        # 1. The package.
        running.use_all_cores()
        classes = _classes()
        # 2. Which network it is, how it is made, and its weights.
        safe = self._path.suffix == ".safetensors"
        name, args, kwargs, weights = self._safetensors() if safe else self._pickled(classes)
        # 3. The network itself.
        try:
            known = inspect.signature(classes[name]).parameters
            net: Any = classes[name](*args, **{k: v for k, v in kwargs.items() if k in known})
            net.load_state_dict({k: v.float() for k, v in weights.items()})
        except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
            raise self._refusal("does not hold a network of the package demucs") from error
        if net.samplerate != self.sample_rate or net.audio_channels != 2:
            raise self._refusal("is not for stereo at 44,100 Hz")
        self._net, self.stems = net.eval().requires_grad_(False), tuple(net.sources)
        taught = getattr(net, "segment", None) if name == _CLASSES[0] else None
        self._frames = round(float(taught or _SECONDS) * self.sample_rate)

    def unload(self) -> None:
        self._net = None

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Take the request's recording apart. Raises as `split` does."""
        return split(request, context, self)

    def separate(self, fed: Fed, write: Write, quality: Quality, watch: Watch) -> dict[str, float]:
        """An `Engine` for `split`."""
        return windows.separate(
            fed, write, self._run, names=self.stems, frames=self._frames, quality=quality,
            watch=watch,
        )  # fmt: skip

    def _run(self, mix: windows.Stems) -> windows.Stems:
        """Stems [stems, 2, frames] of sound [2, frames], at the level the network was taught."""
        return running.at_taught_level(self._net, mix)

    def _safetensors(self) -> tuple[str, list[Any], dict[str, Any], dict[str, Tensor]]:
        try:
            with safe_open(str(self._path), framework="pt") as file:
                about = file.metadata() or {}
                weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            args, kwargs = (_plain(json.loads(about[what])) for what in ("args", "kwargs"))
            return about["klass"], list(args), dict(kwargs), weights
        except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
            raise self._refusal("cannot be read as a network of the package demucs") from error

    def _pickled(
        self, classes: dict[str, type[nn.Module]]
    ) -> tuple[str, list[Any], dict[str, Any], dict[str, Tensor]]:
        found = foreign_weights.pickled(self._path, [*classes.values(), Fraction])
        try:
            klass = found["klass"]
            name = f"{klass.__module__}.{klass.__qualname__}"
            return name, list(found["args"]), dict(found["kwargs"]), dict(found["state"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._refusal("cannot be read as a network of the package demucs") from error

    def _refusal(self, what: str) -> StudioError:
        return StudioError(f"“{self._path.name}” {what}.", "Fetch another file.")


def _classes() -> dict[str, type[nn.Module]]:
    """The networks of the package, and no others, by name.

    Raises:
        StudioError: The package is not installed.
    """
    try:
        parts = [name.rpartition(".") for name in _CLASSES]
        return {
            f"{module}.{name}": getattr(importlib.import_module(module), name)
            for module, _, name in parts
        }
    except ImportError as error:
        raise StudioError(
            "The package demucs is not installed.", "Install the studio with its extra “demucs”."
        ) from error


def _plain(value: Any) -> Any:
    """What JSON says of a network's arguments; fractions are objects in it."""
    if isinstance(value, dict) and value.get("_type") == "fraction":
        return Fraction(int(value["numerator"]), int(value["denominator"]))
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
