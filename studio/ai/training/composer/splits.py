"""Which pieces are learnt from, and which are held out to measure with."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

SPLITS = ("train", "valid", "test")
LEFT_OUT = ""
HELD_OUT = 0.03  # share of the groups in valid, and in test
# Share of the groups that hold a piece over a held-out groove which are held out with it, so that
# there are pieces of which neither the title nor the groove was heard in training.
_WITH_GROOVE = 0.25
_LEAST_LETTERS = 4
_ARTICLES = {"the", "a", "an", "der", "die", "das", "la", "le", "les", "el", "il"}
_NOBODY = re.compile(r"^(anonim|anonym|anon|trad|nn$|unknown|none$)")


class Ties(NamedTuple):
    """What binds a piece to others.

    Attributes:
        key: The piece's own, unique among all collections.
        title: `title`, or `composer: title`; what stands in brackets at its end does not count.
        group: Pieces of one group never lie in two splits.
        groove: The pattern under the piece, or "".
        split: Where a published split puts it, or "".
        parents: Titles it was put together from, where there are several.
    """

    key: str
    title: str = ""
    group: str = ""
    groove: str = ""
    split: str = ""
    parents: tuple[str, ...] = ()


def assigned(ties: Sequence[Ties], duplicates: Sequence[int]) -> list[str]:
    """One of `SPLITS`, or `LEFT_OUT`, for each piece; equal for equal pieces in any order.

    Pieces of one title, group or group of near-duplicates lie in one split; 3 % of these families
    are valid and 3 % test, by a hash of their first name. Grooves are held out whole: a piece over
    one, or put together from a title that is held out, is left out of training. Published splits
    are kept piece by piece, and decide for the pieces of their family that have none.

    Args:
        duplicates: The near-duplicates that each piece belongs to (`duplicates.groups`).
    """
    family = _families(ties, duplicates)
    members = defaultdict(list)
    for index, number in enumerate(family):
        members[number].append(index)
    of_family = {n: _split_of([ties[i] for i in indices]) for n, indices in members.items()}
    of_title = {title_key(tie.title): of_family[family[i]] for i, tie in enumerate(ties)}
    return [
        tie.split or _checked(of_family[number], _weak_splits(tie, of_title))
        for tie, number in zip(ties, family, strict=True)
    ]


def fingerprints(keys: Iterable[str], splits: Iterable[str]) -> dict[str, str]:
    """SHA-256 of the sorted keys of each split."""
    lines: dict[str, list[str]] = {name: [] for name in SPLITS}
    for key, split in zip(keys, splits, strict=True):
        if split != LEFT_OUT:
            lines[split].append(key)
    return {
        name: hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()
        for name, found in lines.items()
    }


def title_key(title: str) -> str:
    """What two spellings of a title share; "" where a title tells nothing.

    A title by nobody known (`anonim: kyrie`) is no title: many pieces have it.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*$", "", plain).replace("&", " and ")
    if ":" in plain and _NOBODY.search(plain):
        return ""
    plain = re.sub(r"[’'`]", "", plain)
    words = [word for word in re.findall(r"[a-z0-9]+", plain) if word not in _ARTICLES]
    joined = "".join(words)
    return joined if len(joined) >= _LEAST_LETTERS else ""


def groove_key(groove: str) -> str:
    """`jazz JazzCombo` and `stdlib/jazzcombo` are one groove."""
    last = re.split(r"[/ ]", groove.strip())[-1]
    return re.sub(r"[^a-z0-9]", "", last.lower())


def _families(ties: Sequence[Ties], duplicates: Sequence[int]) -> list[int]:
    """The family of each piece: all that hang together by title, group or near-duplicates."""
    names: dict[str, int] = {}
    rows, columns = [], []
    for index, (tie, number) in enumerate(zip(ties, duplicates, strict=True)):
        title = title_key(tie.title)
        for name in (title and f"title {title}", tie.group and f"group {tie.group}", f"{number}"):
            if name:
                rows.append(index)
                columns.append(names.setdefault(name, len(names)))
    shape = (len(ties), max(len(names), 1))
    table = sparse.csr_array((np.ones(len(rows), bool), (rows, columns)), shape=shape)
    joined = connected_components(table @ table.T, directed=False)[1]
    return [int(number) for number in joined]


def _split_of(family: Sequence[Ties]) -> str:
    """The split of those of a family that have none published."""
    published = [split for split in reversed(SPLITS) if any(tie.split == split for tie in family)]
    if published:
        return published[0]
    name = min(title_key(tie.title) or tie.group or tie.key for tie in family)
    chance = _chance(f"piece {name}")
    held = sorted({s for tie in family if (s := _groove_split(tie.groove)) != "train"})
    if held and chance < _WITH_GROOVE:
        return held[0]
    return _by_chance(chance)


def _weak_splits(tie: Ties, of_title: dict[str, str]) -> set[str]:
    """The splits of its groove and of what it was put together from."""
    parents = (title_key(title) for title in tie.parents)
    return {_groove_split(tie.groove), *(of_title.get(title, "train") for title in parents)}


def _checked(split: str, weak: set[str]) -> str:
    """A split, if none of what a piece leans on is held out for another."""
    return split if weak <= {"train", split} else LEFT_OUT


def _groove_split(groove: str) -> str:
    return _by_chance(_chance(f"groove {groove_key(groove)}")) if groove else "train"


def _by_chance(chance: float) -> str:
    return "valid" if chance < HELD_OUT else "test" if chance < 2 * HELD_OUT else "train"


def _chance(name: str) -> float:
    """A number in [0, 1) that depends on the name alone."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
