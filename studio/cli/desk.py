"""What every command works with: the model worker, songs read and written, progress bars."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from tqdm import tqdm

from studio.ai import by_ear, record, wishes
from studio.ai.client import WorkerClient
from studio.ai.generate import Generate
from studio.ai.requests import Request, Take
from studio.core import paths
from studio.core.errors import Cancelled, StudioError
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap
from studio.domain.project import Project, new_song
from studio.domain.track import TrackId
from studio.io.audio_files import SUFFIXES as AUDIO_SUFFIXES
from studio.io.midi import read_midi, write_midi
from studio.io.midi_rewriting import rewrite_midi
from studio.io.song_file import SUFFIX
from studio.io.song_folder import SongFolder, folder_of, why_read_only
from studio.jobs.queue import InlineQueue, Work
from studio.media.store import MediaStore

if TYPE_CHECKING:  # what renders takes a second to import: only what needs it waits for it
    from studio.io.export import Report
    from studio.io.stems import Mix

MIDI_SUFFIXES = (".mid", ".midi")
OUTPUTS = (*MIDI_SUFFIXES, *AUDIO_SUFFIXES, SUFFIX)

T = TypeVar("T")


class Reached(Protocol):
    def __call__(self, fraction: float, text: str = "", /) -> None:
        """How far it is, 0-1, and what is being done."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A song at work.

    Attributes:
        folder: Where it was opened, if it came from a song folder.
        midi: The MIDI file whose notes it changes in place, if it is to be written as such.
        takes: What models wrote for it since.
    """

    project: Project
    media: MediaStore
    folder: SongFolder | None = None
    midi: Path | None = None
    takes: tuple[Take, ...] = ()

    @property
    def bars(self) -> int:
        return self.project.tempo.bar_at(max(self.project.end - 1, 0)) if self.project.end else 0

    @property
    def notes(self) -> int:
        clips = (clip for _, clip in self.project.clips())
        return sum(len(clip.notes) for clip in clips if isinstance(clip, NoteClip))

    @property
    def seconds(self) -> float:
        return float(self.project.tempo.seconds(self.project.end))

    def gap(self, bars: tuple[int, int], names: str = "") -> Gap:
        """Bars `bars` (from 1, both included) of the tracks in `names`, by default of all.

        Raises:
            StudioError: The song has no such bar or track.
        """
        first, last = bars
        if last > self.bars:
            missing = max(first, self.bars + 1)
            raise StudioError(f"The song has {self.bars} bars; there is no bar {missing}.")
        tempo = self.project.tempo
        tracks = _tracks(self.project, names)
        return Gap(tracks, tempo.bar_start(first), tempo.bar_start(last + 1))


def _tracks(song: Project, names: str) -> tuple[TrackId, ...]:
    """Instrument tracks by name or role, divided by commas; all of them for no names."""
    there = wishes.instruments(song)
    if not names:
        return tuple(track.id for track in there)
    found: list[TrackId] = []
    for name in (word.strip() for word in names.split(",")):
        called = [t.id for t in there if name.casefold() in (t.name.casefold(), t.role.casefold())]
        if not name or not called:
            known = ", ".join(track.name for track in there) or "none"
            raise StudioError(f"No track of the song is called “{name}”.", f"There are: {known}.")
        found += called
    return tuple(dict.fromkeys(found))


class Desk:
    """A context manager that holds the worker and a run folder, and takes both away at the end."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        paths.remove_stale_runs()
        self._run_dir = paths.run_dir()
        self._worker = WorkerClient(self._run_dir)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._worker.close()
        shutil.rmtree(self._run_dir, ignore_errors=True)

    # -- doing --------------------------------------------------------------------------------
    def filled(self, draft: Draft, request: Request) -> Draft:
        """The draft after a model filled the request's gap.

        Raises:
            StudioError: The model failed, or what it wrote cannot be placed.
        """
        take = self.take(request)
        audio = request.controls.audio
        by_clip = audio is not None and audio.clip is not None
        placement = by_ear.placement if by_clip else wishes.placement
        project = placement(take.id, request, take.result).apply(draft.project)
        return replace(draft, project=project, takes=(*draft.takes, take))

    def take(self, request: Request) -> Take:
        """What a model makes of a request. Raises StudioError where it failed."""
        return self.do(Generate(request, self._worker))

    def do(self, work: Work[T]) -> T:
        """Run a work to its end, with a progress bar. Raises StudioError where it failed."""
        with self.bar(work.title) as reached:
            reached(0.0, "Getting ready")  # a model takes some seconds to load
            job = InlineQueue().submit(work, on_change=lambda job: reached(job.fraction, job.text))
        if job.error is not None:
            raise job.error
        if job.result is None:
            raise Cancelled
        return job.result

    @contextmanager
    def bar(self, title: str) -> Iterator[Reached]:
        """A progress bar on standard error; yields what to call with the fraction done, 0-1, and
        what is being done."""
        with tqdm(
            total=1.0,
            desc=title,
            file=sys.stderr,
            disable=self._quiet,
            mininterval=0.1 if sys.stderr.isatty() else 2.0,  # a log needs few lines of it
            bar_format="{desc:<24} {percentage:3.0f}% |{bar:30}| {elapsed} < {remaining}{postfix}",
        ) as shown:

            def reached(fraction: float, text: str = "") -> None:
                if self._quiet:
                    return
                is_next = bool(text) and text != shown.postfix
                shown.set_postfix_str(text, refresh=is_next)
                shown.update(max(min(fraction, 1.0) - shown.n, 0.0))

            yield reached
            reached(1.0)

    # -- reading ------------------------------------------------------------------------------
    def new(self) -> Draft:
        return Draft(new_song(), MediaStore(self._run_dir / "media"))

    @contextmanager
    def opened(self, path: Path, out: Path | None = None) -> Iterator[Draft]:
        """The song or MIDI file at `path`; a song is let go at the end.

        Raises:
            StudioError: There is none, it cannot be read, or it is to be written to `out`, which
                is itself, and cannot be.
        """
        if not path.exists():
            raise StudioError(f"There is no file called “{path}”.")
        if path.suffix.lower() in MIDI_SUFFIXES:
            yield replace(self.new(), project=read_midi(path))
        elif folder_of(path).is_dir():
            with SongFolder.open(path) as folder:
                if folder.read_only and out is not None and out.resolve() == folder.path.resolve():
                    raise why_read_only(folder.path)
                yield Draft(folder.project, folder.media, folder)
        else:
            raise StudioError(
                f"“{path.name}” is neither a song nor a MIDI file.",
                "Songs end in .tutti, MIDI files in .mid.",
            )

    # -- writing ------------------------------------------------------------------------------
    def write(self, draft: Draft, out: Path) -> None:
        """Write the song as the kind of file that the suffix of `out` names.

        Raises:
            StudioError: It cannot be written.
        """
        suffix = out.suffix.lower()
        if suffix in MIDI_SUFFIXES and draft.midi is not None:
            rewrite_midi(draft.midi, read_midi(draft.midi), draft.project, out)
        elif suffix in MIDI_SUFFIXES:
            write_midi(draft.project, out)
        elif suffix == SUFFIX:
            _save(draft, out)
        else:
            self.mix(draft, out)

    def mix(self, draft: Draft, out: Path) -> Mix:
        """Bounce the song to an audio file, 32 bit float in WAV; gives what it measures.

        Raises:
            StudioError: The song is empty, or the file cannot be written.
        """
        from studio.io.stems import export_mix
        from studio.render.plan import compile_song

        bits = 32 if out.suffix.lower() == ".wav" else 24
        with self.bar(f"Render {out.name}") as reached:
            plan = compile_song(draft.project, draft.media)
            return export_mix(plan, out, bits=bits, progress=lambda part, _: reached(part))

    def export(self, draft: Draft, folder: Path, kinds: Collection[str]) -> Report:
        """Write the song for other programs: any of `mix`, `stems`, `midi`, `dawproject`.

        What such an export wrote before is written over (`check_folder` asks).

        Raises:
            StudioError: The song is empty, or the folder cannot be written.
        """
        from studio.io.export import Export, export_song

        mix, stems, midi, daw = (k in kinds for k in ("mix", "stems", "midi", "dawproject"))
        wanted = Export(mix, stems, midi, daw)
        with self.bar(f"Export {', '.join(kinds)}") as reached:
            return export_song(
                draft.project,
                draft.media,
                folder,
                wanted,
                lambda part, _: reached(part),
                replace_there=True,
            )


