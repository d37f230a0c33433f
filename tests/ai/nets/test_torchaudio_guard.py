"""Torchaudio loads beside the installed torch, and the stand-in is used only where it must be."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

LOAD = "from studio.ai.nets.torchaudio_guard import load_torchaudio; t = load_torchaudio(); "


def python(code: str, *path: Path) -> str:
    """What a fresh interpreter prints, with `path` in front of its module path."""
    setup = f"import sys; sys.path[:0] = {[str(folder) for folder in path]!r}; "
    return subprocess.run(
        [sys.executable, "-c", setup + code], check=True, capture_output=True, text=True
    ).stdout.strip()


def package(folder: Path, extension: str) -> Path:
    """A package called torchaudio whose extension runs `extension` when it is imported."""
    root = folder / "torchaudio"
    (root / "_extension").mkdir(parents=True)
    (root / "__init__.py").write_text(
        "from . import _extension\nfrom . import parts\nhas = _extension._IS_ALIGN_AVAILABLE\n"
    )
    (root / "parts.py").write_text("from torchaudio._extension import fail_if_no_align\n")
    (root / "_extension" / "__init__.py").write_text(extension)
    return folder


def test_a_sine_keeps_its_frequency_through_the_resampler() -> None:
    code = (
        "import torch; x = torch.sin(2 * torch.pi * 1000 * torch.arange(44100) / 44100); "
        "y = t.functional.resample(x, 44100, 48000); print(*y.tolist())"
    )
    resampled = np.array(python(LOAD + code).split(), dtype=np.float64)
    expected = np.sin(2 * np.pi * 1000 * np.arange(48000) / 48000)
    assert np.max(np.abs(resampled - expected)[100:-100]) < 1e-2


def test_spectrogram_and_phase_vocoder_work() -> None:
    code = (
        "import torch; x = torch.ones(1, 4096); s = t.transforms.Spectrogram(512, power=None)(x); "
        "v = t.functional.phase_vocoder(s, 2.0, torch.linspace(0, 3.14 * 128, 257)[:, None]); "
        "print(s.shape[-1], v.shape[-1])"
    )
    assert python(LOAD + code) == "17 9"


def test_the_real_extension_is_used_where_it_loads() -> None:
    spec = find_spec("torchaudio")
    assert spec is not None
    assert spec.origin is not None
    library = next(Path(spec.origin).parent.joinpath("lib").glob("_torchaudio*"))
    probe = (
        "import ctypes, torch\n"
        f"try: ctypes.CDLL({str(library)!r})\nexcept OSError: print(False)\nelse: print(True)"
    )
    loads = python(probe)
    real = python(LOAD + "print(t._extension._IS_TORCHAUDIO_EXT_AVAILABLE)")
    assert real == loads


def test_a_loadable_extension_is_left_alone(tmp_path: Path) -> None:
    good = "_IS_ALIGN_AVAILABLE = 'real'\nfail_if_no_align = None\n"
    assert python(LOAD + "print(t.has)", package(tmp_path, good)) == "real"


def test_a_stand_in_replaces_an_extension_that_does_not_load(tmp_path: Path) -> None:
    broken = "raise OSError('libcudart.so: cannot open shared object file')\n"
    assert python(LOAD + "print(t.has)", package(tmp_path, broken)) == "False"


def test_what_needs_the_stand_in_says_so_by_name(tmp_path: Path) -> None:
    broken = package(tmp_path, "raise OSError('libcudart.so')\n")
    call = "\ntry: t.parts.fail_if_no_align(print)()\nexcept RuntimeError as error: print(error)"
    assert python(LOAD + call, broken).startswith("print needs torchaudio's compiled extension")


def test_a_missing_torchaudio_is_an_import_error() -> None:
    code = "import sys; sys.modules['torchaudio'] = None; " + LOAD
    with pytest.raises(subprocess.CalledProcessError) as failure:
        python(code)
    assert "ModuleNotFoundError" in failure.value.stderr
