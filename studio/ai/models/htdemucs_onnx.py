"""HT-Demucs as ONNX: the user's own file, with the mix and its spectrum as inputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from studio.ai.catalogue import ModelContext
from studio.ai.nets.demucs_spectrum import BINS, HOP, DemucsSpectrum
from studio.ai.requests import Quality, Request, Result
from studio.ai.stems import windows
from studio.ai.stems.feeding import Fed
from studio.ai.stems.splitting import Watch, Write, split
from studio.core.errors import StudioError

if TYPE_CHECKING:
    import onnxruntime

_ORDER = ("drums", "bass", "other", "vocals")
_LEAST_FRAMES = 4 * HOP


class HtDemucsOnnx:
    """Takes recordings apart, a few seconds at a time.

    Args:
        path: The file.
    """

    stems = _ORDER
    sample_rate = 44_100

    def __init__(self, path: Path) -> None:
        self._path = path
        self._session: onnxruntime.InferenceSession | None = None

    def load(self, device: str) -> None:
        """Read the file.

        Raises:
            StudioError: It is no ONNX file, or holds another network.
        """
        # 1. On all the cores that this process is to have.
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS") or 0)
        options.log_severity_level = 4
        # 2. The graph and its weights.
        refused = (state.Fail, state.InvalidProtobuf, state.InvalidGraph, state.InvalidArgument,
                   state.NotImplemented, state.NoSuchFile, state.RuntimeException)  # fmt: skip
        try:
            self._session = onnxruntime.InferenceSession(
                str(self._path), options, providers=["CPUExecutionProvider"]
            )
        except refused as error:
            raise StudioError(
                f"“{self._path.name}” cannot be read as ONNX.", "Fetch the file anew."
            ) from error
        # 3. What it wants and gives must be what HT-Demucs does.
        self._spectrum = DemucsSpectrum(self._frames())

    def unload(self) -> None:
        self._session = None

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Take the request's recording apart. Raises as `split` does."""
        return split(request, context, self)

    def separate(self, fed: Fed, write: Write, quality: Quality, watch: Watch) -> dict[str, float]:
        """An `Engine` for `split`."""
        return windows.separate(
            fed, write, self._run, names=_ORDER, frames=self._spectrum.frames, quality=quality,
            watch=watch,
        )  # fmt: skip

    def _frames(self) -> int:
        """The one length that the network takes.

        Raises:
            StudioError: Its inputs or outputs are not those of HT-Demucs.
        """
        assert self._session is not None
        given = [list(one.shape) for one in self._session.get_inputs()]
        found = [list(one.shape) for one in self._session.get_outputs()]
        frames = given[0][-1] if given and given[0] else 0
        if isinstance(frames, int) and frames >= _LEAST_FRAMES:
            steps = -(-frames // HOP)
            mix, spectrum = [1, 2, frames], [1, 4, BINS, steps]
            wanted = [1, 4, 4, BINS, steps], [1, 4, 2, frames]
            if given == [mix, spectrum] and found == list(wanted):
                return frames
        raise StudioError(
            f"“{self._path.name}” holds another network than HT-Demucs.",
            "The file “htdemucs.onnx” has the mix and its spectrum as inputs.",
        )

    def _run(self, mix: windows.Stems) -> windows.Stems:
        """Stems [4, 2, frames] of sound [2, frames]: the spectral half and that in time, added."""
        assert self._session is not None
        sound = torch.from_numpy(mix)[None]
        first, second = (one.name for one in self._session.get_inputs())
        spectra, wave = self._session.run(
            None, {first: sound.numpy(), second: self._spectrum.of(sound).numpy()}
        )
        both: windows.Stems = self._spectrum.sound(torch.from_numpy(spectra)[0]).numpy() + wave[0]
        return both
