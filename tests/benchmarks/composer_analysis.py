"""How well and how fast chords, keys, roles, swing and near-duplicates are found.

Heard again are bands over known charts (made/mma-made), parts whose names tell their role, and
lead sheets with the bands that play them, out of the pieces that `prepare` left.

Run: python -m tests.benchmarks.composer_analysis WORK
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.ai.composer.chords import with_chords
from studio.ai.composer.keys import with_keys
from studio.ai.composer.piece import Piece
from studio.ai.composer.roles import role_named, with_roles
from studio.ai.composer.swing import with_swing
from studio.ai.training.composer.duplicates import groups, sketch
from studio.ai.training.composer.sections import with_recall
from studio.ai.training.composer.shards import Shards
from studio.ai.training.composer.splits import title_key

COLLECTIONS = (
    "folk", "freedoom", "mma-bands", "mma-made", "mutopia", "nifc-chopin", "nifc-polish",
    "openscore-lieder", "openscore-orchestra", "openscore-quartets",
)  # fmt: skip
STEPS: tuple[tuple[str, Callable[[Piece], object]], ...] = (
    ("roles", with_roles), ("keys", with_keys), ("chords", with_chords), ("swing", with_swing),
    ("recall", with_recall), ("sketch", sketch),
)  # fmt: skip


def some(work: Path, name: str, most: int) -> Iterator[Piece]:
    """A random choice of a collection, the same every time."""
    shards = Shards(work / "pieces" / f"{name}.npz")
    for index in np.random.default_rng(0).permutation(len(shards))[:most]:
        yield shards[int(index)]


def unknown(piece: Piece, *, named: bool = True) -> Piece:
    """The piece as if nobody had told its keys, chords, roles and swing."""
    bars = piece.bars.copy()
    for name in ("root", "tonic", "mode"):
        bars[name] = -1
    bars["quality"] = 0
    parts = tuple(
        replace(part, role="drums" if part.drums else "other", name=part.name if named else "")
        for part in piece.parts
    )
    return replace(piece, bars=bars, parts=parts, swing=None)


def charts(work: Path) -> str:
    """Agreement of chords and keys with the charts that bands were made from."""
    count: Counter[str] = Counter()
    for piece in some(work, "mma-made", 400):
        chart = piece.bars
        bars = with_chords(with_keys(replace(unknown(piece), parts=piece.parts))).bars
        has_chord, has_key = chart["root"] >= 0, chart["tonic"] >= 0
        same_root = has_chord & (chart["root"] == bars["root"])
        same_tonic = has_key & (chart["tonic"] == bars["tonic"])
        count["chords"] += int(has_chord.sum())
        count["roots"] += int(same_root.sum())
        count["classes"] += int((same_root & (chart["quality"] == bars["quality"])).sum())
        count["bars"] += int(has_key.sum())
        count["tonics"] += int(same_tonic.sum())
        count["keys"] += int((same_tonic & (chart["mode"] == bars["mode"])).sum())
    root, quality = (count[name] / count["chords"] for name in ("roots", "classes"))
    tonic, key = (count[name] / count["bars"] for name in ("tonics", "keys"))
    return f"root {root:.1%}, class {quality:.1%}; tonic {tonic:.1%}, key {key:.1%} of bars"


def by_ear(work: Path, name: str) -> str:
    """Agreement of roles heard without names with those that names tell."""
    alike: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for piece in some(work, name, 300):
        heard = with_roles(unknown(piece, named=False))
        for part, found in zip(piece.parts, heard.parts, strict=True):
            told = role_named(part.name)
            if told and not part.drums and told == part.role:
                every[told] += 1
                alike[told] += told == found.role
    return ", ".join(f"{role} {alike[role] / n:.0%} of {n}" for role, n in every.most_common())


def joined(work: Path) -> str:
    """How many bands are joined with the lead sheet of their title by their notes alone."""
    sheets = list(some(work, "openewld", 1000))
    bands = [piece for piece in some(work, "mma-bands", 5000) if piece.title[:9] != "billboard"]
    found = groups([*sheets, *bands])
    of_title = {title_key(sheet.title): found[i] for i, sheet in enumerate(sheets)}
    same = [
        of_title[title_key(band.title)] == group
        for band, group in zip(bands, found[len(sheets) :], strict=True)
        if title_key(band.title) in of_title
    ]
    return f"{sum(same)} of {len(same)} bands with their lead sheet"


def speed(work: Path) -> str:
    """CPU time of each step for 2,000 notes of the collections."""
    took = dict.fromkeys([step for step, _ in STEPS], 0.0)
    notes = 0
    for name in COLLECTIONS:
        for whole in some(work, name, 30):
            notes += len(whole.notes)
            piece = unknown(whole)
            for step, work_on in STEPS:
                began = time.process_time()
                result = work_on(piece)
                took[step] += time.process_time() - began
                piece = result if isinstance(result, Piece) else piece
    each = ", ".join(f"{step} {1000 * s * 2000 / notes:.2f}" for step, s in took.items())
    return f"{each} ms for 2,000 notes; {1000 * sum(took.values()) * 2000 / notes:.1f} in all"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="where `prepare` kept its pieces")
    work = parser.parse_args().work
    print("charts of bands:     ", charts(work))
    for name in ("mma-bands", "mma-made", "openscore-lieder", "freedoom", "nifc-polish"):
        print(f"roles, {name:14}", by_ear(work, name))
    print("near-duplicates:     ", joined(work))
    print("speed:               ", speed(work))


if __name__ == "__main__":
    main()
