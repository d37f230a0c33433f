"""From archives to shards: read, put on the grid, analyse, find duplicates, split, write."""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

from studio.ai.composer import piece as piece_module
from studio.ai.composer.piece import Piece
from studio.ai.training.composer import table
from studio.ai.training.composer.bands.archives import data_folder
from studio.ai.training.composer.collections import billboard
from studio.ai.training.composer.collections.entries import (
    Collection,
    Entry,
    Files,
    archive_path,
    digest,
    files_of_archive,
    files_of_folder,
)
from studio.ai.training.composer.collections.listing import ARCHIVES, made_collections
from studio.ai.training.composer.duplicates import grouped, sketch
from studio.ai.training.composer.reading import read_entry
from studio.ai.training.composer.shards import Origin, Shards, write
from studio.ai.training.composer.splits import LEFT_OUT, SPLITS, Ties, assigned, fingerprints

_log = logging.getLogger(__name__)
_COPY = "the same notes as another piece of the collection"
_SAME = ("part", "bar", "sub", "pitch")
_TWICE = "near-duplicate of a piece of the freedoom archive"
_HELD_BACK = "over a groove, or put together from a song, that is held out"
PROCESSES = 2
_ANALYSES = ("piece", "vocabulary", "grid", "chroma", "chords", "keys", "roles", "swing")
_READERS = ("raw", "gridded", "reading", "sections", "shards", "table")
_PROJECT = Path(__file__).resolve().parents[4]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--work", type=Path, required=True, help="where everything made is kept")
    parser.add_argument("--only", nargs="*", default=(), help="names of collections")


def run(arguments: argparse.Namespace) -> None:
    prepare(arguments.data, arguments.work, only=arguments.only)


def prepare(
    data: Path, work: Path, *, only: Sequence[str] = (), processes: int = PROCESSES
) -> None:
    """Read every collection that changed since the last time, and write shards, table and splits.

    Args:
        data: Folder with `symbolic/*.tar.xz`.
        work: Where pieces, shards, `table.json` and `splits.json` go, and `made/` is looked for.
        only: Names of collections; all if empty.

    Raises:
        StudioError: An archive is missing.
    """
    _write_billboard(data, work)
    with _pool(processes) as pool:
        read = [
            _collected(found, files, work, pool)
            for found, files in _sources(data, work)
            if not only or found.name in only
        ]
    _split(work, read)


def _sources(data: Path, work: Path) -> Iterator[tuple[Collection, Path]]:
    for found in ARCHIVES:
        yield found, archive_path(data, found.archive)
    yield from made_collections(work)


def _write_billboard(data: Path, work: Path) -> None:
    """`work/billboard.json`: the chords and sections of popular songs, from which to plan."""
    files = files_of_archive(archive_path(data, "mcgill-billboard-chords"))
    songs = [
        billboard.parse(text.decode(), Path(path).stem)
        for path, text in sorted(files.items())
        if path.startswith("salami_chords/")
    ]
    work.mkdir(parents=True, exist_ok=True)
    (work / "billboard.json").write_text(json.dumps(songs, ensure_ascii=False))


@contextmanager
def _pool(processes: int) -> Iterator[Executor | None]:
    if processes < 2:
        yield None
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield pool


# --- one collection -----------------------------------------------------------------------------


def _collected(found: Collection, source: Path, work: Path, pool: Executor | None) -> table.Row:
    """The collection's row; its pieces lie in `work/pieces`, made anew only if anything changed."""
    began = time.monotonic()
    folder = work / "pieces"
    about, kept = folder / f"{found.name}.json", folder / f"{found.name}.npz"
    # a folder may grow meanwhile: what is read is what the key is of
    files = {} if source.is_file() else files_of_folder(source)
    key = digest(_code(), *_content(source, files))
    if kept.exists() and about.exists():
        known = json.loads(about.read_text())
        if known["key"] == key:
            return _told(known["row"], None)
    if source.is_file():
        files = files_of_archive(source)
    pieces, dropped = _read_all(found, found.entries(files), pool)
    write(kept, [piece for piece, _ in pieces], [origin for _, origin in pieces])
    told = found.licence, found.credit, _source_text(found, files)
    row = table.row(found.name, *told, pieces, dropped)
    about.write_text(json.dumps({"key": key, "row": row}, indent=1))
    return _told(row, time.monotonic() - began)


def _source_text(found: Collection, files: Files) -> str:
    """`SOURCE.txt` of an archive; of what was made, the sources that its pieces name."""
    if found.archive:
        return files.get("SOURCE.txt", b"").decode("utf-8", "replace").strip()
    told = (json.loads(data) for path, data in files.items() if path.endswith(".json"))
    named = {about.get("origin") or about.get("source") or "" for about in told}
    return "; ".join(sorted(named - {""}))


