"""A song written anew in another folder, and compared with what it was copied from."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from studio.core.errors import StudioError
from studio.domain.project import Project
from studio.io import backups, song_file
from studio.media import columns, durable, recorded
from studio.media.durable import Progress
from studio.media.store import MediaStore


def write_copy(
    project: Project,
    revision: int,
    media: MediaStore,
    folder: Path,
    wanted: Collection[str],
    progress: Progress,
) -> None:
    """Write the song and the pieces `wanted` of `media` to `folder`, then read all of it back.

    Raises:
        StudioError: Something is damaged, or the disk is full; `folder` is then half written.
        Cancelled: From `progress`.
    """
    folder.mkdir(parents=True)
    store = MediaStore(folder / song_file.MEDIA)
    for done, hash in enumerate(sorted(wanted), start=1):
        store.copy_from(media, hash)
        store.verify(hash)
        progress(done / len(wanted))
    song_file.write(folder / song_file.PROJECT, project, revision, store)
    written, _ = song_file.read(folder / song_file.PROJECT, folder.stem, store)
    if columns.digest(written) != columns.digest(project):
        raise StudioError("The copy of the song differs from the song.", "Try again.")


def copy_files(source: Path, folder: Path, whole: bool) -> None:
    """Take the log of takes from one song folder to another.

    Args:
        whole: Backups go along, and recordings that are not in the song yet.
    """
    files = [source / song_file.TAKES]
    if whole:
        files += [version.path for version in backups.versions(source)]
        files += sorted(filter(Path.is_file, (source / recorded.FOLDER).rglob("*")))
    for file in filter(Path.exists, files):
        with durable.whole(folder / file.relative_to(source)) as partial:
            shutil.copyfile(file, partial)
