"""From the folder of a recording to what goes into the song."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import soundfile
from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.domain.clip import AudioSource
from studio.domain.tempo import TempoMap
from studio.domain.track import TrackId
from studio.edit.keys_played import Stretch, notes_played
from studio.edit.recording import PlaceRecorded, Played, Sung
from studio.io.song_folder import SongFolder
from studio.jobs.queue import Context, Lane
from studio.media import durable, recorded
from studio.media.recorded import Log, RecordedTrack, Run, Wish
from studio.media.store import MediaStore
from studio.workspace.files import Files
from studio.workspace.song import Song

_SHORTEST_FRAMES = 256
_WAIT_SECONDS = 5.0
_EARLY_SECONDS = 0.25  # how long before the song began a key may be struck that was meant for it
_LOOK_SECONDS = 0.01
_HEADER_BYTES = 128  # a file that is no longer holds no sound
_HALF = 0.5  # of a turn: one that is shorter was broken off, and is not shown first


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a track's file, and the song frame at which its first frame was heard.

    Attributes:
        turns, turn: See `AudioClip`.
    """

    song_frame: int
    offset_frames: int
    length_frames: int
    turns: tuple[int, ...] = ()
    turn: int = 0
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Landed:
    """A recording whose files are in the song's media, to be put into the song.

    Attributes:
        sources: Of the tracks of the wish; None for one that is played.
        pieces: Of each track.
        unplaced: Its folder holds sound of which nothing goes into the song.
    """

    folder: Path
    wish: Wish
    log: Log
    sources: tuple[AudioSource | None, ...]
    pieces: tuple[tuple[Piece, ...], ...]
    unplaced: bool = False

    def command(self, tempo: TempoMap, now: TempoMap | None = None) -> PlaceRecorded:
        """The edit that puts it where it was heard.

        Args:
            tempo: By which it was recorded.
            now: That of the song, where it is another one since.
        """
        rate = self.wish.sample_rate

        def moved(frame: int) -> int:
            tick = tempo.tick_of_frame(frame, rate)
            by = frame - tempo.frame(tick, rate)
            return frame if now is None else max(now.frame(tick, rate) + by, 0)

        sung = tuple(
            Sung(
                TrackId(track.track), track.name, source, moved(piece.song_frame),
                piece.offset_frames, piece.length_frames, piece.turns, piece.turn, piece.muted,
            )
            for track, source, pieces in zip(
                self.wish.tracks, self.sources, self.pieces, strict=True
            )
            if source is not None
            for piece in pieces
        )  # fmt: skip
        keys = [track for track in self.wish.tracks if not track.channels]
        played = tuple(_played(track, self.wish, self.log, tempo) for track in keys)
        return PlaceRecorded(sung, tuple(part for part in played if part is not None))


@dataclass(frozen=True, slots=True)
class LandRecording:
    """Take the files of a recording into the song's media, once they are whole.

    Args:
        is_whole: Whether the engine has finished them, or never will.
    """

    folder: Path
    media: MediaStore
    is_whole: Callable[[], bool]
    title: ClassVar[str] = "Take in what was recorded"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> Landed:
        until = time.monotonic() + _WAIT_SECONDS
        while not self.is_whole() and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
        wish, log = recorded.read_wish(self.folder), recorded.read_log(self.folder)
        if not self.is_whole() and any(map(os.path.exists, _sounds(self.folder, wish))):
            raise StudioError(  # its files must not change once they are the song's
                "The recording is not written to its end yet.",
                "It comes into the song when that is opened again.",
            )
        taken = [self._take(index, track, wish, log) for index, track in enumerate(wish.tracks)]
        sources, pieces = zip(*taken, strict=True)
        left = (
            recorded.wav(self.folder, index)
            for index, (track, source) in enumerate(zip(wish.tracks, sources, strict=True))
            if track.channels and source is None
        )
        return Landed(self.folder, wish, log, sources, pieces, any(map(_holds_sound, left)))

    def _take(
        self, index: int, track: RecordedTrack, wish: Wish, log: Log
    ) -> tuple[AudioSource | None, tuple[Piece, ...]]:
        path = recorded.wav(self.folder, index)
        frames = _frames(path) if track.channels else 0
        found = tuple(pieces(wish, log, frames))
        if not found:
            return None, ()
        needed = max(piece.offset_frames + piece.length_frames for piece in found)
        if needed > frames:
            _pad(path, needed - frames)
        with durable.partial_of(path) as second:  # the folder stays whole until the song is kept
            _link(path, second)
            return self.media.adopt(second, f"{track.name}.wav"), found


