"""Taking a song to other programs: everything that was asked for, into one folder.

What renders is imported only once it is needed: the window names an `Export` long before.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.core.errors import StudioError
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.edit.ripple import excerpt
from studio.io.midi import write_midi
from studio.io.progress import Progress, no_progress, within
from studio.io.trash import to_trash
from studio.media import durable
from studio.media.store import MediaStore
from studio.render.plan import compile_song

if TYPE_CHECKING:
    from studio.io.stems import Mix, Stems

STEMS = "stems"  # their folder
_STEM = re.compile(r"\d\d+_[A-Za-z0-9_-]+\.wav")


@dataclass(frozen=True, slots=True)
class Export:
    """What to write.

    Attributes:
        mix: `mix.wav`, or as `format` says.
        stems: `stems/01_Name.wav` and so on.
        midi: `song.mid`.
        dawproject: `song.dawproject`.
        format: What the mix is: `wav`, `flac`, `ogg` or `mp3`.
        depth: Bits of the mix: 16, 24, or 32 for float. OGG and MP3 have none.
        stem_depth: Bits of the stems: 24, or 32 for float.
        sample_rate: Of the mix; None: the song's.
        span: The part of the song to write, in song ticks; None: all of it.
    """

    mix: bool = True
    stems: bool = False
    midi: bool = False
    dawproject: bool = False
    format: str = "wav"
    depth: int = 24
    stem_depth: int = 32
    sample_rate: int | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was written; `mix` and `stems` say how it measures."""

    paths: tuple[Path, ...]
    mix: Mix | None = None
    stems: Stems | None = None


def already_in(folder: Path, what: Export) -> tuple[Path, ...]:
    """What lies in `folder` that exporting `what` would write over."""
    names = {
        f"mix.{what.format}": what.mix,
        STEMS: what.stems,
        "song.mid": what.midi,
        "song.dawproject": what.dawproject,
        "readme.txt": what.mix or what.stems,
    }
    wanted = (folder / name for name, written in names.items() if written)
    return tuple(path for path in wanted if path.exists())


