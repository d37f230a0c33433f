"""HT-Demucs by the authors' package: tiny networks in the real format, and hostile files."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from studio.ai import registry
from studio.ai.models.demucs import Demucs
from studio.ai.requests import STEMS
from studio.core.errors import StudioError
from studio.media.store import MediaStore
from tests.ai.constraints import Quiet
from tests.ai.models.test_hdemucs import Hostile
from tests.ai.models.test_htdemucs_onnx import apart, wish

htdemucs = pytest.importorskip("demucs.htdemucs")

SOURCES = ["drums", "bass", "other", "vocals"]
KWARGS: dict[str, Any] = {
    "channels": 8, "t_layers": 1, "t_heads": 2, "segment": Fraction(1, 2), "samplerate": 44_100,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def network(**kwargs: Any) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return htdemucs.HTDemucs(SOURCES, **{**KWARGS, **kwargs})


def as_safetensors(folder: Path, klass: str = "demucs.htdemucs.HTDemucs", **kwargs: Any) -> Path:
    path = folder / "htdemucs.safetensors"
    made = {**KWARGS, **kwargs}
    told = {**made, "segment": {"_type": "fraction", "numerator": 1, "denominator": 2}}
    about = {"klass": klass, "args": json.dumps([SOURCES]), "kwargs": json.dumps(told)}
    state = network(**kwargs).state_dict()
    save_file({name: value.contiguous().clone() for name, value in state.items()}, path, about)
    return path


def as_pickle(folder: Path, **more: Any) -> Path:
    path = folder / "htdemucs.th"
    net = network()
    package = {"klass": type(net), "args": [SOURCES], "kwargs": KWARGS, "state": net.state_dict()}
    torch.save({**package, **more}, path)
    return path


def test_stems_of_real_weights_sum_to_the_mix(tmp_path: Path) -> None:
    model = Demucs(as_safetensors(tmp_path))
    model.load("cpu")
    assert model.stems == tuple(SOURCES)
    media = MediaStore(tmp_path / "media")
    request = wish(media, 22_050, 2, seconds=0.8)
    _, stems = apart(request, model.generate(request, Quiet()))
    assert list(stems) == list(STEMS)
    assert all(stem.any() for stem in stems.values())


def test_a_pickle_of_nothing_but_the_network_is_read(tmp_path: Path) -> None:
    Demucs(as_pickle(tmp_path)).load("cpu")


def test_settings_of_the_training_beside_the_weights_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As omegaconf pickles them; the package itself need not be there to read them."""

    class Metadata:
        def __init__(self) -> None:
            self.types: list[object] = [dict, Any]
            self.resolvers: dict[str, list[int]] = defaultdict(list)

    class DictConfig:
        def __init__(self) -> None:
            self._metadata, self._content = Metadata(), {"seed": 42, "lr": [3e-4, None, True]}

        def __setstate__(self, state: object) -> None:
            raise AssertionError("it is not to be brought to life")

    monkeypatch.setitem(sys.modules, "omegaconf", ModuleType("omegaconf"))
    for module, klass in (("dictconfig", DictConfig), ("base", Metadata)):
        found = ModuleType(f"omegaconf.{module}")
        klass.__module__, klass.__qualname__ = found.__name__, klass.__name__
        setattr(found, klass.__name__, klass)
        monkeypatch.setitem(sys.modules, found.__name__, found)
    path = as_pickle(tmp_path, training_args=DictConfig())
    Demucs(path).load("cpu")


def test_a_hostile_pickle_is_refused_and_does_nothing(tmp_path: Path) -> None:
    harm = tmp_path / "harm.txt"
    with pytest.raises(StudioError, match="more than weights"):
        Demucs(as_pickle(tmp_path, training_args=Hostile(harm))).load("cpu")
    assert not harm.exists()


@pytest.mark.parametrize("klass", ["os.system", "torch.nn.Linear", ""])
def test_safetensors_that_name_another_class_are_refused(tmp_path: Path, klass: str) -> None:
    with pytest.raises(StudioError, match="package demucs"):
        Demucs(as_safetensors(tmp_path, klass)).load("cpu")


def test_what_is_no_network_for_stereo_at_its_rate_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="44,100 Hz"):
        Demucs(as_safetensors(tmp_path, samplerate=48_000)).load("cpu")
    path = tmp_path / "htdemucs.safetensors"
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(StudioError, match="cannot be read"):
        Demucs(path).load("cpu")
    for name in ("htdemucs.safetensors", "htdemucs.th"):
        (tmp_path / name).write_bytes(b"no weights")
        with pytest.raises(StudioError, match=r"cannot be read|more than weights"):
            Demucs(tmp_path / name).load("cpu")


def test_both_kinds_of_htdemucs_can_lie_side_by_side(studio_home: Path) -> None:
    folder = studio_home / "models"
    folder.mkdir()
    as_safetensors(folder)
    as_pickle(folder)
    (folder / "htdemucs.onnx").write_bytes(b"")
    ids = [card.id for card in registry.cards() if card.path]
    assert ids == ["htdemucs", "htdemucs.safetensors", "htdemucs.th"]
    registry.load(registry.card("htdemucs.th")).load("cpu")
