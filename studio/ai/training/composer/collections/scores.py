"""Collections of written music: scores turned into MIDI without playing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from studio.ai.composer.piece import SUB_TICKS
from studio.ai.training.composer.collections.entries import Entry, Files
from studio.ai.training.composer.collections.instruments import (
    CHOIR,
    with_choir,
    with_named_instruments,
    with_singers,
)
from studio.ai.training.composer.collections.pickup import with_accented_bars, with_pickup
from studio.ai.training.composer.collections.styles import joined, plain, styles_in, written_for
from studio.ai.training.composer.collections.tunebook import headers, named, tunes
from studio.ai.training.composer.raw import (
    RAW_NOTE,
    RawPart,
    RawPiece,
    read_midi,
    scaled,
    velocity_spread,
    with_merged,
    with_percussion,
)
from studio.domain.tempo import TICKS_PER_QUARTER

_NIFC = {"default_bpm": 96, "by_name": True}
LEAST_VELOCITY_SPREAD = 2.0  # below it, dynamics are a constant with a few accents
_ERAS = (
    ("renaissance", r"szamotul|palestrin|asola|lasso|marenz|gomolk|zielensk|leopolit|victoria"),
    ("renaissance", r"sabino|klabon|krakow|byrd|dowland|josquin"),
    ("baroque", r"gorczyck|pekiel|mielczewsk|rozyck|szarzynsk|corelli|vivaldi|handel|haendel|bach"),
    ("classical", r"haydn|mozart|holland|stefani|elsner|pleyel|kozeluch|lessel|wansk|boccherini"),
    ("romantic", r"chopin|moniuszk|szymanowsk|dobrzynsk|kurpinsk|walczynsk|noskowsk|zelensk"),
    ("romantic", r"wieniawsk|lipinsk|tausig|paderewsk|schubert|schumann|brahms|wolf|liszt|faur"),
)  # fmt: skip


def read_score(entry: Entry) -> RawPiece:
    """A score: written onsets, velocities only where there are dynamics.

    Hints:
        default_bpm: The tempo that the converter writes where the score says none.
        by_name: Whether staves that nothing else is known of play what they are called.
        sung: Whether the piece is for voices.
        pickup: Its ticks, where they are known.
        styles: More style words, of the collection.
        keys: Whether the key signatures tell major from minor.
    """
    raw = with_singers(with_percussion(read_midi(entry.data)))
    if entry.hints.get("by_name"):
        raw = with_named_instruments(raw)
    if entry.hints.get("sung"):
        raw = with_choir(raw)
    raw = with_merged(raw)
    raw = with_pickup(raw, entry.hints.get("pickup"))
    styles = entry.facts.get("styles", ())
    raw = replace(
        raw,
        source="score",
        has_deviation=False,
        has_velocity=velocity_spread(raw) >= LEAST_VELOCITY_SPREAD,
        has_tempo=any(round(bpm) != entry.hints.get("default_bpm") for _, bpm in raw.tempos),
        keys=raw.keys if entry.hints.get("keys") else (),
    )
    facts = {**entry.facts, "styles": joined(styles, written_for(raw), entry.hints["styles"])}
    return replace(raw, **facts)


def _midi(files: Files) -> Iterator[tuple[str, bytes]]:
    return ((path, data) for path, data in sorted(files.items()) if path.endswith(".mid"))


def nifc_polish(files: Files) -> Iterator[Entry]:
    """`library--shelfmark--work-movement_composer--title.mid`."""
    for path, data in _midi(files):
        shelf, _, words = path.rpartition("/")[2].removesuffix(".mid").partition("_")
        composer, _, title = words.partition("--")
        group = re.sub(r"(--\d+)-\d+.*$", r"\1", shelf)
        facts = {
            "title": f"{plain(composer)}: {plain(title)}",
            "group": f"nifc {group}",
            "styles": joined(styles_in(title), era(composer)),
        }
        yield Entry(path, data, facts, {**_NIFC, "styles": ("classical",)})


def nifc_chopin(files: Files) -> Iterator[Entry]:
    """`opus-number-edition-movement.mid`; the title is in the score beside it."""
    kept = {path.removesuffix(".mid") for path, _ in _midi(files)}
    for path, data in _midi(files):
        stem = path.removesuffix(".mid")
        whole = re.sub(r"-(piano|violino|violoncello)$", "", stem)
        if whole != stem and whole in kept:
            yield Entry(path, dropped="a single part of a piece that is there whole")
            continue
        name = stem.rpartition("/")[2]
        score = files.get(f"kern/kern/{name}.krn", b"").decode("utf-8", "replace")
        title = ", ".join(re.findall(r"^!!!(?:OTL|OPR|OPS|ONM)[^:]*:\s*(.+)$", score, re.M)[:3])
        kind = " ".join(re.findall(r"^!!!AGN[^:]*:\s*(.+)$", score, re.M))
        facts = {
            "title": f"chopin: {title or name}",
            "group": f"chopin {chopin_work(name)}",
            "styles": styles_in(kind, title),
        }
        hints = {**_NIFC, "styles": ("romantic", "classical"), "pickup": kern_pickup(score)}
        yield Entry(path, data, facts, hints)


def chopin_work(name: str) -> str:
    """`007-1b-Sm-003` -> `007-3`: the opus and the number in it, without the edition."""
    opus = re.split(r"[-_]", name, maxsplit=1)[0]
    number = re.search(r"-(?:[A-Z]-)?(\d{3})(?:-[a-z]+)?$", name)
    return f"{opus}-{int(number[1])}" if number else opus


def kern_pickup(score: str) -> int | None:
    """Ticks of music before the first bar line that follows any, in Humdrum **kern."""
    quarters, begun = 0.0, False
    for line in score.splitlines():
        if line.startswith("="):
            if begun:
                return round(quarters * TICKS_PER_QUARTER)
        elif line and line[0] not in "!*":
            token = line.partition("\t")[0]
            begun = True
            found = re.search(r"(\d+)(\.*)", token.partition(" ")[0])
            if found and "q" not in token:
                whole = 4 / int(found[1]) if int(found[1]) else 8.0
                quarters += whole * (2 - 0.5 ** len(found[2]))
    return None


def era(composer: str) -> tuple[str, ...]:
    """The epoch of a composer's name, where it is one of the well-known."""
    return tuple(name for name, pattern in _ERAS if re.search(pattern, plain(composer)))[:1]


