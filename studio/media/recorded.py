"""The folder of a recording under way: what was asked for, what came, and when the song ran.

`recording.json` says what is recorded, on which tracks. `log.jsonl` grows line by line, each a kind
and numbers, so that all of it can be read after a crash:

    begin  stream frame of the files' first frame; latencies out, in, and of the mixer, in frames
    run    stream frame, song frame: from there on the song ran from that place
    rest   stream frame: the song came to rest
    midi   stream frame, the bytes of a message
    end    stream frame

Beside them lie a WAV file and an outline for every audio track. What found no place in the song is
moved to `UNPLACED`, where the musician may take it from.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
from studio.media import durable

FOLDER = "recordings"  # in a song's folder
UNPLACED = "unplaced"  # in that
OUTLINE_FRAMES = 512
_WISH, _LOG = "recording.json", "log.jsonl"
_VERSION = 1
_NUMBERS = {"begin": 4, "run": 2, "rest": 1, "end": 1}  # in a line of the log


@dataclass(frozen=True, slots=True)
class RecordedTrack:
    """One track that is recorded.

    Attributes:
        channels: Of the input: (0,), (1,) or (0, 1); none for a track that is played by MIDI.
    """

    track: str
    name: str
    channels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be recorded.

    Attributes:
        sample_rate: The song's, Hz.
        measured_frames: From making to coming back, as measured; None: as the device says.
        loop: Song frames that repeat, if any.
        punch: Song frames outside which nothing is kept, if any.
        sixteenths: Notes are put on sixteenths.
    """

    sample_rate: int
    tracks: tuple[RecordedTrack, ...]
    measured_frames: int | None = None
    loop: tuple[int, int] | None = None
    punch: tuple[int, int] | None = None
    sixteenths: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """The song ran: `frames` from song frame `song`, made at stream frame `stream` and after."""

    stream: int
    song: int
    frames: int


@dataclass(frozen=True, slots=True)
class Log:
    """What a log says.

    Attributes:
        begin: The stream frame of the files' first frame.
        out_frames, in_frames, mixer_frames: Latencies.
        messages: (stream frame, bytes) of each MIDI message.
        end: The last stream frame that is known of.
    """

    begin: int = 0
    out_frames: int = 0
    in_frames: int = 0
    mixer_frames: int = 0
    runs: tuple[Run, ...] = ()
    messages: tuple[tuple[int, tuple[int, ...]], ...] = ()
    end: int = 0


class LogWriter:
    """Adds lines to a folder's log, each of them whole on its own."""

    def __init__(self, folder: Path) -> None:
        self._file: TextIO = (folder / _LOG).open("a", encoding="utf-8")

    def add(self, kind: str, *numbers: int) -> None:
        self._file.write(json.dumps([kind, *numbers]) + "\n")

    def flush(self) -> None:
        self._file.flush()

    def sync(self) -> None:
        """Have it on the disk itself."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self.sync()
        self._file.close()


def begin(folder: Path, wish: Wish) -> None:
    """Make the folder of a recording. Raises StudioError where it cannot be written."""
    try:
        durable.make(folder)
    except OSError as error:
        raise durable.refusal(error, folder) from error
    text = json.dumps({"version": _VERSION, **asdict(wish)}, indent=1)
    durable.write(folder / _WISH, text.encode())


def read_wish(folder: Path) -> Wish:
    """What `begin` was given. Raises StudioError where it cannot be read."""
    try:
        found = json.loads((folder / _WISH).read_text(encoding="utf-8"))
        if found.pop("version") != _VERSION:
            raise ValueError
        tracks = tuple(
            RecordedTrack(t["track"], t["name"], tuple(t["channels"])) for t in found.pop("tracks")
        )
        loop, punch = _pair(found.pop("loop")), _pair(found.pop("punch"))
        return Wish(tracks=tracks, loop=loop, punch=punch, **found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StudioError(f"The recording in {folder} cannot be read.") from error


def _pair(found: list[int] | None) -> tuple[int, int] | None:
    return None if found is None else (found[0], found[1])


def read_log(folder: Path) -> Log:
    """What the log says, as far as it was written.

    Of a damaged one, all that can be read; where it does not even tell when the song ran, that is
    taken to be from its start, so that nothing is left out.
    """
    lines, is_damaged = _lines(folder / _LOG)
    marks: list[tuple[int, int]] = []
    messages: list[tuple[int, tuple[int, ...]]] = []
    known: dict[str, int] = {}
    for kind, *numbers in lines:
        if kind == "begin":
            names = ("begin", "out_frames", "in_frames", "mixer_frames")
            known = dict(zip(names, numbers, strict=True))
        elif kind == "run":
            marks.append((numbers[0], numbers[1]))
        elif kind == "midi":
            messages.append((numbers[0], tuple(numbers[1:])))
        else:
            marks.append((numbers[0], -1))
            known["end"] = max(numbers[0], known.get("end", 0))
    if not known:
        known["begin"] = min([stream for stream, _ in marks] or [at for at, _ in messages] or [0])
    if is_damaged and all(song < 0 for _, song in marks):
        marks.insert(0, (known["begin"], 0))
    latest = [known.get("end", 0), *(stream for stream, _ in marks), *(at for at, _ in messages)]
    return Log(runs=tuple(_runs(marks)), messages=tuple(messages), **{**known, "end": max(latest)})


def _lines(path: Path) -> tuple[list[list[Any]], bool]:
    """The lines that can be read, and whether others are lost; not that which a crash cut off."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return [], True
    *written, _ = text.split("\n")
    found = [line for line in map(_line, written) if line is not None]
    return found, len(found) < len(written) or not found


