"""Writes what is heard and played to disk while it comes, on a thread of the engine.

All of it lies in the recording's folder and can be read at any moment: each WAV file's header is
brought up to date with every block. See `studio.media.recorded`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import soundfile

from studio.audio.hearing import HEARD_FRAMES, Block, Hearing
from studio.core.errors import StudioError
from studio.media import durable, recorded
from studio.media.recorded import OUTLINE_FRAMES, LogWriter, RecordedTrack

_LOG = logging.getLogger(__name__)

_ROUND_SECONDS = 0.02
_SYNC_SECONDS = 1.0
_PATIENCE_SECONDS = 0.5  # for the last frames, once the song was stopped
_OLDEST_FRAMES = HEARD_FRAMES * 3 // 4  # what is older may be written over while it is read
_UPDATE_HEADER_AUTO, _RF64_DOWNGRADE = 0x1061, 0x1210  # libsndfile's commands
_SYSTEM_ERROR = 2

Line: TypeAlias = tuple[Any, ...]  # a kind and its numbers


class Recorder:
    """One recording, from its first frame to whole files.

    Args:
        folder: Where `recorded.begin` has been.
        hearing: What is heard; None where only MIDI is recorded.
        first: The frame of `hearing` that the files begin with.
        stream_frame: The stream frame that came in with it.
        latencies: Out, in and of the mixer, frames.

    Attributes:
        begin: The stream frame that the files begin with.
        trouble: Why it ended before it was asked to, or nothing.
        lost_frames: Silent, for the disk kept it waiting for longer than the input is remembered.

    Raises:
        StudioError: The files cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        hearing: Hearing | None,
        first: int,
        stream_frame: int,
        latencies: tuple[int, int, int],
    ) -> None:
        wish = recorded.read_wish(folder)
        self.trouble = ""
        self.lost_frames = 0
        self._hearing = hearing
        self._written = self._first = first
        self._until: int | None = None
        self._missed = hearing.missed if hearing is not None else 0
        self.begin = self._stop_frame = stream_frame
        self._lines: deque[Line] = deque([("begin", stream_frame, *latencies)])
        self._ended = threading.Event()
        self._files: list[_File] = []
        try:
            self._log = LogWriter(folder)
            self._files = [
                _File(folder, index, track, wish.sample_rate)
                for index, track in enumerate(wish.tracks)
                if track.channels
            ]
        except OSError as error:
            raise durable.refusal(error, folder) from error
        except soundfile.LibsndfileError as error:
            raise _refusal(error, folder) from error
        self._thread = threading.Thread(target=self._run, name="record", daemon=True)
        self._thread.start()

    def note(self, kind: str, *numbers: int) -> None:
        """Add a line to the log; from any thread."""
        self._lines.append((kind, *numbers))

    def end(self, stream_frame: int, tail_frames: int) -> None:
        """Go on until the sound of `stream_frame` has come, then make the files whole."""
        self._stop_frame = stream_frame
        if self._hearing is not None:
            heard = self._first + (stream_frame - self.begin) + tail_frames
            self._until = max(min(heard, self._hearing.count + tail_frames), self._written)
        self._ended.set()

    @property
    def is_over(self) -> bool:
        """The files are whole, whether it was asked to end or had to."""
        return not self._thread.is_alive()

    @property
    def hears(self) -> bool:
        """Sound is recorded, not MIDI alone."""
        return self._hearing is not None

    @property
    def lost_blocks(self) -> int:
        """Blocks that the device lost meanwhile."""
        return self._hearing.missed - self._missed if self._hearing is not None else 0

    # -- the thread ----------------------------------------------------------------------------
    def _run(self) -> None:
        synced = time.monotonic()
        try:
            while not self._ended.wait(_ROUND_SECONDS):
                self._write()
                if time.monotonic() - synced > _SYNC_SECONDS:
                    synced = time.monotonic()
                    self._log.sync()
                    for file in self._files:
                        file.sync()
            self._write_rest()
        except OSError as error:
            self.trouble = str(durable.refusal(error, Path("the recording")))
        except soundfile.LibsndfileError as error:
            self.trouble = str(_refusal(error, Path("the recording")))
        finally:
            self._close()

    def _write(self) -> None:
        while self._lines:
            self._log.add(*self._lines.popleft())
        self._log.flush()
        if self._hearing is None:
            return
        count = self._hearing.count if self._until is None else self._until
        count = min(count, self._hearing.count)
        self._skip(count - _OLDEST_FRAMES)
        if count > self._written:
            block = self._hearing.read(self._written, count)
            for file in self._files:
                file.write(block)
            self._written = count

    def _skip(self, oldest: int) -> None:
        """Let silence stand for what came before `oldest`, so that all after it keeps its place."""
        while self._written < oldest:
            silence = np.zeros((min(oldest - self._written, HEARD_FRAMES), 2), np.float32)
            for file in self._files:
                file.write(silence)
            self._written += len(silence)
            self.lost_frames += len(silence)

    def _write_rest(self) -> None:
        patience = time.monotonic() + _PATIENCE_SECONDS
        self._write()
        while self._until is not None and self._written < self._until:
            if time.monotonic() > patience:
                break
            time.sleep(_ROUND_SECONDS)
            self._write()
        self.note("end", self._stop_frame)
        self._write()

    def _close(self) -> None:
        for close in (*(file.close for file in self._files), self._log.close):
            with contextlib.suppress(OSError, soundfile.LibsndfileError):  # the disk is full
                close()
        if self.trouble:
            _LOG.warning("A recording ended: %s", self.trouble)


class _File:
    """The sound of one track, and its outline."""

    def __init__(self, folder: Path, index: int, track: RecordedTrack, sample_rate: int) -> None:
        self._channels = list(track.channels)
        self._path = recorded.wav(folder, index)
        self._sound = soundfile.SoundFile(
            self._path, "w", sample_rate, len(track.channels), "FLOAT", format="RF64"
        )
        for command in (_RF64_DOWNGRADE, _UPDATE_HEADER_AUTO):
            soundfile._snd.sf_command(self._sound._file, command, soundfile._ffi.NULL, 1)
        self._outline: BinaryIO = recorded.outline_file(folder, index).open("wb")
        self._left: Block = np.zeros((0, len(track.channels)), np.float32)

    def write(self, block: Block) -> None:
        mine = block[:, self._channels]
        self._sound.write(mine)
        waiting = np.concatenate([self._left, mine])
        bins = len(waiting) // OUTLINE_FRAMES
        self._left = waiting[bins * OUTLINE_FRAMES :]
        if bins:
            whole = waiting[: bins * OUTLINE_FRAMES].reshape(bins, -1)
            pairs = np.stack([whole.min(axis=1), whole.max(axis=1)], axis=1)
            self._outline.write(pairs.astype(np.float32).tobytes())
            self._outline.flush()

    def sync(self) -> None:
        """Have it on the disk itself."""
        opened = os.open(self._path, os.O_RDWR)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

    def close(self) -> None:
        try:
            self._sound.close()
        finally:
            self._outline.close()


def _refusal(error: soundfile.LibsndfileError, path: Path) -> StudioError:
    if error.code == _SYSTEM_ERROR:
        return durable.full(path)
    return StudioError(f"The recording cannot be written: {error.error_string}")
