"""`studio separate`: a recording in, its stems out."""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from studio.ai import registry, sound_wishes
from studio.ai.catalogue import ModelCard
from studio.ai.requests import STEMS, Controls, Quality, Sound, Task
from studio.ai.stems.splitting import rest_of
from studio.cli.desk import Desk, check_folder
from studio.core import paths
from studio.core.errors import StudioError
from studio.domain.clip import AudioSource
from studio.dsp.fold import to_stereo
from studio.media import durable, recording
from studio.media.recording import Samples
from studio.media.store import MediaStore

_MOST_CHANNELS = 64
_FLOOR = 1e-10  # -200 dBFS: the least difference that is told


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="IN", help="an audio file")
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="DIR",
        help="a folder for the stems, <stem>.wav in 32 bit float; it is made where it is missing",
    )  # fmt: skip
    parser.add_argument(
        "--stems", type=int, choices=(2, 4), default=None,
        help=f"4: {', '.join(STEMS)} (default); 2: vocals and instrumental, or what --only says",
    )  # fmt: skip
    parser.add_argument(
        "--only", choices=STEMS, default=None, help="this stem, and the rest in one file"
    )
    parser.add_argument(
        "--quality", choices=[str(q) for q in Quality], default=str(Quality.FAST),
        help="best takes several passes (default: fast)",
    )  # fmt: skip
    parser.add_argument("--model", metavar="M", help="a model's name (see: studio models)")
    parser.add_argument("--json", action="store_true", help="say what was written as JSON")
    parser.add_argument("--force", action="store_true", help="write over stems that are there")


def run(options: argparse.Namespace, desk: Desk) -> None:
    """Write the stems and say how near their sum comes to the recording.

    Raises:
        StudioError: The input is no audio file, no model can do it, or the folder cannot be
            written or holds such stems, unless by `--force`; nothing is written then.
    """
    card = _card(options.model)
    controls = Controls(stems=wanted_stems(options.stems, options.only), quality=options.quality)
    check_folder(options.out, force=True)
    if not options.input.exists():
        raise StudioError(f"There is no file called “{options.input}”.")
    _check_stems(options.out, controls.stems, options.input, force=options.force)
    with recording.reading(options.input, most_channels=_MOST_CHANNELS) as file:
        channels = file.channels
    with _kept(options.out) as media:
        source = _taken_in(options.input, channels, media, desk)
        request = sound_wishes.about_file(Task.SEPARATE, card, source, media, controls)
        sounds = desk.take(request).result.sounds
        files = _settle(sounds, media, options.out)
    with desk.bar("Compare with the source") as reached:
        level = null_db(options.input, files, reached)
    told = _told(options.input, channels, sounds, files, level)
    print(json.dumps(told, ensure_ascii=False, indent=1) if options.json else _table(told))


def _card(name: str | None) -> ModelCard:
    able = [card for card in registry.cards() if Task.SEPARATE in card.tasks]
    if not able:
        raise StudioError("No model is installed that can take sound apart.", "See: studio models.")
    return registry.find(able, name) if name else registry.default_for(Task.SEPARATE)


def wanted_stems(count: int | None, only: str | None) -> tuple[str, ...]:
    """What to ask a model for, by what `--stems` and `--only` say."""
    if count == 4 and only is not None:
        raise StudioError("Of four stems none is the only one.", "Leave out --stems or --only.")
    if only is not None:
        return (only,)
    return ("vocals",) if count == 2 else STEMS


def _check_stems(folder: Path, stems: tuple[str, ...], source: Path, *, force: bool) -> None:
    """Raises StudioError where a file is called as one of those to come, unless by `force`; where
    it is the source itself, always."""
    names = dict.fromkeys((*stems, rest_of(stems)))
    there = [path for name in names if (path := folder / f"{name}.wav").exists()]
    if any(path.samefile(source) for path in there):
        raise StudioError("A stem would take the recording's own place.", "Choose another folder.")
    if there and not force:
        raise StudioError(
            f"There is already something called “{there[0].name}” in “{folder}”.",
            "Choose another folder, or say --force to write over it.",
        )


