"""Hybrid Demucs from a user's own weights: tiny ones of the real network, and hostile ones."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from studio.ai import registry
from studio.ai.models.hdemucs import HDemucs
from studio.ai.nets.torchaudio_guard import load_torchaudio
from studio.ai.requests import STEMS
from studio.core.errors import StudioError
from studio.media.store import MediaStore
from tests.ai.constraints import Quiet
from tests.ai.models.test_htdemucs_onnx import apart, wish

Weights = dict[str, torch.Tensor]


def weights(window: int = 4096, stems: int = 4) -> Weights:
    load_torchaudio()
    from torchaudio.models import HDemucs as Network

    with torch.random.fork_rng():
        torch.manual_seed(3)
        net = Network(list("abcdef"[:stems]), channels=4, nfft=window, depth=6)
        return dict(net.state_dict())


def as_safetensors(found: Weights, folder: Path) -> Path:
    path = folder / "hdemucs.safetensors"
    save_file({name: value.contiguous().clone() for name, value in found.items()}, path)
    return path


def as_pickle(found: Weights, folder: Path) -> Path:
    path = folder / "hdemucs.pt"
    torch.save(found, path)
    return path


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def test_stems_of_real_weights_sum_to_the_mix(tmp_path: Path) -> None:
    model = HDemucs(as_safetensors(weights(), tmp_path), seconds=1.0)
    model.load("cpu")
    media = MediaStore(tmp_path / "media")
    request = wish(media, 22_050, 2, seconds=1.3)
    _, stems = apart(request, model.generate(request, Quiet()))
    assert list(stems) == list(STEMS)
    assert all(stem.any() for stem in stems.values())


def test_networks_of_another_window_are_known_by_their_weights(tmp_path: Path) -> None:
    HDemucs(as_safetensors(weights(2048), tmp_path)).load("cpu")


class Hostile:
    """Unpickled, it would write a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.write_text, (self._path, "harm"))


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_hostile_pickle_is_refused_and_does_nothing(tmp_path: Path, wrapped: bool) -> None:
    path, harm = tmp_path / "hdemucs.pt", tmp_path / "harm.txt"
    if wrapped:
        torch.save({**weights(), "extra": Hostile(harm)}, path)
    else:
        path.write_bytes(pickle.dumps(Hostile(harm)))
    with pytest.raises(StudioError, match="more than weights"):
        HDemucs(path).load("cpu")
    assert not harm.exists()


def test_other_weights_and_damaged_ones_are_one_sentence(tmp_path: Path) -> None:
    other = weights()
    del other["freq_emb.embedding.weight"]
    two = weights(stems=2)
    for found in (other, two, {"a": torch.zeros(1)}):
        with pytest.raises(StudioError, match="another network"):
            HDemucs(as_safetensors(found, tmp_path)).load("cpu")
    for name in ("hdemucs.safetensors", "hdemucs.pt"):
        (tmp_path / name).write_bytes(b"\x80 no weights")
        with pytest.raises(StudioError, match=r"cannot be read as weights|more than weights"):
            HDemucs(tmp_path / name).load("cpu")
    torch.save({"state_dict": {}}, tmp_path / "hdemucs.pt")
    with pytest.raises(StudioError, match="holds no weights"):
        HDemucs(tmp_path / "hdemucs.pt").load("cpu")


def test_the_file_is_found_among_the_users_models(studio_home: Path) -> None:
    (studio_home / "models").mkdir()
    as_pickle(weights(), studio_home / "models")
    card = registry.card("hdemucs")
    assert card.stems == STEMS
    registry.load(card).load("cpu")
