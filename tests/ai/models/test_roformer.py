"""RoFormers from a user's own checkpoints: tiny ones in the real format, and hostile ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from studio.ai import registry
from studio.ai.models.roformer import Roformer
from studio.ai.nets.roformer import RoFormer, Shape, mel_bands, plain_bands
from studio.ai.requests import STEMS, Controls, Request
from studio.core.errors import StudioError
from studio.media.store import MediaStore
from tests.ai.constraints import Quiet
from tests.ai.models.test_hdemucs import Hostile
from tests.ai.models.test_htdemucs_onnx import apart, wish

FOUR = ("drums", "bass", "other", "vocals")
PLAIN = (4,) * 16 + (16,) * 4 + (1,)  # 129 bins
CONFIG = """audio:
  chunk_size: 22050
  hop_length: 64
  num_channels: 2
  sample_rate: 44100
model:
  dim: 8
  depth: 2
  stereo: {stereo}
  num_stems: {stems}
  {bands}
  stft_n_fft: 256
  stft_hop_length: 64
  stft_win_length: 256
  stft_normalized: false
  multi_stft_resolutions_window_sizes: !!python/tuple
  - 4096
  - 256
training:
  instruments: [{names}]
  target_instrument: {target}
inference:
  num_overlap: 2
"""


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def network(mel: bool, stems: int) -> RoFormer:
    bands = mel_bands(12, 256, 44_100) if mel else plain_bands(PLAIN)
    shape = Shape(
        width=8, heads=2, head_width=4, depth=2, layers=(1, 2), widening=32, bands=bands,
        stems=stems, masks=(16,), window=256, hop=64, length=256, normalized=False, normed=mel,
        summed=False,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(5)
        return RoFormer(shape)


def checkpoint(folder: Path, mel: bool = False, heard: tuple[str, ...] = FOUR, **more: Any) -> Path:
    """A file as it is published, with what says how it was made beside it."""
    path = folder / "model_bs_roformer.ckpt"
    torch.save({"state_dict": dict(network(mel, len(heard)).state_dict()), **more}, path)
    described(folder, mel, heard)
    return path


def described(folder: Path, mel: bool, heard: tuple[str, ...], stereo: str = "true") -> Path:
    counts = "\n".join(f"    - {count}" for count in PLAIN)
    bands = "num_bands: 12" if mel else f"freqs_per_bands: !!python/tuple\n{counts}"
    single = len(heard) == 1
    names = "vocals, other" if single else ", ".join(heard)
    text = CONFIG.format(
        stereo=stereo,
        stems=len(heard),
        bands=bands,
        names=names,
        target=heard[0] if single else "null",
    )
    path = folder / "model_bs_roformer.yaml"
    path.write_text(text)
    return path


def asked(folder: Path, stems: tuple[str, ...] = STEMS) -> Request:
    media = MediaStore(folder / "media")
    request = wish(media, 22_050, 2, seconds=1.3)
    audio = request.controls.audio
    controls = Controls(audio=audio, quality=request.controls.quality, stems=stems)
    return Request(
        request.task, request.gap, "roformer", "1", 0, request.song, controls=controls, media=media
    )


@pytest.mark.parametrize("mel", [False, True])
def test_stems_of_four_sum_to_the_mix(tmp_path: Path, mel: bool) -> None:
    model = Roformer(checkpoint(tmp_path, mel))
    model.load("cpu")
    assert model.stems == STEMS
    request = asked(tmp_path)
    _, stems = apart(request, model.generate(request, Quiet()))
    assert list(stems) == list(STEMS)
    assert all(stem.any() for stem in stems.values())


@pytest.mark.parametrize("target", ["vocals", "Instrumental", "other"])
def test_a_network_of_one_target_tells_vocals_from_the_rest(tmp_path: Path, target: str) -> None:
    model = Roformer(checkpoint(tmp_path, heard=(target,)))
    model.load("cpu")
    assert model.stems == ("vocals",)
    request = asked(tmp_path, ("vocals",))
    result = model.generate(request, Quiet())
    assert list(apart(request, result)[1]) == ["vocals", "instrumental"]
    assert 0.0 <= result.sounds[0].confidence <= 1.0


def test_what_the_network_hears_is_what_comes_out(tmp_path: Path) -> None:
    """The middle of one window is the network's own answer, stem by stem."""
    model = Roformer(checkpoint(tmp_path))
    model.load("cpu")
    mix = np.random.default_rng(1).normal(0, 0.1, (2, 22_050)).astype(np.float32)
    with torch.inference_mode():
        wanted = network(False, 4)(torch.from_numpy(mix)).numpy()
    found = model._run(mix)
    for index, name in enumerate(FOUR):
        place = STEMS.index(name)
        np.testing.assert_allclose(found[place], wanted[index], atol=1e-6)
    np.testing.assert_allclose(found.sum(0), mix, atol=1e-6)


def test_weights_whose_shared_parts_were_stored_once_are_read(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    weights = network(False, 4).state_dict()
    kept = {k: v.contiguous() for k, v in weights.items() if "rotary" not in k}
    save_file(kept, path.with_suffix(".safetensors"))
    Roformer(path.with_suffix(".safetensors")).load("cpu")


def test_a_hostile_checkpoint_is_refused_and_does_nothing(tmp_path: Path) -> None:
    harm = tmp_path / "harm.txt"
    path = checkpoint(tmp_path, hyper_parameters=Hostile(harm))
    with pytest.raises(StudioError, match="more than weights"):
        Roformer(path).load("cpu")
    assert not harm.exists()


def test_a_hostile_description_is_refused_and_does_nothing(tmp_path: Path) -> None:
    harm, path = tmp_path / "harm.txt", checkpoint(tmp_path)
    path.with_suffix(".yaml").write_text(
        f"model: !!python/object/apply:pathlib.Path.write_text [{harm}, harm]\n"
    )
    with pytest.raises(StudioError, match="does not say how"):
        Roformer(path).load("cpu")
    assert not harm.exists()


def test_other_networks_and_missing_descriptions_are_one_sentence(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    for mel, heard, stereo in (
        (True, FOUR, "true"),
        (False, FOUR[:3], "true"),
        (False, FOUR, "false"),
    ):
        described(tmp_path, mel, heard, stereo)
        with pytest.raises(StudioError, match="another network"):
            Roformer(path).load("cpu")
    described(tmp_path, False, FOUR)
    weights = dict(network(False, 4).state_dict())
    torch.save({**weights, "layers.0.0.layers.0.0.to_value_gates.weight": torch.zeros(2, 8)}, path)
    with pytest.raises(StudioError, match="another network"):
        Roformer(path).load("cpu")
    path.with_suffix(".yaml").write_text("a: 1")
    with pytest.raises(StudioError, match="does not say how"):
        Roformer(path).load("cpu")
    path.with_suffix(".yaml").unlink()
    with pytest.raises(StudioError, match="no file that says"):
        Roformer(path).load("cpu")


def test_a_network_of_none_of_our_stems_says_so(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, heard=("speech", "crowd"))
    with pytest.raises(StudioError, match="no stem here"):
        Roformer(path).load("cpu")


def test_the_file_is_found_among_the_users_models(studio_home: Path) -> None:
    folder = studio_home / "models"
    folder.mkdir()
    checkpoint(folder, heard=("vocals",))
    (card,) = [one for one in registry.cards() if one.path]
    assert (card.id, card.stems) == ("model_bs_roformer", ("vocals",))
    registry.load(card).load("cpu")
    checkpoint(folder)  # with another description beside it
    assert registry.card("model_bs_roformer").stems == STEMS
