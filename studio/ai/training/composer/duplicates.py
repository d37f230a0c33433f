"""Pieces that are the same music: editions, arrangements and movements, in any key.

Each piece is sketched by hashes of short runs of its lines (intervals and ratios of the times
between onsets), a fixed share of which is kept: the sketch of Brown and Irber, sourmash (JOSS
2016), with which containment can be estimated, unlike with the smallest hashes alone (Broder,
On the Resemblance and Containment of Documents, 1997).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from studio.ai.composer.chroma import starts_and_ends
from studio.ai.composer.piece import Piece

Ints: TypeAlias = npt.NDArray[np.int64]
Hashes: TypeAlias = npt.NDArray[np.uint64]
RUN = 8  # notes
KEPT = 2  # one hash of so many is kept
CONTAINED = 0.3  # share of the smaller sketch that the larger one holds
LEAST_SHARED = 6  # hashes, and
CHANCE = 0.002  # as many more as this share of the larger sketch, which holds some of any other
MOST_OWNERS = 48  # a run that more pieces have is a figure of the style, not of the piece
_LEAST_PITCHES = 4  # different ones in a run, so that trills and drones say nothing
_WIDEST = 24
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def groups(pieces: Iterable[Piece]) -> list[int]:
    """For each piece the number of the group of near-duplicates it belongs to, from 0."""
    return grouped([sketch(piece) for piece in pieces])


def sketch(piece: Piece) -> Hashes:
    """Hashes of the piece's melody, top line and bass, each once, shape [n], rising.

    Of a piece that a program made from patterns only the melody counts: its figures are the
    pattern's.
    """
    start, _ = starts_and_ends(piece)
    pitch = piece.notes["pitch"].astype(np.int64)
    roles = np.array([part.role for part in piece.parts] or [""])[piece.notes["part"]]
    pitched = roles != "drums"
    lines = [(roles == "melody", -1)]
    if piece.source != "pattern":
        lines += [(pitched, -1), (pitched, 1)]
    found = [_runs(*_line(start[mine], pitch[mine], sign), sign) for mine, sign in lines]
    hashes = np.unique(np.concatenate(found))
    kept: Hashes = hashes[hashes % np.uint64(KEPT) == 0]
    return kept


def _line(start: Ints, pitch: Ints, sign: int) -> tuple[Ints, Ints]:
    """Onsets and pitches of the highest (sign -1) or lowest (1) note at each onset."""
    order = np.lexsort((sign * pitch, start))
    onsets, first = np.unique(start[order], return_index=True)
    return onsets, pitch[order][first]


def _runs(onsets: Ints, pitch: Ints, sign: int) -> Hashes:
    """A hash of every run of `RUN` notes with enough different pitches."""
    if len(onsets) < RUN + 1:
        return np.zeros(0, np.uint64)
    interval = np.clip(np.diff(pitch), -_WIDEST, _WIDEST) + _WIDEST
    gaps = np.log2(np.diff(onsets))
    ratio = np.clip(np.rint(2 * np.diff(gaps)), -8, 8).astype(np.int64) + 8
    codes = (interval[:-1] * 17 + ratio).astype(np.uint64)
    count = len(codes) - RUN + 2
    mixed = np.full(count, 7 if sign < 0 else 11, np.uint64)
    for step in range(RUN - 1):
        mixed = (mixed ^ (codes[step : step + count] + np.uint64(1))) * _FACTOR
        mixed ^= mixed >> np.uint64(29)
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(pitch, RUN)[:count], axis=1)
    different = 1 + (np.diff(windows, axis=1) > 0).sum(1)
    telling: Hashes = mixed[different >= _LEAST_PITCHES]
    return telling


def grouped(sketches: Sequence[Hashes]) -> list[int]:
    """The groups of pieces of which the larger one holds enough of the smaller, from sketches."""
    owner = np.repeat(np.arange(len(sketches)), [len(one) for one in sketches])
    hashes = np.concatenate([np.zeros(0, np.uint64), *sketches])
    _, word, owners = np.unique(hashes, return_inverse=True, return_counts=True)
    telling = (owners > 1) & (owners <= MOST_OWNERS)
    sizes = np.bincount(owner[owners[word] <= MOST_OWNERS], minlength=len(sketches))
    keep = telling[word]
    place = np.cumsum(telling) - 1
    shape = (len(sketches), max(int(telling.sum()), 1))
    cells = (np.ones(int(keep.sum()), np.int32), (owner[keep], place[word[keep]]))
    table = sparse.csr_array(cells, shape=shape)
    return [int(group) for group in connected_components(_near(table, sizes), directed=False)[1]]


def _near(table: Any, sizes: Ints) -> Any:
    """Which pieces are near-duplicates, as a sparse table of pairs."""
    shared = (table @ table.T).tocoo()
    smaller = np.minimum(sizes[shared.row], sizes[shared.col])
    larger = np.maximum(sizes[shared.row], sizes[shared.col])
    near = shared.data >= np.maximum(CONTAINED * smaller, LEAST_SHARED + CHANCE * larger)
    pairs = (np.ones(int(near.sum()), bool), (shared.row[near], shared.col[near]))
    return sparse.csr_array(pairs, shape=shared.shape)
