"""One piece of a collection: read, put on the grid, and analysed."""

from __future__ import annotations

from studio.ai.composer.chords import with_chords
from studio.ai.composer.keys import with_keys
from studio.ai.composer.piece import Piece
from studio.ai.composer.roles import with_roles
from studio.ai.composer.swing import with_swing
from studio.ai.training.composer.collections.entries import Entry
from studio.ai.training.composer.collections.listing import collection
from studio.ai.training.composer.gridded import fifths_of, piece_of
from studio.ai.training.composer.raw import with_largest
from studio.ai.training.composer.sections import with_recall
from studio.ai.training.composer.shards import Origin
from studio.core.errors import StudioError

LEAST_NOTES = 8


def read_entry(name: str, entry: Entry) -> tuple[Piece, Origin] | str:
    """A piece of the collection `name` with all that can be found out about it, or why not."""
    found = collection(name)
    try:
        raw = with_largest(found.read(entry))
        if len(raw.notes) < LEAST_NOTES:
            return f"fewer than {LEAST_NOTES} notes"
        piece = piece_of(raw)
    except StudioError as error:
        return error.message
    piece = with_roles(piece)
    piece = with_keys(piece, fifths_of(raw, piece.bars))
    piece = with_recall(with_swing(with_chords(piece)))
    licence = raw.licence or found.licence
    origin = Origin(
        entry.key, raw.group, raw.groove, raw.split, raw.parents, licence, raw.dropped_parts
    )
    return piece, origin
