"""Collections of songs and bands: lead sheets, progressions, drummers, made and played bands."""

from __future__ import annotations

import cmath
import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import numpy as np

from studio.ai.composer.vocabulary import SOURCES
from studio.ai.training.composer.collections.entries import Entry, Files
from studio.ai.training.composer.collections.pickup import with_pickup
from studio.ai.training.composer.collections.styles import joined, plain, styles_in
from studio.ai.training.composer.raw import (
    RawPart,
    RawPiece,
    off_grid_share,
    read_midi,
    velocity_spread,
    with_merged,
)
from studio.core.errors import StudioError
from studio.domain.tempo import TICKS_PER_QUARTER

LATE_SHARE = 0.5  # of the onsets off every grid, below which a piece is not late as a whole
LEAST_VELOCITY_SPREAD = 2.0
PLAYED_SHARE = 0.2  # of the onsets off every grid, above which music was played, not written
# How strongly onsets gather at sixteenths or triplets: below the first, the clock is not theirs;
# from the second they are as late as each other; from the third they were written.
LEAST_LOCK, CENTRED_LOCK, EXACT_LOCK = 0.2, 0.5, 0.95
_DISTORTED = (29, 30)
_METAL_SHARE = 0.2


# --- lead sheets ----------------------------------------------------------------------------------


_SONGS = ("blues", "ragtime", "waltz", "march", "tango", "hymn", "polka")


def openewld(files: Files) -> Iterator[Entry]:
    """Melody and chords; only what `rights_check.tsv` puts in class A or B."""
    table = csv.DictReader(io.StringIO(files["rights_check.tsv"].decode()), delimiter="\t")
    rights = {row["leadsheet"].removesuffix(".mxl"): row["class"] for row in table}
    for path, data in sorted(files.items()):
        if not path.endswith(".mid"):
            continue
        stem = path.removesuffix(".mid")
        right = rights.get(stem.replace("midi/", "dataset/", 1), "?")
        if right[0] not in "AB":
            yield Entry(path, dropped="rights: first performed after 1930, or unknown")
            continue
        chords = json.loads(files.get(f"{stem}.chords.json", b"[]"))
        title = plain(stem.rpartition("/")[2].replace("_", " "))
        facts = {
            "title": title,
            "styles": joined(styles_in(title, only=_SONGS), ("song",)),
            "chords": tuple((float(at), text) for at, text in chords if text),
        }
        score = files.get(f"{stem.replace('midi/', 'mxl/', 1)}.mxl")
        yield Entry(path, data, facts, {"pickup": musicxml_pickup(score) if score else None})


