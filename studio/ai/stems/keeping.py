"""Stems at the source's own rate and channels, written as they come."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import soxr

from studio.ai.requests import Excerpt
from studio.media import recording
from studio.media.recording import Recording

Samples: TypeAlias = npt.NDArray[np.float32]  # [frames, channels]


class Keeping:
    """A context manager that writes stems as float WAV files, each as long as the excerpt.

    Every stem but the last is brought back to the source's rate (soxr, HQ) and channels; the last
    is the source minus these, at the source's rate, and so holds what resampling lost.

    Args:
        files: Where each stem goes, the one that is the rest last.
        model_rate: The rate at which `write` is given them.
    """

    def __init__(
        self, source: Recording, excerpt: Excerpt, files: Mapping[str, Path], model_rate: int
    ) -> None:
        self._source, self._excerpt = source, excerpt
        *self._names, self._rest = files
        self._done = 0  # frames written, at the source's rate
        self._stack = ExitStack()
        kind = recording.float_kind(excerpt.frames, source.channels)
        self._files: dict[str, Any] = {
            name: self._stack.enter_context(
                recording.writing(
                    path,
                    sample_rate=source.sample_rate,
                    channels=source.channels,
                    kind=kind,
                    subtype="FLOAT",
                )
            )
            for name, path in files.items()
        }
        self._streams = {
            name: soxr.ResampleStream(
                model_rate, source.sample_rate, source.channels, dtype="float32", quality="HQ"
            )
            for name in self._names
            if model_rate != source.sample_rate
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def write(self, first: int, stems: Mapping[str, Samples]) -> None:
        """Take the next stretch [frames, 2] of every stem; what is the rest is not looked at."""
        self._add({name: self._returned(name, stems[name], last=False) for name in self._names})

    def finish(self) -> None:
        """Write what the resampling still holds; the files are then as long as the excerpt."""
        if self._streams:
            nothing = np.zeros((0, 2), dtype=np.float32)
            self._add({name: self._returned(name, nothing, last=True) for name in self._names})
        while missing := min(self._excerpt.frames - self._done, recording.BLOCK_FRAMES):
            silence = np.zeros((missing, self._source.channels), dtype=np.float32)
            self._add(dict.fromkeys(self._names, silence))

    def _returned(self, name: str, stem: Samples, *, last: bool) -> Samples:
        if self._source.channels == 1:
            stem = stem.mean(axis=1, keepdims=True, dtype=np.float32)
        if name not in self._streams:
            return stem
        found: Samples = self._streams[name].resample_chunk(np.ascontiguousarray(stem), last=last)
        return found.reshape(-1, self._source.channels)

    def _add(self, stems: dict[str, Samples]) -> None:
        """Write one stretch of all stems; streams of equal rates give equal lengths."""
        count = min(len(next(iter(stems.values()))), self._excerpt.frames - self._done)
        if not count:
            return
        first = self._excerpt.first_frame + self._done
        left = self._source.read(first, first + count)
        for name, stem in stems.items():
            left = left - stem[:count]
            self._files[name].write(stem[:count])
        self._files[self._rest].write(left)
        self._done += count
