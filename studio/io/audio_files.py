"""Sound to files that other programs read: WAV, FLAC, OGG (Vorbis) and MP3."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
from studio.media import conform, durable, recording
from studio.media.durable import Progress, no_progress
from studio.media.recording import BLOCK_FRAMES, Samples

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
_DEPTHS = {".wav": (16, 24, 32), ".flac": (16, 24)}
_LOSSY: dict[str, tuple[str, dict[str, Any]]] = {
    ".ogg": ("VORBIS", {"compression_level": 0.2}),  # quality 8, about 256 kbit/s
    ".mp3": ("MPEG_LAYER_III", {"compression_level": 0.0, "bitrate_mode": "CONSTANT"}),  # 320
}
_HIGHEST_MP3_RATE = 48_000


def write_audio(
    path: Path,
    blocks: Iterable[Samples],
    sample_rate: int,
    *,
    channels: int = 2,
    bits: int = 24,
    dither_seed: int = 0,
    frames: int | None = None,
    progress: Progress = no_progress,
) -> int:
    """Write blocks [frames, channels] to a file whose kind is told by its suffix.

    16 bit is dithered with triangular noise of two steps peak to peak (Lipshitz, Wannamaker and
    Vanderkooy 1992), drawn from `dither_seed`: equal sound gives equal bytes, however it is cut
    into blocks. 24 bit is rounded; 32 bit is float. What exceeds full scale is clipped, but not in
    float. MP3 runs at no more than 48 kHz: higher rates are halved.

    Args:
        bits: 16, 24 or, for WAV only, 32. OGG and MP3 have no such thing.
        frames: How many there will be, where known; for the progress, and for WAV beyond 4 GB.

    Returns:
        Frames written.

    Raises:
        StudioError: No such file can be written, or the disk is full; what was there is untouched.
        Cancelled: From `progress` or from the blocks.
    """
    suffix = path.suffix.lower()
    kind, subtype, options = _kind(suffix, bits, frames, channels)
    pieces = _pieces(blocks, frames, progress)
    if suffix == ".mp3" and sample_rate > _HIGHEST_MP3_RATE:
        pieces = conform.resampled(pieces, sample_rate, sample_rate // 2, channels)
        sample_rate //= 2
    encode = _encoder(bits if suffix in _DEPTHS else 32, dither_seed)
    written = 0
    with (
        durable.whole(path) as partial,
        recording.writing(
            partial,
            sample_rate=sample_rate,
            channels=channels,
            kind=kind,
            subtype=subtype,
            **options,
        ) as file,
    ):
        for piece in pieces:
            file.write(encode(piece))
            written += len(piece)
    return written


def _kind(
    suffix: str, bits: int, frames: int | None, channels: int
) -> tuple[str, str, dict[str, Any]]:
    """What libsndfile calls the kind and the encoding, and its options."""
    if suffix in _LOSSY:
        subtype, options = _LOSSY[suffix]
        return suffix[1:].upper(), subtype, options
    if suffix not in _DEPTHS:
        raise StudioError(
            f"Sound cannot be written as “{suffix or 'no suffix'}”.", "Use WAV, FLAC, OGG or MP3."
        )
    if bits not in _DEPTHS[suffix]:
        raise StudioError(f"{suffix[1:].upper()} files do not hold {bits} bit.")
    if suffix == ".flac":
        return "FLAC", f"PCM_{bits}", {}
    kind = recording.float_kind(frames or 0, channels)
    return kind, "FLOAT" if bits == 32 else f"PCM_{bits}", {}


def _pieces(blocks: Iterable[Samples], frames: int | None, progress: Progress) -> Iterator[Samples]:
    """The blocks, none longer than the encoders bear."""
    done = 0
    for block in blocks:
        for start in range(0, len(block), BLOCK_FRAMES):
            piece = block[start : start + BLOCK_FRAMES]
            yield piece
            done += len(piece)
            progress(min(done / frames, 1.0) if frames else 0.0)


def _encoder(bits: int, seed: int) -> Callable[[Samples], npt.NDArray[Any]]:
    """What turns float samples into those of the file."""
    random = np.random.default_rng(seed)

    def to_16(piece: Samples) -> npt.NDArray[np.int16]:
        noise = random.random((*piece.shape, 2))  # in the order of the samples: blocks do not tell
        steps = np.rint(piece * 32768.0 + noise[..., 0] - noise[..., 1])
        return steps.clip(-32768, 32767).astype(np.int16)

    def to_24(piece: Samples) -> npt.NDArray[np.int32]:
        steps = np.rint(piece.astype(np.float64) * 2**23).clip(-(2**23), 2**23 - 1)
        return steps.astype(np.int32) << 8  # libsndfile takes the upper three bytes

    def to_float(piece: Samples) -> Samples:
        return piece.astype(np.float32, copy=False)

    encoders: dict[int, Callable[[Samples], npt.NDArray[Any]]] = {
        16: to_16,
        24: to_24,
        32: to_float,
    }
    return encoders[bits]
