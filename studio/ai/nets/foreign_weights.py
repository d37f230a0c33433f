"""Weights that others made: tensors by name, and nothing else that a file might hold."""

from __future__ import annotations

import pickle
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from studio.core.errors import StudioError

SUFFIXES = (".safetensors", ".pt", ".pth", ".th", ".ckpt")
_WRAPPINGS = ("state_dict", "state", "model", "best_state")


class _Inert:
    """Stands for a setting of the training, of which nothing is kept."""

    def __setstate__(self, state: object) -> None: ...


# What checkpoints hold of the settings they were trained with, beside the weights: omegaconf's
# objects become `_Inert`, and no code of theirs runs; the others are plain.
_SETTINGS = ("dictconfig.DictConfig", "listconfig.ListConfig", "base.ContainerMetadata",
             "base.Metadata", "nodes.AnyNode", "nodes.IntegerNode", "nodes.FloatNode",
             "nodes.StringNode", "nodes.BooleanNode")  # fmt: skip
_HARMLESS: list[Callable[..., object] | tuple[Callable[..., object], str]] = [
    *((_Inert, f"omegaconf.{name}") for name in _SETTINGS),
    (_Inert, "typing.Any"),
    defaultdict, dict, list, tuple, int, float, str, bool,
]  # fmt: skip


def read(path: Path) -> dict[str, Tensor]:
    """The tensors of a file, in float32 where they are of any float type.

    A pickle is unpacked by torch for weights alone, so that no code of it ever runs. What wraps the
    tensors (`state_dict`, `state` ...) is taken off.

    Raises:
        StudioError: The file is none of weights, is damaged, or holds more than weights.
    """
    found = _unwrapped(_safetensors(path) if path.suffix == ".safetensors" else pickled(path))
    if not found:
        raise StudioError(f"“{path.name}” holds no weights.", "Fetch the file anew.")
    return {
        name: value.float() if value.is_floating_point() else value for name, value in found.items()
    }


def _safetensors(path: Path) -> dict[str, Any]:
    try:
        return dict(load_file(path))
    except (OSError, SafetensorError, ValueError) as error:
        raise _damaged(path) from error


def pickled(path: Path, known: Iterable[Callable[..., object]] = ()) -> Any:
    """What a pickle holds: tensors, plain values, and objects of `known` classes.

    Raises:
        StudioError: It is damaged, or holds anything else; none of its code runs then.
    """
    try:
        with warnings.catch_warnings():  # of kinds of pickle that torch itself does not write
            warnings.simplefilter("ignore")
            with torch.serialization.safe_globals([*_HARMLESS, *known]):
                return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise StudioError(
            f"“{path.name}” holds more than weights, and is not opened.",
            "Such a file can run code of its own; ask for it as safetensors.",
        ) from error
    except (OSError, RuntimeError, EOFError, KeyError, ValueError, TypeError) as error:
        raise _damaged(path) from error


def _unwrapped(found: object) -> dict[str, Tensor]:
    while isinstance(found, dict):
        inner = [found[name] for name in _WRAPPINGS if isinstance(found.get(name), dict)]
        if not inner:
            return {str(k): v for k, v in found.items() if isinstance(v, Tensor)}
        found = inner[0]
    return {}


def _damaged(path: Path) -> StudioError:
    return StudioError(f"“{path.name}” cannot be read as weights.", "Fetch the file anew.")