def musicxml_pickup(data: bytes) -> int:
    """Ticks of the first measure of a compressed MusicXML file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = next(n for n in archive.namelist() if n.endswith("xml") and "META-INF" not in n)
        score = ElementTree.fromstring(archive.read(name))
    divisions = int(score.findtext(".//divisions") or 1)
    measure = score.find("./part/measure")
    at = longest = 0
    for element in measure if measure is not None else ():
        length = int(element.findtext("duration") or 0)
        if element.tag in ("note", "forward") and element.find("chord") is None:
            at += length
        elif element.tag == "backup":
            at -= length
        longest = max(longest, at)
    return round(longest / divisions * TICKS_PER_QUARTER)


def read_lead_sheet(entry: Entry) -> RawPiece:
    """A melody with its chords; the first measure of the MusicXML tells the pickup."""
    raw = with_merged(read_midi(entry.data))
    parts = tuple(replace(part, name=part.name or "melody", role="melody") for part in raw.parts)
    raw = replace(
        raw,
        parts=parts,
        keys=(),
        source="score",
        has_velocity=False,
        has_deviation=False,
        has_tempo=False,
        chords=entry.facts["chords"],
    )
    raw = with_pickup(raw, entry.hints["pickup"])
    return replace(raw, **{k: v for k, v in entry.facts.items() if k != "chords"})


# --- progressions -------------------------------------------------------------------------------

_PROGRESSION_STYLES = {
    "pop": ("pop",),
    "pop2": ("pop",),
    "hiphop2": ("hip hop",),
    "soul": ("soul",),
}


def free_chords(files: Files) -> Iterator[Entry]:
    """Progressions in five rhythms; one key of the twelve, as music is transposed in training."""
    for path, data in sorted(files.items()):
        if not path.endswith(".mid"):
            continue
        folders = path.split("/")
        if "4 Progression" not in folders:
            yield Entry(path, dropped="a single chord")
        elif not folders[1].startswith("01 "):
            yield Entry(path, dropped="the same progression in another key")
        else:
            rhythm = folders[-2].removesuffix(" style")
            title = folders[-1].removesuffix(".mid")
            facts = {
                "title": title,
                "group": f"progression {title.partition(' - ')[2].rpartition(' - ')[0]}",
                "groove": "",
                "styles": _PROGRESSION_STYLES.get(rhythm, ()),
            }
            yield Entry(path, data, facts)


def read_progression(entry: Entry) -> RawPiece:
    raw = with_merged(read_midi(entry.data))
    raw = replace(
        raw,
        parts=tuple(replace(part, name="chords", role="chords") for part in raw.parts),
        keys=(),
        meters=raw.meters or ((0, 4, 4),),
        source="pattern",
        has_velocity=False,
        has_deviation=False,
        has_tempo=False,
    )
    return replace(raw, **entry.facts)


# --- drummers -----------------------------------------------------------------------------------


def groove_midi(files: Files) -> Iterator[Entry]:
    """Human drumming with style, tempo, meter and split from `info.csv`."""
    for row in csv.DictReader(io.StringIO(files["info.csv"].decode())):
        path = row["midi_filename"]
        if path not in files:
            continue
        style, beats = row["style"], row["time_signature"].split("-")
        facts = {
            "title": f"{row['id']} {style} {row['beat_type']}",
            "group": f"groove {row['id']}",
            "split": {"validation": "valid"}.get(row["split"], row["split"]),
            "groove": "",
            "styles": joined(
                styles_in(style.replace("/", " ")), ("swing",) if "swing" in style else ()
            ),
            "tempos": ((0, float(row["bpm"])),),
            "meters": ((0, int(beats[0]), int(beats[1])),),
        }
        yield Entry(path, files[path], facts)


def read_drumming(entry: Entry) -> RawPiece:
    raw = read_midi(entry.data)
    notes = raw.notes.copy()
    notes["part"] = 0
    raw = replace(
        raw,
        notes=notes,
        parts=(RawPart("drums", 0, True, "drums"),),
        keys=(),
        signatures=(),
        source="performed",
    )
    return replace(raw, **entry.facts)


# --- bands ----------------------------------------------------------------------------------------


def freedoom(files: Files) -> Iterator[Entry]:
    """Music of a game, each piece by its level; the credits name composers and titles."""
    for path, data in sorted(files.items()):
        if path.endswith(".mid"):
            name = path.rpartition("/")[2].removesuffix(".mid")
            yield Entry(path, data, {"title": f"freedoom {name}", "styles": ("game",)})


def read_sequenced(entry: Entry) -> RawPiece:
    """A band that people sequenced or played: what is human in it is measured.

    Raises:
        StudioError: The notes do not keep to the file's own clock.
    """
    raw = with_merged(with_centred(read_midi(entry.data)))
    played = is_played(raw)
    raw = replace(
        raw,
        keys=(),
        source="performed" if played else "unknown",
        has_deviation=played,
        has_velocity=velocity_spread(raw) >= LEAST_VELOCITY_SPREAD,
    )
    facts = {**entry.facts, "styles": joined(entry.facts.get("styles", ()), by_sound(raw))}
    return replace(raw, **facts)


def is_played(raw: RawPiece) -> bool:
    """Whether people played the onsets, rather than wrote them on a grid.

    Raises:
        StudioError: The notes do not keep to the file's own clock.
    """
    off = off_grid_share(raw)
    lock = max(abs(gathering(raw, 4)), abs(gathering(raw, 3)))
    if lock < LEAST_LOCK and off >= PLAYED_SHARE:
        raise StudioError("The notes keep to no clock of this file.")
    return off >= PLAYED_SHARE and lock < EXACT_LOCK


def has_drummer(raw: RawPiece) -> bool:
    """Whether the drums alone were played, by a person on a band that was not."""
    drums = np.array([part.drums for part in raw.parts], bool)
    alone = replace(raw, notes=raw.notes[drums[raw.notes["part"]]])
    return off_grid_share(alone) >= PLAYED_SHARE


def gathering(raw: RawPiece, places: int) -> complex:
    """Mean direction of the onsets on a circle that turns `places` times a quarter.

    Its size says how strongly they gather (1 all, 0 none), its angle where.
    """
    turns = raw.notes["start"] / TICKS_PER_QUARTER
    return complex(np.exp(2j * np.pi * places * turns).mean()) if len(turns) else 0j


def with_centred(raw: RawPiece) -> RawPiece:
    """The piece earlier by what all its onsets are late of the sixteenths, as some files are."""
    where = gathering(raw, 4)
    late = round(cmath.phase(where) / (8 * np.pi) * TICKS_PER_QUARTER)
    if abs(where) < CENTRED_LOCK or off_grid_share(raw) < LATE_SHARE:
        return raw
    notes = raw.notes.copy()
    notes["start"] = np.maximum(notes["start"] - late, 0)
    return replace(raw, notes=notes)


def by_sound(raw: RawPiece) -> tuple[str, ...]:
    """`metal` where distorted guitars carry the piece, `ambient` where slow and without drums."""
    counts = np.bincount(raw.notes["part"], minlength=len(raw.parts))
    pitched = sum(c for c, p in zip(counts, raw.parts, strict=True) if not p.drums)
    guitars = sum(
        c for c, p in zip(counts, raw.parts, strict=True) if not p.drums and p.program in _DISTORTED
    )
    has_drums = any(part.drums for part in raw.parts)
    if has_drums and pitched and guitars / pitched >= _METAL_SHARE:
        return ("metal", "rock")
    return () if has_drums else ("ambient",)


_GROUPS = {
    "rnb": ("soul",), "theatre": ("song",), "latin": ("latin",), "electronic": ("electronic",),
}  # fmt: skip
_MMA_ROLES = (
    (r"^walk|^bass", "bass"), (r"^chord|^plectrum", "chords"), (r"^arpeggio", "arpeggio"),
    (r"^melody|^solo", "melody"), (r"^scale|^aria|^harmony", "counter"),
)  # fmt: skip


def mma_bands(files: Files) -> Iterator[Entry]:
    """`title__group_Groove.mid`: a band that a program made from a chart and a pattern."""
    for path, data in sorted(files.items()):
        if not path.endswith(".mid"):
            continue
        folder, _, name = path.rpartition("/")
        title, _, style = name.removesuffix(".mid").rpartition("__")
        group, _, groove = style.partition("_")
        chart = f"billboard {title}" if "billboard" in folder else plain(title)
        facts = {
            "title": chart,
            "groove": f"{group} {groove}",
            "styles": joined(styles_in(groove), _GROUPS.get(group, ()), styles_in(group)),
        }
        yield Entry(path, data, facts)


def read_band(entry: Entry) -> RawPiece:
    """A band made by a program. Its timing is noise of the program, so nothing learns from it."""
    raw = with_merged(read_midi(entry.data))
    raw = replace(
        raw,
        parts=tuple(replace(part, role=mma_role(part)) for part in raw.parts),
        keys=(),
        source="pattern",
        has_deviation=False,
        has_velocity=velocity_spread(raw) >= LEAST_VELOCITY_SPREAD,
    )
    return replace(raw, **entry.facts)


def mma_role(part: RawPart) -> str:
    """The role that the name of the track tells, as the program names its tracks."""
    if part.drums:
        return "drums"
    return next((role for p, role in _MMA_ROLES if re.search(p, part.name, re.I)), "other")


def made(files: Files) -> Iterator[Entry]:
    """MIDI files with a JSON of the same stem that says what is known of each."""
    for path, data in sorted(files.items()):
        about = files.get(path.removesuffix(".mid") + ".json")
        if not path.endswith(".mid"):
            continue
        if about is None:
            yield Entry(path, dropped="nothing is told about it")
            continue
        known = json.loads(about)
        yield Entry(path, data, _told(known, path), {"performed": known.get("performed_tracks")})


def _told(about: dict[str, Any], path: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "title": about.get("title") or plain(path),
        "styles": joined(about.get("styles", ())),
        "chords": tuple((float(at), text) for at, text in about.get("chords", ())),
        "sections": tuple((float(at), text) for at, text in about.get("sections", ())),
        "keys": ((0, *about["key"]),) if about.get("key") else (),
        "parents": tuple(about.get("parents", ())),
        "source": about.get("source", ""),
        "has_deviation": bool(about.get("has_deviation", False)),
        "has_tempo": bool(about.get("has_tempo", True)),
        "has_velocity": bool(about.get("has_velocity", True)),
    }
    for name in ("groove", "group", "split", "licence"):
        facts[name] = about.get(name) or ""
    facts["swing"] = about.get("swing")
    return facts


def read_made(entry: Entry) -> RawPiece:
    """A piece with its own facts; a band's tracks tell their roles by name.

    Raises:
        StudioError: The notes do not keep to the file's own clock.
    """
    facts = dict(entry.facts)
    raw = read_midi(entry.data)
    raw = with_merged(with_centred(raw) if facts["has_deviation"] else raw)
    named = entry.hints["performed"]
    parts = tuple(
        replace(part, role=mma_role(part), performed=named is None or part.name in named)
        for part in raw.parts
    )
    raw = replace(raw, parts=parts, keys=())
    facts["has_deviation"] = facts["has_deviation"] and (is_played(raw) or has_drummer(raw))
    facts["has_velocity"] &= velocity_spread(raw) >= LEAST_VELOCITY_SPREAD
    if facts["source"] not in SOURCES:
        facts["source"] = "performed" if facts["has_deviation"] else "pattern"
    return replace(raw, **facts)