def _line(text: str) -> list[Any] | None:
    """A kind and its numbers, if they are that."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    match found:
        case ["midi", *numbers] if len(numbers) > 1:
            pass
        case [str(kind), *numbers] if len(numbers) == _NUMBERS.get(kind):
            pass
        case _:
            return None
    return found if all(type(number) is int for number in numbers) else None


def _runs(marks: list[tuple[int, int]]) -> Iterator[Run]:
    """From each mark to the next; the last one has no end, which is as long as its files are."""
    for index, (stream, song) in enumerate(marks):
        after = marks[index + 1][0] if index + 1 < len(marks) else None
        if song >= 0:
            yield Run(stream, song, 2**62 if after is None else max(after - stream, 0))


def wav(folder: Path, index: int) -> Path:
    """The sound of the track at `index` of the wish."""
    return folder / f"{index + 1}.wav"


def outline_file(folder: Path, index: int) -> Path:
    """Lowest and highest sample of every `OUTLINE_FRAMES`, float32 pairs, as they come."""
    return folder / f"{index + 1}.outline"


def all_in(song_folder: Path) -> list[Path]:
    """The recordings in a song's folder, oldest first."""
    return sorted(path.parent for path in (song_folder / FOLDER).glob(f"*/{_WISH}"))


def put_aside(folder: Path) -> None:
    """Keep a recording, but as one that is not to be taken into the song any more.

    Raises:
        StudioError: It cannot be moved; it is where it was.
    """
    aside = folder.parent / UNPLACED
    try:
        aside.mkdir(exist_ok=True)
        names = (f"{number:04d}" for number in itertools.count(1))
        folder.rename(next(path for path in map(aside.joinpath, names) if not path.exists()))
    except OSError as error:
        raise durable.refusal(error, folder) from error


@dataclass
class Outline:
    """Reads an outline as it grows.

    Attributes:
        pairs: Lowest and highest, float32 [n, 2].
    """

    path: Path
    pairs: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    _room: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2), np.float32))

    def read_on(self) -> bool:
        """Take in what was added; whether anything was."""
        try:
            found = np.fromfile(self.path, np.float32, offset=self.pairs.nbytes)
        except OSError:
            return False
        fresh = found[: len(found) // 2 * 2].reshape(-1, 2)
        before, count = len(self.pairs), len(self.pairs) + len(fresh)
        if count > len(self._room):  # twice as long each time: hours cost no more than minutes
            room = np.zeros((2 * count, 2), np.float32)
            room[:before] = self.pairs
            self._room = room
        self._room[before:count] = fresh
        self.pairs = self._room[:count]
        return bool(len(fresh))