@dataclass(frozen=True, slots=True)
class ReadPlayed:
    """What was played so far in a recording under way, as an edit."""

    folder: Path
    tempo: TempoMap
    title: ClassVar[str] = "Look at what is played"
    lane: ClassVar[Lane] = Lane.CPU

    def run(self, context: Context) -> PlaceRecorded:
        wish, log = recorded.read_wish(self.folder), recorded.read_log(self.folder)
        none = len(wish.tracks)
        return Landed(self.folder, wish, log, (None,) * none, ((),) * none).command(self.tempo)


@dataclass(frozen=True, slots=True)
class RemoveRecorded:
    """The song that holds what was recorded is on the disk: its folder has nothing more to keep."""

    folder: Path
    title: ClassVar[str] = "Clear away what was taken in"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):  # others are in it
            self.folder.parent.rmdir()


@dataclass(frozen=True, slots=True)
class PutAside:
    """Keep the sound of a recording that has no place in the song."""

    folder: Path
    title: ClassVar[str] = "Keep what was recorded"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> None:
        recorded.put_aside(self.folder)


class Landing(QObject):
    """Takes finished recordings into the open song, those that were left behind too.

    Signals:
        noted(message, hint): Something the musician should know.
    """

    noted = Signal(str, str)

    def __init__(self, song: Song, files: Files, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._song, self._files = song, files
        self._placed: set[str] = set()  # in the open song already; their folders may still be there
        song.replaced.connect(self._placed.clear)
        files.opened.connect(self._recover)

    def land(self, folder: Path, tempo: TempoMap, is_whole: Callable[[], bool]) -> None:
        """Put a recording, made by `tempo`, into the song as soon as it is whole."""
        self._placed.discard(folder.name)  # of an earlier one
        self._files.in_turn(
            lambda song: LandRecording(folder, song.media, is_whole),
            partial(self._on_landed, tempo),
        )

    def _recover(self) -> None:
        """Take in what a run that ended badly has left in the song's folder."""
        if not self._song.read_only:
            for folder in recorded.all_in(self._files.media.folder.parent):
                if folder.name in self._placed:  # the song was saved elsewhere, and they came along
                    self._files.in_turn(partial(_cleared_away, folder))
                else:
                    self._files.in_turn(partial(_left_over, folder), self._on_recovered)

    def _on_landed(self, tempo: TempoMap, landed: Landed) -> None:
        if not self._place(landed, tempo) and not landed.unplaced:
            self.noted.emit("Nothing was recorded.", "")

    def _on_recovered(self, landed: Landed) -> None:
        if self._place(landed, self._song.project.tempo):
            self.noted.emit("What was being recorded when the studio ended is back.", "")

    def _place(self, landed: Landed, tempo: TempoMap) -> bool:
        """Put it into the song as one step; whether there was anything."""
        command = landed.command(tempo, self._song.project.tempo)
        if landed.unplaced:
            aside = landed.folder.parent / recorded.UNPLACED
            self.noted.emit(
                "What was recorded has no place in the song.", f"Its sound is kept in {aside}."
            )
        if not command.sung and not command.played:
            self._files.in_turn(partial(_done_with, landed))
            return False
        self._song.close_step()
        if self._song.do(command):
            self._song.close_step()
            self._placed.add(landed.folder.name)
            self._files.keep_now(_done_with(landed))
        return True


def _left_over(folder: Path, song: SongFolder) -> LandRecording:
    return LandRecording(folder, song.media, lambda: True)


def _cleared_away(folder: Path, _song: SongFolder) -> RemoveRecorded:
    return RemoveRecorded(folder)


def _done_with(landed: Landed, _song: SongFolder | None = None) -> RemoveRecorded | PutAside:
    return PutAside(landed.folder) if landed.unplaced else RemoveRecorded(landed.folder)


@dataclass(frozen=True, slots=True)
class BeginRecording:
    """Make the folder of a recording in a song's folder; its path."""

    song_folder: Path
    wish: Wish
    title: ClassVar[str] = "Begin to record"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> Path:
        numbers = [int(f.name) for f in recorded.all_in(self.song_folder) if f.name.isdecimal()]
        folder = self.song_folder / recorded.FOLDER / f"{max(numbers, default=0) + 1:04d}"
        recorded.begin(folder, self.wish)
        return folder


def _sounds(folder: Path, wish: Wish) -> list[Path]:
    return [recorded.wav(folder, i) for i, track in enumerate(wish.tracks) if track.channels]


def _link(path: Path, second: Path) -> None:
    """Another name for a file, or where a disk has no such thing, a copy."""
    try:
        os.link(path, second)
    except OSError:
        shutil.copyfile(path, second)


def _frames(path: Path) -> int:
    """As the file says; none where there is no sound in it."""
    try:
        return int(soundfile.info(str(path)).frames)
    except soundfile.LibsndfileError:
        return 0


def _holds_sound(path: Path) -> bool:
    """Whether anything but silence is in a file; one that cannot be read may hold it."""
    try:
        with soundfile.SoundFile(path) as file:
            return any(block.any() for block in file.blocks(65536, dtype="float32"))
    except soundfile.LibsndfileError:
        return path.exists() and path.stat().st_size > _HEADER_BYTES


def _pad(path: Path, frames: int) -> None:
    """Let a last turn that was broken off be as long as the others."""
    try:
        with soundfile.SoundFile(path, "r+") as file:
            file.seek(0, soundfile.SEEK_END)
            for start in range(0, frames, 65536):
                file.write(np.zeros((min(65536, frames - start), file.channels), np.float32))
    except soundfile.LibsndfileError as error:
        raise durable.full(path) from error


# -- where it was heard -----------------------------------------------------------------------
def latency_frames(wish: Wish, log: Log) -> int:
    """Frames between the making of sound and the coming in of what is played to it."""
    around = log.out_frames + log.in_frames
    return (around if wish.measured_frames is None else wish.measured_frames) + log.mixer_frames


def pieces(wish: Wish, log: Log, frames: int) -> Iterator[Piece]:
    """What of a file of `frames` belongs into the song, in the order it was recorded.

    Every turn of a loop is one of the turns of one piece, the newest on top. Without a loop what
    came later is heard; what it covers stays beneath it, muted.
    """
    late = latency_frames(wish, log)
    found = (_piece(run, run.stream - log.begin + late, frames) for run in log.runs)
    parts = [part for piece in found for part in _punched(piece, wish.punch)]
    split = [list(_split(piece, wish.loop)) for piece in parts]
    inside = [piece for pair in split for piece, is_inside in pair if is_inside]
    outside = [piece for pair in split for piece, is_inside in pair if not is_inside]
    whole = [*_laid(outside), *(_turned(inside, wish.loop) if wish.loop is not None else inside)]
    return (piece for piece in whole if piece.length_frames >= _SHORTEST_FRAMES)


def _piece(run: Run, offset: int, frames: int) -> Piece:
    """The part of a file that holds what was heard during a run."""
    early = max(-offset, 0)
    length = max(min(run.frames, frames - offset) - early, 0)
    return Piece(run.song + early, offset + early, length)


def _part(piece: Piece, start: int, end: int) -> Piece:
    """What of a piece lies within [start, end) song frames."""
    first = max(start - piece.song_frame, 0)
    last = min(end - piece.song_frame, piece.length_frames)
    return Piece(piece.song_frame + first, piece.offset_frames + first, max(last - first, 0))


def _punched(piece: Piece, punch: tuple[int, int] | None) -> Iterator[Piece]:
    yield piece if punch is None else _part(piece, *punch)


def _split(piece: Piece, loop: tuple[int, int] | None) -> Iterator[tuple[Piece, bool]]:
    """The parts of a piece outside the loop, and the one within."""
    if loop is None:
        yield piece, False
        return
    yield _part(piece, 0, loop[0]), False
    yield _part(piece, *loop), True
    yield _part(piece, loop[1], 2**62), False


def _laid(passes: list[Piece]) -> list[Piece]:
    """Passes over the song with each part that a later one covers muted."""
    laid: list[Piece] = []
    for piece in passes:
        end = piece.song_frame + piece.length_frames
        if piece.length_frames >= _SHORTEST_FRAMES:
            laid = [part for earlier in laid for part in _beneath(earlier, piece.song_frame, end)]
            laid.append(piece)
    return laid


def _beneath(piece: Piece, start: int, end: int) -> Iterator[Piece]:
    covered = _part(piece, start, end)
    if piece.muted or not covered.length_frames:
        yield piece
        return
    yield _part(piece, 0, start)
    yield replace(covered, muted=True)
    yield _part(piece, end, 2**62)


def _turned(inside: list[Piece], loop: tuple[int, int]) -> list[Piece]:
    """The turns of a loop as one piece; what is too short to be one stays by itself, muted."""
    inside = [piece for piece in inside if piece.length_frames >= _SHORTEST_FRAMES]
    turns = [piece for piece in inside if piece.offset_frames >= piece.song_frame - loop[0]]
    if len(turns) < 2:
        return _laid(inside)
    begun = [piece.offset_frames - (piece.song_frame - loop[0]) for piece in turns]
    length = loop[1] - loop[0]
    shown = len(turns) - 1
    if turns[-1].length_frames < _HALF * length:
        shown -= 1
    whole = Piece(loop[0], begun[shown], length, tuple(begun), shown)
    return [*(replace(piece, muted=True) for piece in inside if piece not in turns), whole]


# -- what was played --------------------------------------------------------------------------
def _played(track: RecordedTrack, wish: Wish, log: Log, tempo: TempoMap) -> Played | None:
    runs = [run for run in _ended(log) if run.frames > 0]
    stretches = [_stretch(run, wish, log, tempo, is_first=run is runs[0]) for run in runs]
    notes, controllers = notes_played(stretches, sixteenths=wish.sixteenths)
    if not len(notes) and not controllers:
        return None
    starts = [tempo.tick_of_frame(run.song, wish.sample_rate) for run in runs]
    first, last = min(starts), max(stretch.end for stretch in stretches)
    if wish.punch is not None:
        low, high = (tempo.tick_of_frame(frame, wish.sample_rate) for frame in wish.punch)
        first, last = max(first, low), min(last, high)
    return Played(TrackId(track.track), track.name, notes, controllers, first, max(last, first + 1))


def _ended(log: Log) -> Iterator[Run]:
    """The runs, the last of which ends with what is known of it."""
    for run in log.runs:
        yield replace(run, frames=min(run.frames, max(log.end - run.stream, 0)))


def _stretch(run: Run, wish: Wish, log: Log, tempo: TempoMap, *, is_first: bool) -> Stretch:
    """What was played during a run, by what was heard at the time."""
    late = log.out_frames + log.mixer_frames
    early = round(_EARLY_SECONDS * wish.sample_rate) if is_first else 0
    rate, messages = wish.sample_rate, []
    for stream, message in log.messages:
        at = stream - late - run.stream
        song = run.song + max(at, 0)
        inside = wish.punch is None or wish.punch[0] <= song < wish.punch[1]
        # A key that is let go outside must not be held for ever.
        is_struck = message[0] & 0xF0 == 0x90 and message[2] > 0
        if -early <= at < run.frames and (inside or not is_struck):
            messages.append((tempo.tick_of_frame(song, rate), message))
    return Stretch(tempo.tick_of_frame(run.song + run.frames, rate), tuple(messages))
