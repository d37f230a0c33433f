"""DAWproject files (version 1.0): the song as tracks, clips and mixer for other studios.

The format is a ZIP of `project.xml`, `metadata.xml` and the recordings. Recordings go along as WAV
files; the gain of a clip is in its file, since the format has no place for it.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource
from studio.domain.project import Project
from studio.dsp.levels import gain
from studio.io import dawproject_xml
from studio.io.audio_files import write_audio
from studio.io.file_names import file_name
from studio.io.progress import Progress, no_progress, share
from studio.media import durable, recording
from studio.media.recording import Samples

_FLOATS = frozenset({"FLOAT", "DOUBLE", "PCM_32"})  # encodings finer than 24 bit
_CHUNK = 1 << 20


class Recordings(Protocol):
    """Where the files of recordings lie (`studio.media.store.MediaStore`)."""

    def path(self, hash: str) -> Path: ...


def write_dawproject(
    project: Project, media: Recordings, path: Path, *, progress: Progress = no_progress
) -> None:
    """Write the song as a DAWproject file.

    Raises:
        StudioError: A recording is missing or damaged, or the file cannot be written; what was
            there is untouched.
        Cancelled: From `progress`.
    """
    files = _files(project)
    names = {key: file for key, (file, _) in files.items()}
    with (
        durable.whole(path) as partial,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        _add_text(archive, "metadata.xml", dawproject_xml.metadata(project))
        _add_text(archive, "project.xml", dawproject_xml.song(project, names))
        total = sum(source.frames for _, source in files.values()) or 1
        done = 0
        for (_, gain_db), (file, source) in files.items():
            begun, done = done, done + source.frames
            tell = share(progress, begun / total, done / total, source.name)
            _add_recording(archive, file, _found(media, source), float(gain(gain_db)), tell)
    progress(1.0, path.name)


def _files(project: Project) -> dict[dawproject_xml.Sound, tuple[str, AudioSource]]:
    """For each recording and gain that clips use: its file's name in the archive."""
    files: dict[dawproject_xml.Sound, tuple[str, AudioSource]] = {}
    taken: set[str] = set()
    for _, clip in project.clips():
        if not isinstance(clip, AudioClip) or (clip.source.media, clip.gain_db) in files:
            continue
        stem = file_name(Path(clip.source.name).stem, "Recording")
        name = next(n for n in _numbered(stem) if n.lower() not in taken)
        taken.add(name.lower())
        files[clip.source.media, clip.gain_db] = f"audio/{name}.wav", clip.source
    return files


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}_{number}"
        number += 1


def _add_text(archive: zipfile.ZipFile, name: str, root: ElementTree.Element) -> None:
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    info = zipfile.ZipInfo(name)  # dated 1980: equal songs give equal files
    archive.writestr(info, text, zipfile.ZIP_DEFLATED)


def _found(media: Recordings, source: AudioSource) -> Path:
    try:
        return media.path(source.media)
    except KeyError:
        raise StudioError(f"The recording “{source.name}” is missing.") from None


def _add_recording(
    archive: zipfile.ZipFile, name: str, source: Path, factor: float, tell: durable.Progress
) -> None:
    """Put a recording into the archive as 24 bit, or as float where that could lose something."""
    with (
        tempfile.TemporaryDirectory() as folder,
        recording.reading(source) as file,
    ):
        bits = 32 if file.subtype in _FLOATS or factor > 1.0 else 24
        wav = Path(folder) / "sound.wav"
        write_audio(
            wav,
            _amplified(file.blocks(tell), factor),
            file.sample_rate,
            channels=file.channels,
            bits=bits,
            frames=file.frames,
        )
        with (
            wav.open("rb") as read,
            archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as written,
        ):
            while chunk := read.read(_CHUNK):
                written.write(chunk)


def _amplified(blocks: Iterator[Samples], factor: float) -> Iterator[Samples]:
    if factor == 1.0:
        return blocks
    return ((block * factor).astype(block.dtype) for block in blocks)