def _told(row: table.Row, seconds: float | None) -> table.Row:
    _log.info(
        "%-20s %5d pieces %8d notes %6.1f h, dropped %d pieces (%s)",
        row["collection"],
        row["pieces"],
        row["notes"],
        row["hours"],
        sum(row["dropped"].values()),
        "as before" if seconds is None else f"{seconds:.0f} s",
    )
    return row


@cache
def _code() -> bytes:
    """The sources that decide what a piece becomes, as they were when the run began."""
    own, grid = Path(__file__).parent, Path(piece_module.__file__).parent
    paths = [grid / f"{name}.py" for name in _ANALYSES] + [own / f"{name}.py" for name in _READERS]
    paths += sorted((own / "collections").glob("*.py"))
    return b"".join(path.read_bytes() for path in paths)


def _content(source: Path, files: Files) -> Iterator[bytes]:
    if source.is_file():
        yield source.read_bytes()
    for path, data in files.items():
        yield from (path.encode(), data)


def _read_all(
    found: Collection, entries: Iterable[Entry], pool: Executor | None
) -> tuple[list[tuple[Piece, Origin]], Counter[str]]:
    pieces: list[tuple[Piece, Origin]] = []
    dropped: Counter[str] = Counter()
    waiting = []
    for entry in entries:
        if entry.dropped:
            dropped[entry.dropped] += 1
        else:
            waiting.append(entry)
    work = partial(read_entry, found.name)
    done = map(work, waiting) if pool is None else pool.map(work, waiting, chunksize=8)
    for result in done:
        if isinstance(result, str):
            dropped[result] += 1
        else:
            pieces.append(result)
    return pieces, dropped


# --- splits ---------------------------------------------------------------------------------------


def _split(work: Path, rows: list[table.Row]) -> None:
    """Write the pieces of all collections into their splits, with the table and the hashes."""
    shards = {
        row["collection"]: Shards(work / "pieces" / f"{row['collection']}.npz") for row in rows
    }
    ties = [
        Ties(f"{name}/{o.key}", found[i].title, o.group, o.groove, o.split, o.parents)
        for name, found in shards.items()
        for i, o in enumerate(found.origins())
    ]
    sketches = [sketch(piece) for found in shards.values() for piece in found]
    alike = grouped(sketches)
    splits = assigned(ties, alike)
    again = _taken_twice(shards, alike)
    splits = [LEFT_OUT if i in again else split for i, split in enumerate(splits)]
    hashes = _written(work, shards, splits)
    start = 0
    for row in rows:
        place = range(start, start := start + row["pieces"])
        own = [splits[i] for i in place]
        row["splits"] = {name: own.count(name) for name in SPLITS}
        reasons = Counter(again.get(i, _HELD_BACK) for i in place if splits[i] == LEFT_OUT)
        row["dropped"] |= reasons
    about = {"keys": fingerprints([tie.key for tie in ties], splits), "shards": hashes}
    (work / "splits.json").write_text(json.dumps(about, indent=1))
    (work / "table.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False))


def _taken_twice(shards: dict[str, Shards], alike: Sequence[int]) -> dict[int, str]:
    """Pieces of which there is another file, and why they go: the same notes in one collection, or
    what packages of the same games hold again, older or poorer.
    """
    names = [name for name, found in shards.items() for _ in range(len(found))]
    there = {alike[i] for i, name in enumerate(names) if name == "freedoom"}
    again = {i: _TWICE for i, n in enumerate(names) if n == "debian-game" and alike[i] in there}
    seen: set[tuple[str, str]] = set()
    pieces = (piece for found in shards.values() for piece in found)
    for i, (name, piece) in enumerate(zip(names, pieces, strict=True)):
        notes = (name, digest(*(piece.notes[column].tobytes() for column in _SAME)))
        if notes in seen:
            again[i] = _COPY
        seen.add(notes)
    return again


def _written(work: Path, shards: dict[str, Shards], splits: Sequence[str]) -> dict[str, str]:
    """Write the shards of every split; their hashes by name. Files of other collections go."""
    hashes = {}
    start = 0
    for name, found in shards.items():
        own = splits[start : (start := start + len(found))]
        for split in SPLITS:
            chosen = [i for i, other in enumerate(own) if other == split]
            path = work / "shards" / split / f"{name}.npz"
            if not chosen:
                path.unlink(missing_ok=True)
                continue
            write(path, [found[i] for i in chosen], [found.origin(i) for i in chosen])
            hashes[f"{split}/{path.name}"] = digest(path.read_bytes())
    for path in (work / "shards").glob("*/*.npz"):
        if path.stem not in shards:
            path.unlink()
    return hashes