def export_song(
    project: Project,
    media: MediaStore,
    folder: Path,
    what: Export,
    progress: Progress = no_progress,
    *,
    replace_there: bool = False,
) -> Report:
    """Write what is wanted into `folder`: all of it, or nothing.

    A `readme.txt` tells the engineer tempo, meter, key, rate and depth.

    Args:
        replace_there: Write over what is there; stems of an earlier export that are none of this
            one's go to the trash, so that all that are there make up the mix.

    Raises:
        StudioError: Nothing was asked for, the song is empty, a recording is missing, something
            is there already, or the folder cannot be written.
        Cancelled: From `progress`.
    """
    if not (what.mix or what.stems or what.midi or what.dawproject):
        raise StudioError("There is nothing chosen to export.")
    there = already_in(folder, what)
    if there and not replace_there:
        names = ", ".join(path.name for path in there)
        raise StudioError(f"“{folder.name}” already holds {names}.", "Choose another folder.")
    if what.span is not None:
        project = excerpt(project, *what.span)
    with _workplace(folder) as place:
        report = _moved(_written(project, media, place, what, progress), place, folder)
    progress(1.0, folder.name)
    return report


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A folder for what is not yet whole, inside `folder`."""
    fresh = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
    except OSError as error:
        raise durable.refusal(error, folder) from error
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        if fresh and not any(folder.iterdir()):
            folder.rmdir()


def _written(
    project: Project, media: MediaStore, place: Path, what: Export, progress: Progress
) -> Report:
    steps = _steps(project, what, progress)
    report = Report(())
    if what.mix or what.stems:
        report = _sound(project, media, place, what, steps)
    paths = [*report.paths]
    if what.midi:
        paths.append(place / "song.mid")
        write_midi(project, paths[-1])
    if what.dawproject:
        from studio.io.dawproject import write_dawproject

        paths.append(place / "song.dawproject")
        write_dawproject(project, media, paths[-1], progress=steps["dawproject"])
    return replace(report, paths=tuple(paths))


def _sound(
    project: Project, media: MediaStore, place: Path, what: Export, steps: dict[str, Progress]
) -> Report:
    """Write mix and stems, and the readme about them."""
    from studio.io.stems import export_mix, export_stems, refuse_empty

    plan = compile_song(project, media)
    refuse_empty(plan)
    paths: list[Path] = []
    mix = stems = None
    premaster = place / ".premaster.wav" if what.mix and what.stems else None
    if what.mix:
        path = place / f"mix.{what.format}"
        mix = export_mix(
            plan,
            path,
            bits=what.depth,
            sample_rate=what.sample_rate,
            premaster=premaster,
            progress=steps["mix"],
        )
        paths.append(path)
    if what.stems:
        frames = mix.frames if mix is not None else None
        stems = export_stems(
            plan,
            place / STEMS,
            bits=what.stem_depth,
            frames=frames,
            premaster=premaster,
            progress=steps["stems"],
        )
        paths += stems.paths
    paths.append(place / "readme.txt")
    durable.write(paths[-1], _readme(project, what, mix, stems).encode())
    return Report(tuple(paths), mix, stems)


def _steps(project: Project, what: Export, progress: Progress) -> dict[str, Progress]:
    """What each part tells of its progress to, by how long it may take."""
    weights = {
        "mix": float(what.mix),
        "stems": what.stems * (2.0 + len(project.sources)),
        "dawproject": float(what.dawproject),
    }
    total = sum(weights.values()) or 1.0
    steps, start = {}, 0.0
    for name, weight in weights.items():
        end = start + weight / total
        steps[name] = within(progress, start, end)
        start = end
    return steps


def _moved(report: Report, place: Path, folder: Path) -> Report:
    """The report with its files in `folder`, to where they are brought."""

    def to(path: Path) -> Path:
        return folder / path.relative_to(place)

    paths = {to(path) for path in report.paths}
    earlier = [path for path in (folder / STEMS).glob("*") if _STEM.fullmatch(path.name)]
    try:
        for path in earlier if report.stems is not None else []:
            if path not in paths:
                to_trash(path)
        for path in report.paths:
            durable.settle(path, to(path))
    except OSError as error:
        raise durable.refusal(error, folder) from error
    mix, stems = report.mix, report.stems
    return Report(
        tuple(map(to, report.paths)),
        None if mix is None else replace(mix, path=to(mix.path)),
        None if stems is None else replace(stems, paths=tuple(map(to, stems.paths))),
    )


def _readme(project: Project, what: Export, mix: Mix | None, stems: Stems | None) -> str:
    tempo = project.tempo
    lines = [
        project.title or "Untitled",
        "",
        f"Tempo: {_changes(tempo, [(t.tick, f'{t.bpm:g} bpm') for t in tempo.tempos])}",
        f"Meter: {_changes(tempo, [(m.tick, f'{m.beats}/{m.unit}') for m in tempo.meters])}",
        f"Key: {project.key.name if project.key is not None else 'not set'}",
        f"Sample rate: {project.sample_rate} Hz",
    ]
    lines += _said_of_mix(mix, what, project) if mix is not None else []
    lines += _said_of_stems(stems, what, project) if stems is not None else []
    return "\n".join([*lines, ""])


def _said_of_mix(mix: Mix, what: Export, project: Project) -> list[str]:
    depth = f", {_depth(what.depth)}" if what.format in ("wav", "flac") else ""
    if what.sample_rate not in (None, project.sample_rate):
        depth += f", {what.sample_rate} Hz"
    return [
        "",
        f"{mix.path.name}: {_length(mix.frames, project)}{depth}",
        f"  {mix.lufs:.1f} LUFS, true peak {mix.true_peak_db:.1f} dBTP",
    ]


def _said_of_stems(stems: Stems, what: Export, project: Project) -> list[str]:
    return [
        "",
        f"stems: {_length(stems.frames, project)} each, {_depth(what.stem_depth)}",
        *(f"  {path.name}" for path in stems.paths),
        "All begin with the song and are equally long. They are post-fader and hold their share of",
        "the send effects: together they are the mix before the master's effects and fader,",
        f"to within {stems.null_db:.0f} dBFS.",
    ]


def _changes(tempo: TempoMap, changes: list[tuple[int, str]]) -> str:
    """The first value, and where others follow."""
    later = [f"{value} from bar {tempo.bar_at(tick)}" for tick, value in changes[1:]]
    return ", ".join([changes[0][1], *later])


def _depth(bits: int) -> str:
    return "32-bit float" if bits == 32 else f"{bits} bit"


def _length(frames: int, project: Project) -> str:
    minutes, seconds = divmod(frames / project.sample_rate, 60)
    return f"{minutes:.0f}:{seconds:06.3f}"