@contextmanager
def _kept(folder: Path) -> Iterator[MediaStore]:
    """A media store on the disk of `folder` while the work goes on; of a folder that was made for
    it nothing is left where it fails."""
    with ExitStack() as undone:
        if not folder.exists():
            undone.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".stems-", dir=folder) as scratch:
                yield MediaStore(Path(scratch) / "media")
        except OSError as error:
            raise durable.refusal(error, folder) from error
        undone.pop_all()


def _taken_in(path: Path, channels: int, media: MediaStore, desk: Desk) -> AudioSource:
    """The recording in the store; of more than two channels, folded to stereo."""
    with desk.bar(f"Read {path.name}") as reached:
        if channels <= 2:
            return media.import_audio(path, reached)
        with durable.partial_of(media.folder / "folded.wav") as folded:
            _fold(path, folded, reached)
            return media.adopt(folded, paths.legible(path.name))


def _fold(path: Path, out: Path, progress: durable.Progress) -> None:
    with recording.reading(path, most_channels=_MOST_CHANNELS) as file:
        kind = recording.float_kind(file.frames, 2)
        with recording.writing(
            out, sample_rate=file.sample_rate, channels=2, kind=kind, subtype="FLOAT"
        ) as folded:
            for block in file.blocks(progress):
                folded.write(to_stereo(block))


def _settle(sounds: Sequence[Sound], media: MediaStore, folder: Path) -> list[Path]:
    """Move the stems into the folder under their names; equal ones lie in the store once."""
    files = []
    for index, sound in enumerate(sounds):
        there, file = media.path(sound.source.media), folder / f"{sound.name}.wav"
        if any(later.source.media == sound.source.media for later in sounds[index + 1 :]):
            shutil.copyfile(there, file)
        else:
            there.replace(file)
        files.append(file)
    return files


def _told(
    path: Path, channels: int, sounds: Sequence[Sound], files: Sequence[Path], level: float
) -> dict[str, Any]:
    """What was written, as JSON knows it."""
    return {
        "file": paths.legible(path.name),
        "channels": channels,
        "stems": [
            {
                "stem": sound.name,
                "file": str(file),
                "confidence": round(sound.confidence, 3),
                "experimental": sound.experimental,
            }
            for sound, file in zip(sounds, files, strict=True)
        ],
        "null_dbfs": round(level, 1),
    }


def _table(told: dict[str, Any]) -> str:
    rows, stems = [], told["stems"]
    if told["channels"] > 2:
        rows.append(f"Folded to stereo from {told['channels']} channels.")
    widest = max(len(stem["file"]) for stem in stems)
    for stem in stems:
        weak = ", experimental" if stem["experimental"] else ""
        rows.append(f"{stem['file']:<{widest}}  confidence {stem['confidence']:4.0%}{weak}")
    rows.append(f"Together they are {told['file']} to within {told['null_dbfs']:.0f} dBFS.")
    return "\n".join(rows)


def null_db(source: Path, stems: Sequence[Path], progress: durable.Progress) -> float:
    """The largest sample of a recording minus the sum of its stems, dBFS, read from the files."""
    with ExitStack() as stack:
        whole = stack.enter_context(recording.reading(source, most_channels=_MOST_CHANNELS))
        parts = [stack.enter_context(recording.reading(stem)) for stem in stems]
        largest = 0.0
        for start in range(0, whole.frames, recording.BLOCK_FRAMES):
            end = min(start + recording.BLOCK_FRAMES, whole.frames)
            left = to_stereo(whole.read(start, end)).astype(np.float64)
            for part in parts:
                left -= _as_long(part.read(start, end), len(left))
            largest = max(largest, float(np.abs(left).max(initial=0.0)))
            progress(end / whole.frames)
    return 20.0 * float(np.log10(max(largest, _FLOOR)))


def _as_long(block: Samples, frames: int) -> Samples:
    """What a stem that is too short lacks is silence."""
    return np.pad(block, ((0, frames - len(block)), (0, 0)))
