"""The sound of a song as files: the mix, and stems that add up to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.core.errors import StudioError
from studio.dsp.loudness import LoudnessMeter
from studio.io.audio_files import write_audio
from studio.io.file_names import file_name
from studio.io.progress import Progress, no_progress, share
from studio.media import conform, durable, recording
from studio.render.offline import (
    TAIL_SECONDS,
    Samples,
    Stem,
    render_plan,
    render_stem,
    stems_of,
)
from studio.render.plan import Plan

_SILENT = 1e-7  # -140 dBFS: a stem that never gets louder is not written
_FLOOR = 1e-10  # -200 dBFS: the least difference that is told


@dataclass(frozen=True, slots=True)
class Mix:
    """A mix that was written.

    Attributes:
        frames: How long it is, at the song's rate.
        lufs: Integrated loudness (ITU-R BS.1770-4).
        true_peak_db: dBTP.
        clipped: Whether samples beyond full scale were cut, as the file holds none.
    """

    path: Path
    frames: int
    lufs: float
    true_peak_db: float
    clipped: bool


@dataclass(frozen=True, slots=True)
class Stems:
    """Stems that were written, all of them `frames` long.

    Attributes:
        null_db: The largest sample by which the sum of the files differs from the mix before the
            master's effects, dBFS.
        clipped: Names of files in which samples beyond full scale were cut.
    """

    paths: tuple[Path, ...]
    frames: int
    null_db: float
    clipped: tuple[str, ...]


def export_mix(
    plan: Plan,
    path: Path,
    *,
    bits: int = 24,
    sample_rate: int | None = None,
    premaster: Path | None = None,
    progress: Progress = no_progress,
) -> Mix:
    """Write the mix as WAV, FLAC, OGG or MP3, told by the suffix of `path`.

    Args:
        sample_rate: Of the file; by default the song's.
        premaster: A WAV file to write besides, of what goes into the master's effects.

    Raises:
        StudioError: The song is empty, or the file cannot be written.
        Cancelled: From `progress`.
    """
    refuse_empty(plan)
    meter = LoudnessMeter(plan.sample_rate)
    told = share(progress, 0.0, 1.0, "Mix")
    with ExitStack() as stack:
        write = None
        if premaster is not None:
            kind = recording.float_kind(plan.end + round(TAIL_SECONDS * plan.sample_rate), 2)
            write = stack.enter_context(
                recording.writing(
                    premaster, sample_rate=plan.sample_rate, channels=2, kind=kind, subtype="FLOAT"
                )
            ).write
        sound = _metered(render_plan(plan, premaster_to=write, progress=told), meter)
        frames = 0

        def counted() -> Iterator[Samples]:
            nonlocal frames
            for block in sound:
                frames += len(block)
                yield block

        rate = sample_rate or plan.sample_rate
        blocks = counted()
        if rate != plan.sample_rate:
            blocks = conform.resampled(blocks, plan.sample_rate, rate, 2)
        write_audio(path, blocks, rate, bits=bits)
    clipped = meter.peak_db > 0.0 and not (path.suffix.lower() == ".wav" and bits == 32)
    return Mix(path, frames, meter.integrated_lufs, meter.true_peak_db, clipped)


def export_stems(
    plan: Plan,
    folder: Path,
    *,
    bits: int = 32,
    frames: int | None = None,
    premaster: Path | None = None,
    progress: Progress = no_progress,
) -> Stems:
    """Write `01_Name.wav` and so on: what each track gives to the mix before the master's effects.

    A stem is post-fader and holds its track's share of what buses return; a bus that cannot be
    shared out has a stem of its own. All start with the song and are equally long. Stems that hold
    no sound are left out.

    Args:
        bits: 24, or 32 for float.
        frames: How long they are; by default as long as the mix rings.
        premaster: What `export_mix` wrote, to compare their sum with; by default it is rendered.

    Raises:
        StudioError: The song is empty, or a file cannot be written.
        Cancelled: From `progress`.
    """
    refuse_empty(plan)
    stems = stems_of(plan)
    begun = 0.0 if premaster is not None else 1.0 / (len(stems) + 1)
    with tempfile.TemporaryDirectory() as scratch:
        mix = premaster or Path(scratch) / "mix.wav"
        if premaster is None:
            sound = render_plan(plan, premaster=True, progress=share(progress, 0.0, begun, "Mix"))
            write_audio(mix, sound, plan.sample_rate, bits=32)
        if frames is None:
            with recording.reading(mix) as whole:
                frames = whole.frames
        drafts = [folder / f".{number}.wav" for number in range(len(stems))]
        peaks = [
            _write_stem(plan, stem, draft, frames, bits, told)
            for stem, draft, told in zip(
                stems, drafts, _shares(progress, begun, stems), strict=True
            )
        ]
        paths: list[Path] = []
        clipped: list[str] = []
        for stem, draft, peak in zip(stems, drafts, peaks, strict=True):
            if peak < _SILENT:
                draft.unlink()
                continue
            name = f"{len(paths) + 1:02d}_{file_name(stem.name, 'Track')}.wav"
            paths.append(draft.replace(folder / name))
            clipped += [name] if peak > 1.0 and bits < 32 else []
        progress(1.0, "Compare with the mix")
        difference = _difference(paths, mix)
    null_db = 20.0 * float(np.log10(max(difference, _FLOOR)))
    return Stems(tuple(paths), frames, null_db, tuple(clipped))


def refuse_empty(plan: Plan) -> None:
    """Raises StudioError where there is nothing to hear."""
    if not plan.end:
        raise StudioError("There is nothing in the song yet.")


def _metered(blocks: Iterator[Samples], meter: LoudnessMeter) -> Iterator[Samples]:
    for block in blocks:
        meter.add(block)
        yield block


def _shares(progress: Progress, begun: float, stems: Sequence[Stem]) -> Iterator[durable.Progress]:
    """What each stem tells of its progress to: equal parts of what is left after `begun`."""
    step = (1.0 - begun) / max(len(stems), 1)
    for index in range(len(stems)):
        yield share(progress, begun + index * step, begun + (index + 1) * step, "Stems")


def _write_stem(
    plan: Plan, stem: Stem, path: Path, frames: int, bits: int, told: durable.Progress
) -> float:
    """Write a stem; its largest sample."""
    peak = 0.0

    def watched() -> Iterator[Samples]:
        nonlocal peak
        for block in render_stem(plan, stem, frames=frames, progress=told):
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
            yield block

    write_audio(path, watched(), plan.sample_rate, bits=bits, frames=frames)
    return peak


def _difference(paths: Sequence[Path], mix: Path) -> float:
    """The largest sample of the mix minus the sum of the stems, over as long as both last."""
    with ExitStack() as stack:
        whole = stack.enter_context(recording.reading(mix))
        parts = [stack.enter_context(recording.reading(path)) for path in paths]
        frames = min([whole.frames, *(part.frames for part in parts)])
        largest = 0.0
        for start in range(0, frames, recording.BLOCK_FRAMES):
            end = min(start + recording.BLOCK_FRAMES, frames)
            left = whole.read(start, end).astype(np.float64)
            for part in parts:
                left -= part.read(start, end)
            largest = max(largest, float(np.abs(left).max(initial=0.0)))
    return largest
