"""What a song is made of beside its description: recordings, and columns of notes and automation.

Every piece is a file named by the SHA-256 of its bytes. It is written once, whole, and never
changed, so that a backup, an older song in the history and a take may all refer to it.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core import paths
from studio.core.errors import StudioError
from studio.domain.clip import AudioSource
from studio.media import conform, durable, peaks, recording
from studio.media.durable import Progress, no_progress
from studio.media.peaks import Peaks

HASH = re.compile(r"[0-9a-f]{64}")
_KEPT = {"WAV": ".wav", "WAVEX": ".wav", "RF64": ".wav", "FLAC": ".flac"}
# Subtypes that a FLAC file holds without loss; all others become float or, if lossy, 24 bit.
_FLAC = {
    "PCM_S8": "PCM_16", "PCM_U8": "PCM_16", "PCM_16": "PCM_16", "PCM_24": "PCM_24",
    "ULAW": "PCM_16", "ALAW": "PCM_16", "VORBIS": "PCM_24", "OPUS": "PCM_24",
    "MPEG_LAYER_I": "PCM_24", "MPEG_LAYER_II": "PCM_24", "MPEG_LAYER_III": "PCM_24",
}  # fmt: skip
_CHUNK = 1 << 20


class MediaStore:
    """Files by their content's hash under `folder`, and what is made from them under `cache`.

    Nothing is created before something is put. The cache may be deleted at any time while no song
    uses it. Safe to use from several threads and processes at once.

    Args:
        folder: Where the pieces lie, as `<hh>/<hash><suffix>`.
        cache: Where conformed recordings and peaks lie; by default a folder `cache` beside it.
    """

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        self.folder = folder
        self.cache = cache if cache is not None else folder.with_name("cache")

    # -- pieces -------------------------------------------------------------------------------
    def has(self, hash: str) -> bool:
        return self._find(hash) is not None

    def path(self, hash: str) -> Path:
        """Raises KeyError where there is no such piece."""
        found = self._find(hash)
        if found is None:
            raise KeyError(hash)
        return found

    def hashes(self) -> Iterator[str]:
        """Every piece there is, in no order."""
        return (file.stem for file in self.folder.glob("??/*") if HASH.fullmatch(file.stem))

    def put_bytes(self, data: bytes, suffix: str) -> str:
        """Keep `data`; its hash. Raises StudioError if the disk is full."""
        hash = hashlib.sha256(data).hexdigest()
        if not self.has(hash):
            durable.write(self._place(hash, suffix), data)
        return hash

    def bytes(self, hash: str) -> bytes:
        """The piece, checked against its name.

        Raises:
            KeyError: There is no such piece.
            StudioError: It is damaged, or cannot be read.
        """
        try:
            data = self.path(hash).read_bytes()
        except OSError as error:
            raise StudioError(
                f"The song's media file {hash[:12]} cannot be read: {error.strerror}."
            ) from error
        if hashlib.sha256(data).hexdigest() != hash:
            raise StudioError(f"The song's media file {hash[:12]} is damaged.")
        return data

    def put_array(self, array: npt.NDArray[Any]) -> str:
        """Keep an array as `.npy`; equal arrays have equal hashes."""
        return self.put_bytes(npy(array), ".npy")

    def array(self, hash: str) -> npt.NDArray[Any]:
        """A read-only array that was put.

        Raises:
            KeyError: There is no such piece.
            StudioError: It is damaged, or no array.
        """
        try:
            found: npt.NDArray[Any] = np.load(io.BytesIO(self.bytes(hash)), allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise StudioError(f"The song's media file {hash[:12]} is no table.") from error
        found.flags.writeable = False
        return found

    def copy_from(self, other: MediaStore, hash: str) -> None:
        """Take a piece over from another store, checking it on the way.

        Raises:
            KeyError: The other store has no such piece.
            StudioError: It is damaged there, or the disk is full.
        """
        if self.has(hash):
            return
        source = other.path(hash)
        with durable.whole(self._place(hash, source.suffix)) as partial:
            if _copy(source, partial) != hash:
                raise StudioError(f"The song's media file {hash[:12]} is damaged.")

    def verify(self, hash: str) -> None:
        """Compare a piece with its name.

        Raises:
            KeyError: There is no such piece.
            StudioError: It is damaged.
        """
        if _digest(self.path(hash)) != hash:
            raise StudioError(f"The song's media file {hash[:12]} is damaged.")

    # -- recordings ---------------------------------------------------------------------------
    def import_audio(self, path: Path, progress: Progress = no_progress) -> AudioSource:
        """Take in a recording: mono or stereo, 8-192 kHz, any format libsndfile reads.

        WAV and FLAC files keep their own bytes; others become FLAC, or float WAV where FLAC could
        not hold them. Every frame is read once, which also makes the peaks.

        Raises:
            StudioError: It cannot be read to its end, or the disk is full; nothing is kept.
            Cancelled: From `progress`.
        """
        with recording.reading(path) as file:
            name, kind, subtype = file.name, file.kind, file.subtype
        if kind in _KEPT:
            return self._admit(_KEPT[kind], name, lambda out: _copy(path, out), progress)
        return self._convert(path, _FLAC.get(subtype, "FLOAT"), progress)

    def put_audio(
        self, samples: npt.NDArray[np.float32], sample_rate: int, name: str = ""
    ) -> AudioSource:
        """Keep samples [frames, channels] as a float WAV file.

        Raises:
            StudioError: There are none, or the disk is full.
        """
        frames, channels = samples.shape
        kind = recording.float_kind(frames, channels)

        def write(partial: Path) -> None:
            with recording.writing(
                partial, sample_rate=sample_rate, channels=channels, kind=kind, subtype="FLOAT"
            ) as file:
                for start in range(0, frames, recording.BLOCK_FRAMES):
                    file.write(samples[start : start + recording.BLOCK_FRAMES])

        return self._admit(".wav", name, write, no_progress)

    def adopt(self, path: Path, name: str = "", progress: Progress = no_progress) -> AudioSource:
        """Take over a WAV file that lies on the same disk as the store: it is moved, not copied.

        Raises:
            StudioError: It cannot be read to its end, or the disk is full.
            Cancelled: From `progress`.
        """
        return self._admit(".wav", name or path.name, path.replace, progress)

    def samples(self, source: AudioSource, start: int, end: int) -> npt.NDArray[np.float32]:
        """Frames [start, end) of a recording at its own rate, float32 [frames, channels].

        Raises:
            StudioError: The store does not have it, or it cannot be read.
        """
        with recording.reading(self._recorded(source), source.name) as file:
            return file.read(start, end)

    def conformed(
        self, source: AudioSource, sample_rate: int, progress: Progress = no_progress
    ) -> Path:
        """A raw file of little-endian float32 [frames, channels] at `sample_rate`, made once.

        Its length is `conform.conformed_frames`.

        Raises:
            StudioError: The store does not have it, it cannot be read, or the disk is full.
            Cancelled: From `progress`.
        """
        path = self._conformed_path(source, sample_rate)
        if not self.is_conformed(source, sample_rate):
            recorded = self._recorded(source)
            with durable.whole(path) as partial:
                conform.write_conformed(recorded, partial, sample_rate, progress)
        return path

    def is_conformed(self, source: AudioSource, sample_rate: int) -> bool:
        path = self._conformed_path(source, sample_rate)
        frames = conform.conformed_frames(source.frames, source.sample_rate, sample_rate)
        return path.is_file() and path.stat().st_size == frames * source.channels * 4

    def peaks(self, source: AudioSource, progress: Progress = no_progress) -> Peaks:
        """The outline of a recording, made once. Raises as `conformed` does."""
        found = peaks.load(self._peaks_path(source.media), source.frames, source.channels)
        if found is None:
            with recording.reading(self._recorded(source), source.name) as file:
                found = peaks.build(file.blocks(progress))
            peaks.save(found, self._peaks_path(source.media))
        return found

    def has_peaks(self, source: AudioSource) -> bool:
        return self._peaks_path(source.media).is_file()

    # -- taking recordings in -----------------------------------------------------------------
    def _convert(self, path: Path, subtype: str, progress: Progress) -> AudioSource:
        suffix = ".wav" if subtype == "FLOAT" else ".flac"

        def write(partial: Path) -> None:
            _reencode(path, partial, subtype, lambda part: progress(part / 2))

        try:
            return self._admit(
                suffix, paths.legible(path.name), write, lambda part: progress(0.5 + part / 2)
            )
        except _TooLoud:
            return self._convert(path, "FLOAT", progress)

    def _admit(
        self, suffix: str, name: str, write: Callable[[Path], object], progress: Progress
    ) -> AudioSource:
        """Let `write` fill a partial file; keep it under its hash once it was read to its end."""
        with durable.partial_of(self.folder / f"recording{suffix}") as partial:
            write(partial)
            with recording.reading(partial, name) as file:
                outline = peaks.build(file.blocks(progress))
            if outline.frames != file.frames:
                raise StudioError(f"“{name}” is damaged: it ends before it should.")
            hash = _digest(partial)
            if not self.has(hash):
                durable.settle(partial, self._place(hash, suffix))
        peaks.save(outline, self._peaks_path(hash))
        return AudioSource(hash, file.sample_rate, file.frames, file.channels, name)

    def _recorded(self, source: AudioSource) -> Path:
        found = self._find(source.media)
        if found is None:
            raise StudioError(f"The recording “{source.name}” is missing from the song's folder.")
        return found

    # -- places -------------------------------------------------------------------------------
    def _find(self, hash: str) -> Path | None:
        if not HASH.fullmatch(hash):
            return None
        return next(self.folder.joinpath(hash[:2]).glob(f"{hash}*"), None)

    def _place(self, hash: str, suffix: str) -> Path:
        return self.folder / hash[:2] / f"{hash}{suffix}"

    def _conformed_path(self, source: AudioSource, sample_rate: int) -> Path:
        return self.cache / "conformed" / f"{source.media}-{sample_rate}.f32"

    def _peaks_path(self, media: str) -> Path:
        return self.cache / "peaks" / f"{media}.npy"


class _TooLoud(Exception):
    """Samples beyond full scale, which FLAC would clip."""


def npy(array: npt.NDArray[Any]) -> bytes:
    """An array in NumPy's own file format."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _reencode(path: Path, out: Path, subtype: str, progress: Progress) -> None:
    with recording.reading(path) as file:
        kind = recording.float_kind(file.frames, file.channels) if subtype == "FLOAT" else "FLAC"
        with recording.writing(
            out, sample_rate=file.sample_rate, channels=file.channels, kind=kind, subtype=subtype
        ) as written:
            for block in file.blocks(progress):
                if subtype != "FLOAT" and np.abs(block).max() > 1.0:
                    raise _TooLoud
                written.write(block)


def _copy(source: Path, out: Path) -> str:
    """Copy a file; the hash of what was read."""
    digest = hashlib.sha256()
    with source.open("rb") as read, out.open("wb") as written:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            written.write(chunk)
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
