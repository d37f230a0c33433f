"""Reading and writing recordings block by block, so that hours of them cost little memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile

from studio.core import paths
from studio.core.errors import StudioError
from studio.media import durable

BLOCK_FRAMES = 65_536  # libsndfile's Vorbis encoder crashes on much longer ones
LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
WAV_BYTES = 4_000_000_000  # a plain WAV file counts its bytes in 32 bits
_SET_ADD_PEAK_CHUNK = 0x1050
_SYSTEM_ERROR = 2  # all that libsndfile says when the disk is full

Samples: TypeAlias = npt.NDArray[np.float32]  # [frames, channels]


class Recording:
    """An open audio file of 8-192 kHz that holds at least a frame.

    Args:
        most_channels: How many it may have.

    Attributes:
        kind, subtype: What libsndfile calls its container and its encoding.
        frames: As the file declares; `blocks` may find fewer in a damaged one.

    Raises:
        StudioError: The file is not of that kind.
    """

    def __init__(self, file: Any, name: str, most_channels: int = 2) -> None:
        self._file = file
        self.name = name
        self.kind: str = file.format
        self.subtype: str = file.subtype
        self.frames: int = file.frames
        self.channels: int = file.channels
        self.sample_rate: int = file.samplerate
        self._check(most_channels)

    def blocks(self, progress: durable.Progress = durable.no_progress) -> Iterator[Samples]:
        """All of it in blocks; what is not a number is silence.

        Raises:
            StudioError: The file is damaged.
            Cancelled: From `progress`.
        """
        self._file.seek(0)
        done = 0
        while len(block := self._read(BLOCK_FRAMES)):
            done += len(block)
            progress(min(done / self.frames, 1.0))
            yield block

    def read(self, start: int, end: int) -> Samples:
        """Frames [start, end), as far as there are any. Raises StudioError on a damaged file."""
        start, end = max(start, 0), min(end, self.frames)
        if end <= start:
            return np.zeros((0, self.channels), dtype=np.float32)
        self._file.seek(start)
        return self._read(end - start)

    def _read(self, frames: int) -> Samples:
        try:
            found: Samples = self._file.read(frames, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise _unreadable(self.name) from error
        if not np.isfinite(found).all():
            np.nan_to_num(found, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        return found

    def _check(self, most_channels: int) -> None:
        if self.frames < 1:
            raise StudioError(f"“{self.name}” holds no sound.")
        if self.channels > most_channels:
            raise StudioError(
                f"“{self.name}” has {self.channels} channels; a clip is mono or stereo.",
                "Split it into mono or stereo files first.",
            )
        if not LOWEST_RATE <= self.sample_rate <= HIGHEST_RATE:
            raise StudioError(
                f"“{self.name}” runs at {self.sample_rate} Hz; a clip runs at 8,000 to 192,000 Hz.",
                "Convert it to 48,000 Hz first.",
            )


@contextmanager
def reading(path: Path, name: str = "", *, most_channels: int = 2) -> Iterator[Recording]:
    """Open a recording.

    Args:
        name: What the musician calls the file, if not by its own name.
        most_channels: More than mono or stereo, for one that will be folded.

    Raises:
        StudioError: It cannot be opened, is no audio file, or not of the kind `Recording` takes.
    """
    name = name or paths.legible(path.name)
    try:
        with path.open("rb") as probe:
            probe.read(1)
        file = soundfile.SoundFile(_for_libsndfile(path))
    except OSError as error:
        raise StudioError(f"“{name}” cannot be opened: {error.strerror}.") from error
    except soundfile.LibsndfileError as error:
        raise _unreadable(name) from error
    with file:
        yield Recording(file, name, most_channels)


def _for_libsndfile(path: Path) -> Path | bytes:
    """`path` such that names in an old encoding are found too, where systems allow them."""
    return path if os.name == "nt" else os.fsencode(path)


def _unreadable(name: str) -> StudioError:
    return StudioError(
        f"“{name}” cannot be read as audio.",
        "It may be damaged, or of a kind other than WAV, AIFF, FLAC, OGG, Opus or MP3.",
    )


@contextmanager
def writing(
    path: Path, *, sample_rate: int, channels: int, kind: str, subtype: str, **options: Any
) -> Iterator[Any]:
    """A new `soundfile.SoundFile`, without the time stamp that libsndfile puts in float files.

    Equal sound thus gives equal bytes. `kind` and `subtype` are libsndfile's names.

    Raises:
        StudioError: The disk is full, or no such file can be made.
    """
    try:
        path.touch()  # says why it cannot be made; libsndfile does not
    except OSError as error:
        raise durable.refusal(error, path) from error
    try:
        with soundfile.SoundFile(
            path, "w", sample_rate, channels, subtype, format=kind, **options
        ) as file:
            soundfile._snd.sf_command(file._file, _SET_ADD_PEAK_CHUNK, soundfile._ffi.NULL, 0)
            yield file
    except soundfile.LibsndfileError as error:
        if error.code == _SYSTEM_ERROR:
            raise durable.full(path) from error
        raise StudioError(f"“{path.name}” cannot be written: {error.error_string}") from error


def float_kind(frames: int, channels: int) -> str:
    """The kind of float WAV file that can hold so much."""
    return "WAV" if frames * channels * 4 < WAV_BYTES else "RF64"