def _save(draft: Draft, out: Path) -> None:
    """As a song folder, with the takes it is made of; media and earlier takes go along."""
    if draft.folder is not None:
        folder = draft.folder.save_as(out, draft.project)
    else:
        folder = SongFolder.create(out, draft.project)
    with folder:
        for take in draft.takes:
            folder.takes.append(record.take_to_json(take, folder.media))


def check_output(
    out: Path,
    kinds: tuple[str, ...] = OUTPUTS,
    *,
    given: Path | None = None,
    force: bool = False,
) -> None:
    """Raises StudioError where `out` could not be written, before any work is done.

    What is there is written over where it is the one `given`, and a file also by `force`.
    """
    if out.suffix.lower() not in kinds:
        raise StudioError(
            f"A file called “{out.name}” cannot be written here.",
            f"The name ends in one of {', '.join(kinds)}.",
        )
    if not out.absolute().parent.is_dir():
        raise StudioError(f"There is no folder called “{out.parent}”.")
    if out.suffix.lower() == SUFFIX:
        song = given and folder_of(given)
        if out.exists() and not (song and song.exists() and out.samefile(song)):
            raise StudioError(
                f"There is already something called “{out.name}” there.", "Choose another name."
            )
    elif out.is_dir():
        raise StudioError(f"“{out}” is a folder.", "Choose another name.")
    elif out.exists() and not force and not (given and given.exists() and out.samefile(given)):
        raise StudioError(
            f"There is already something called “{out.name}” there.",
            "Choose another name, or say --force to write over it.",
        )
    _check_writable(out.absolute().parent)


def _check_writable(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StudioError(f"Nothing can be written to “{folder}”.", "Choose another folder.")


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Raises StudioError where `folder` is none, holds something (unless by `force`), or cannot be
    made or written to; before any work is done."""
    if folder.exists() and not folder.is_dir():
        raise StudioError(f"“{folder}” is not a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise StudioError(f"“{folder}” is not empty.", "Choose another folder.")
    _check_writable(next(place for place in (folder, *folder.absolute().parents) if place.exists()))