def openscore_lieder(files: Files) -> Iterator[Entry]:
    return _openscore(files, ("song", "romantic", "classical"))


def openscore_quartets(files: Files) -> Iterator[Entry]:
    return _openscore(files, ("string quartet", "chamber", "classical"))


def openscore_orchestra(files: Files) -> Iterator[Entry]:
    return _openscore(files, ("orchestral", "classical"))


def _openscore(files: Files, styles: tuple[str, ...]) -> Iterator[Entry]:
    """`midi/Composer/Work/[Movement/]number.mid`."""
    for path, data in _midi(files):
        composer, *words = path.split("/")[1:-1]
        title = re.sub(r"^(\d+|[_ ]+)$", "", words[-1])
        work = next((word for word in words if word != "_"), path)
        lied = "song" in styles
        facts = {
            "title": f"{composer.split(',')[0]}: {title or ' '.join(words)}".replace("_", " "),
            "group": path if lied else f"{composer}/{work}",
            "styles": joined(() if lied else styles_in(title), era(composer)),
        }
        yield Entry(path, data, facts, {"styles": styles})


def mutopia(files: Files) -> Iterator[Entry]:
    """`midi/pd|by/file.mid`, with title, style, instruments and licence in an index."""
    for folder in ("pd", "by"):
        index = {row["file"]: row for row in json.loads(files[f"index_{folder}.json"])}
        for path, data in _midi(files):
            row = index.get(path.rpartition("/")[2])
            if not path.startswith(f"midi/{folder}/"):
                continue
            yield Entry(path, data, *_mutopia_facts(path, row or {}))


