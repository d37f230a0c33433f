"""The collections by name, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from studio.ai.training.composer.collections import scores, songs
from studio.ai.training.composer.collections.entries import Collection

_NIFC = "The Fryderyk Chopin Institute"
_OPENSCORE = "OpenScore"

ARCHIVES: tuple[Collection, ...] = (
    Collection(
        "mma-bands", "mma-band-arrangements", "patterns GPL-2.0; charts PD, MIT and CC0",
        "Bands made by MMA (Bob van der Poel) from OpenEWLD and McGill Billboard charts",
        songs.mma_bands, songs.read_band,
    ),
    Collection(
        "freedoom", "freedoom-midi", "BSD-3-Clause",
        "Freedoom contributors (CREDITS-MUSIC), github.com/freedoom/freedoom",
        songs.freedoom, songs.read_sequenced,
    ),
    Collection(
        "groove-midi", "groove-midi", "CC BY 4.0",
        "Groove MIDI Dataset 1.0.0: Gillick, Roberts, Engel, Eck and Bamman, ICML 2019",
        songs.groove_midi, songs.read_drumming,
    ),
    Collection(
        "openewld", "openewld", "MIT; public domain tunes",
        "OpenEWLD (Simonetta et al.), classes A and B of the rights check alone",
        songs.openewld, songs.read_lead_sheet,
    ),
    Collection(
        "free-midi-chords", "free-midi-chords", "MIT",
        "free-midi-chords, Ludovic Drolez, github.com/ldrolez/free-midi-chords",
        songs.free_chords, songs.read_progression,
    ),
    Collection(
        "folk", "folk-oneill-ryan", "public domain tunes",
        "O'Neill's Music of Ireland (1903) and Ryan's Mammoth Collection (1883), ABC by volunteers",
        scores.folk, scores.read_tune,
    ),
    Collection(
        "openhymnal", "openhymnal", "public domain",
        "Open Hymnal Project", scores.openhymnal, scores.read_hymn,
    ),
    Collection(
        "jsb-chorales", "jsb-chorales", "public domain",
        "Chorales of J. S. Bach, split of Boulanger-Lewandowski et al. (2012)",
        scores.jsb, scores.read_chorale,
    ),
    Collection(
        "mutopia", "mutopia-pd-by", "public domain and CC BY 2.5-4.0, by piece",
        "The Mutopia Project", scores.mutopia, scores.read_score,
    ),
    Collection(
        "openscore-lieder", "openscore-lieder", "CC0",
        f"{_OPENSCORE} Lieder Corpus", scores.openscore_lieder, scores.read_score,
    ),
    Collection(
        "openscore-quartets", "openscore-quartets", "CC0",
        f"{_OPENSCORE} String Quartets", scores.openscore_quartets, scores.read_score,
    ),
    Collection(
        "openscore-orchestra", "openscore-orchestra", "CC0",
        f"{_OPENSCORE} Orchestra (Hauptstimme, Mark Gotham)",
        scores.openscore_orchestra, scores.read_score,
    ),
    Collection(
        "nifc-chopin", "nifc-chopin", "CC BY 4.0",
        f"{_NIFC}: Chopin First Editions", scores.nifc_chopin, scores.read_score,
    ),
    Collection(
        "nifc-polish", "nifc-polish", "CC BY 4.0",
        f"{_NIFC}: polishscores.org", scores.nifc_polish, scores.read_score,
    ),
)  # fmt: skip


def made_collections(work: Path) -> Iterator[tuple[Collection, Path]]:
    """The folders of bands made for training, each a collection of its own."""
    for folder in sorted(path for path in (work / "made").glob("*") if path.is_dir()):
        yield made_collection(folder.name), folder


def made_collection(name: str) -> Collection:
    return Collection(name, "", "by piece", "by piece", songs.made, songs.read_made)


def collection(name: str) -> Collection:
    """The archive's collection of that name; every other name is one that was made."""
    return next((c for c in ARCHIVES if c.name == name), made_collection(name))
