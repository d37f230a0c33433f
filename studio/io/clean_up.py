"""Giving back the space of media that nothing refers to any more, on request."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from studio.domain.project import Project
from studio.io import backups, reach
from studio.io.song_file import AUTOSAVE, PROJECT
from studio.io.song_folder import SongFolder
from studio.io.trash import to_trash


@dataclass(frozen=True, slots=True)
class Unused:
    """A media file that neither song, history, backups nor kept takes reach."""

    hash: str
    path: Path
    nbytes: int


def unused(song: SongFolder, songs: Iterable[Project]) -> list[Unused]:
    """The media of `song` that nothing reaches, largest first.

    Args:
        songs: The song as it is, and all that undo and redo can still reach.
    """
    texts = [path.read_bytes() for path in _descriptions(song.path)]
    reached = reach.of_texts(texts, song.media)
    reached |= reach.of_songs(songs, song.media) | reach.of_takes(song.takes, song.media)
    lying = ((hash, song.media.path(hash)) for hash in song.media.hashes() if hash not in reached)
    found = [Unused(hash, path, path.stat().st_size) for hash, path in lying]
    return sorted(found, key=lambda piece: (-piece.nbytes, piece.hash))


def clean_up(
    song: SongFolder, songs: Iterable[Project], listed: Collection[Unused]
) -> list[Unused]:
    """Move what is `listed` and still reached by nothing to the trash; what was moved.

    To be called while no import and no generation runs: what they have just put is not yet
    referred to.

    Raises:
        StudioError: The song can only be read, or something cannot be moved.
    """
    with song.standing_still():
        gone = [piece for piece in unused(song, songs) if piece in listed]
        for piece in gone:
            to_trash(piece.path)
    return gone


def _descriptions(folder: Path) -> list[Path]:
    """Every file that describes a version of the song, legible or not."""
    named = [folder / PROJECT, folder / AUTOSAVE, *(folder / backups.FOLDER).glob("*.json")]
    return [path for path in named if path.is_file()]