def _mutopia_facts(path: str, row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    piece = row.get("piece") or path.rpartition("/")[2].rpartition("__")[0]
    composer, _, name = piece.partition("/")
    title = row.get("title") or plain(name)
    own = styles_in(row.get("style", ""))
    styles = joined(styles_in(title), own, era(composer), styles_in(row.get("instrument", "")))
    facts = {
        "title": f"{composer}: {title}",
        "group": f"mutopia {piece}",
        "styles": styles,
        "licence": row.get("licence", ""),
    }
    modern = {"jazz", "folk", "pop", "ragtime", "march"} & set(styles)
    general = () if modern else ("classical",)
    sung = bool(re.search(r"satb|ttbb|choir|voice", row.get("instrument", ""), re.I))
    return facts, {"styles": general, "default_bpm": 60, "keys": True, "sung": sung}


# --- tunes and hymns in ABC ---------------------------------------------------------------------


_DANCES = ("jig", "reel", "hornpipe", "strathspey", "waltz", "march", "polka", "air")


def folk(files: Files) -> Iterator[Entry]:
    """Fiddle tunes; key, meter and kind stand in the ABC files."""
    known = tunes({path: text for path, text in files.items() if path.endswith(".abc")})
    for path, data in _midi(files):
        stem = path.rpartition("/")[2].removesuffix(".mid")
        number, title = stem.split("_", 2)[1:]
        tune = known.get((number.lstrip("0"), plain(title))) or known.get(("", plain(title)))
        kind = tune.rhythm if tune else ""
        facts: dict[str, Any] = {
            "title": plain(title),
            "styles": joined(styles_in(kind, title, only=_DANCES), ("folk",)),
        }
        if tune and tune.key:
            facts["keys"] = ((0, *tune.key),)
        yield Entry(path, data, facts)


def read_tune(entry: Entry) -> RawPiece:
    """A tune for the fiddle. The loudest notes are the downbeats: so the pickup is known."""
    raw = with_accented_bars(read_midi(entry.data))
    notes = raw.notes.copy()
    notes["part"] = 0
    raw = replace(
        raw,
        notes=notes,
        parts=(RawPart("fiddle", 40, False, "melody"),),
        keys=(),
        source="score",
        has_velocity=False,
        has_deviation=False,
        has_tempo=False,
    )
    return replace(raw, **entry.facts)


def openhymnal(files: Files) -> Iterator[Entry]:
    """Four-part hymns; the tempo that stretches their clock stands in the ABC file."""
    text = next(data for path, data in sorted(files.items()) if path.endswith(".abc"))
    known = headers(text.decode("utf-8", "replace"))
    for path, data in _midi(files):
        number, title = path.rpartition("/")[2].removesuffix(".mid").split("_", 2)[1:]
        tune = named(known, number.lstrip("0"), plain(title))
        facts: dict[str, Any] = {"title": plain(title), "styles": ("hymn", "choir", "chorale")}
        if tune and tune.key:
            facts["keys"] = ((0, *tune.key),)
        bpm = tune.bpm if tune else 0.0
        yield Entry(path, data, facts, {"bpm": bpm})


def with_exact_steps(raw: RawPiece) -> RawPiece:
    """The piece with every step from onset to onset, and every length, a whole number of subs.

    Where each is rounded, onsets drift off the grid little by little.
    """
    notes = np.sort(raw.notes, order=["part", "start"])
    for part in np.unique(notes["part"]):
        own = notes["part"] == part
        steps = np.rint(np.diff(notes["start"][own], prepend=0) / SUB_TICKS)
        notes["start"][own] = np.cumsum(steps) * SUB_TICKS
    notes["length"] = np.maximum(np.rint(notes["length"] / SUB_TICKS), 1) * SUB_TICKS
    return replace(raw, notes=notes)


_VOICES = ("soprano", "alto", "tenor", "bass")


def read_hymn(entry: Entry) -> RawPiece:
    """A hymn for four voices, its clock made to count quarters again.

    The converter keeps its own tempo and stretches the notes instead: a quarter of a tune at q bpm
    lasts (its tempo / q) quarters, and each note is rounded for itself.
    """
    raw = read_midi(entry.data)
    written = raw.tempos[0][1] if raw.tempos else 0.0
    if entry.hints["bpm"] and written:
        raw = with_exact_steps(scaled(raw, entry.hints["bpm"] / written))
    raw = with_accented_bars(raw)
    used = np.unique(raw.notes["part"])
    notes = raw.notes.copy()
    notes["part"] = np.searchsorted(used, notes["part"])
    names = _VOICES if len(used) == 4 else tuple(f"voice {i + 1}" for i in range(len(used)))
    raw = replace(
        raw,
        notes=notes,
        parts=tuple(RawPart(name, CHOIR, False) for name in names),
        keys=(),
        source="score",
        has_velocity=False,
        has_deviation=False,
        has_tempo=bool(entry.hints["bpm"]),
    )
    return replace(raw, **entry.facts)


# --- Bach's chorales ----------------------------------------------------------------------------


def jsb(files: Files) -> Iterator[Entry]:
    """The chorales of Boulanger-Lewandowski, Bengio and Vincent (ICML 2012) in four voices."""
    whole = json.loads(files["Jsb16thSeparated.json"])
    for split in ("train", "valid", "test"):
        for i, steps in enumerate(whole[split]):
            facts = {
                "title": f"chorale {split} {i + 1}",
                "group": f"jsb {split} {i + 1}",
                "split": split,
                "styles": ("chorale", "choir", "baroque", "classical"),
            }
            yield Entry(f"{split}/{i:03d}", json.dumps(steps).encode(), facts)


def read_chorale(entry: Entry) -> RawPiece:
    """A chorale from its voices, a pitch each sixteenth (-1: silence); equal pitches are held."""
    steps = np.array(json.loads(entry.data), np.int64)  # [sixteenths, 4]
    step = TICKS_PER_QUARTER // 4
    rows = []
    for voice in range(steps.shape[1]):
        pitch = steps[:, voice]
        starts = np.flatnonzero(np.diff(pitch, prepend=-2))
        lengths = np.diff(np.append(starts, len(pitch)))
        for start, length in zip(starts, lengths, strict=True):
            if pitch[start] >= 0:
                rows.append((start * step, length * step, pitch[start], 80, voice))
    raw = RawPiece(
        np.array(rows, RAW_NOTE),
        tuple(RawPart(name, CHOIR, False) for name in _VOICES),
        meters=((0, 4, 4),),
        source="score",
        has_velocity=False,
        has_deviation=False,
        has_tempo=False,
    )
    return replace(with_pickup(raw), **entry.facts)
