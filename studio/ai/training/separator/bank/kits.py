"""Kits of real one-shots: Hydrogen's drum kits and the samples of Sonic Pi."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile
import soxr

from studio.ai.training.composer.bands.packages import Package, unpacked
from studio.ai.training.separator.bank.index import SAMPLE_RATE
from studio.ai.training.separator.bank.takes import Audio

LONGEST_SECONDS = 4.0
# What a key of General MIDI is -> which other thing plays it in a kit that lacks it.
KEYS = {
    35: "kick", 36: "kick", 37: "stick", 38: "snare", 39: "clap", 40: "snare", 41: "low tom",
    42: "closed hat", 43: "low tom", 44: "pedal hat", 45: "mid tom", 46: "open hat", 47: "mid tom",
    48: "high tom", 49: "crash", 50: "high tom", 51: "ride", 52: "crash", 53: "bell",
    54: "tambourine", 55: "splash", 56: "cowbell", 57: "crash", 59: "ride",
}  # fmt: skip
STEAD = {
    "stick": "snare", "low tom": "mid tom", "mid tom": "high tom", "high tom": "mid tom",
    "pedal hat": "closed hat", "open hat": "closed hat", "bell": "ride", "splash": "crash",
    "ride": "closed hat", "crash": "open hat", "clap": "snare", "tambourine": "closed hat",
    "closed hat": "open hat", "snare": "clap", "cowbell": "bell",
}  # fmt: skip
_PATTERNS = (
    ("kick", r"kick|bass ?drum|cajon thump|djembe. bass|^bd_|hollow_kick|soft_kick|drum_bass"),
    ("stick", r"stick|rim ?click|click|clave|elec_tick|elec_wood"),
    ("clap", r"clap|snap"),
    ("snare", r"snare|cajon slap|djembe1 slap|^sn_"),
    ("low tom", r"tom.?low|low.?tom|floor|tom_lo|bongo lo|conga 2|djembe. tone"),
    ("high tom", r"tom.?hi|high.?tom|tom 1|tom_hi|bongo hi"),
    ("mid tom", r"tom|conga|drum [12]|fuzz"),
    ("pedal hat", r"pedal.?(hh|hat)|(hh|hat|hi-hat).?(pedal|pd)|hats? \d pd|cymbal_pedal"),
    ("open hat", r"(hat|hh).{0,8}(op|free|semi|swish)|(op|semi).{0,6}(hat|hh)|side ohh|cymb.*open"),
    ("closed hat", r"hat|hh|shaker|maraca|cymbal_closed|^elec_cymbal"),
    ("bell", r"bell(?! mute)|cup"),
    ("cowbell", r"cowbell|agogo"),
    ("splash", r"splash"),
    ("tambourine", r"tambourine"),
    ("ride", r"ride"),
    ("crash", r"crash|cymbal|china"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit.

    Attributes:
        sounds: What is struck -> (loudest velocity 0-1, file) of each layer, the softest first;
            several files with one velocity take turns.
    """

    name: str
    licence: str
    sounds: dict[str, tuple[tuple[float, Path], ...]]
    held_out: bool = False

    def struck(self, key: int) -> str | None:
        """What sounds for a key of General MIDI, or the nearest there is."""
        name = KEYS.get(key)
        for _ in range(4):
            if name is None or name in self.sounds:
                return name
            name = STEAD.get(name)
        return None

    def hit(self, name: str, velocity: float, turn: int) -> Path:
        """The file for a blow of this velocity, 0-1."""
        layers = self.sounds[name]
        top = next((loudest for loudest, _ in layers if velocity <= loudest), layers[-1][0])
        files = [file for loudest, file in layers if loudest == top]
        return files[turn % len(files)]


def kind(name: str) -> str | None:
    """What an instrument of this name is; None for what is no part of a drum kit."""
    for found, pattern in _PATTERNS:
        if re.search(pattern, name, re.I):
            return found
    return None


HYDROGEN = {
    "Audiophob": "CC0-1.0", "BJA_Pacific": "CC-BY-SA-3.0", "ColomboAcousticDrumkit":
    "GPL-2.0-or-later", "ElectricEmpireKit": "GPL-2.0-or-later", "ForzeeStereo": "GPL-2.0-only",
    "Gimme A Hand 1.0": "GPL-2.0-only", "HardElectro1": "GPL-2.0-or-later", "Millo-Drums_v.1":
    "GPL-2.0-only", "Millo_MultiLayered2": "GPL-2.0-only", "Millo_MultiLayered3": "GPL-2.0-only",
    "The Black Pearl 1.0": "GPL-2.0-only", "VariBreaks": "GPL-2.0-or-later",
    "circAfrique v4": "CC-BY-SA-3.0", "rumpf_kit_z01_h2": "CC-BY-3.0",
    "GMRockKit": "GPL-2.0-or-later", "TR808EmulationKit": "GPL-2.0-or-later",
}  # fmt: skip
HELD_OUT = ("GMRockKit", "ColomboAcousticDrumkit", "VariBreaks")


def kits(packages: Path) -> list[Kit]:
    """All kits, fetched if need be."""
    found = []
    for package in ("hydrogen-drumkits", "hydrogen-data"):
        home = unpacked(Package(package, "per kit"), packages) / "usr/share/hydrogen/data/drumkits"
        folders = [folder for folder in sorted(home.iterdir()) if folder.name in HYDROGEN]
        found += [hydrogen(folder, HYDROGEN[folder.name]) for folder in folders]
    home = unpacked(Package("sonic-pi-samples", "CC0-1.0"), packages)
    return [*found, *sonic_pi(home / "usr/share/sonic-pi/samples")]


def hydrogen(folder: Path, licence: str) -> Kit:
    """A kit of the drum machine Hydrogen; older ones have one file for each instrument."""
    tree = ET.parse(folder / "drumkit.xml")
    for element in tree.iter():  # newer kits name a namespace, older ones do not
        element.tag = element.tag.rpartition("}")[2]
    sounds: dict[str, list[tuple[float, Path]]] = defaultdict(list)
    for instrument in tree.iter("instrument"):
        name = kind(instrument.findtext("name") or "")
        if name is None:
            continue
        if instrument.find("layer") is not None or instrument.find("instrumentComponent"):
            sounds[name] += [row for row in _layers(instrument, folder) if row[1].is_file()]
        elif (file := folder / (instrument.findtext("filename") or "-")).is_file():
            sounds[name].append((1.0, file))
    return Kit(
        folder.name, licence, {name: tuple(sorted(rows)) for name, rows in sounds.items() if rows},
        folder.name in HELD_OUT,
    )  # fmt: skip


def _layers(instrument: ET.Element, folder: Path) -> Iterator[tuple[float, Path]]:
    for layer in instrument.iter("layer"):
        loudest = float(layer.findtext("max") or 1.0)
        yield round(loudest, 2), folder / (layer.findtext("filename") or "-")


def sonic_pi(folder: Path) -> list[Kit]:
    """Two kits out of loose one-shots: one acoustic with two velocities, one electronic."""
    acoustic: dict[str, list[tuple[float, Path]]] = defaultdict(list)
    electronic: dict[str, list[tuple[float, Path]]] = defaultdict(list)
    for path in sorted(folder.glob("*.flac")):
        name = kind(path.stem)
        if name is None:
            continue
        if path.stem.startswith("drum_"):
            acoustic[name].append((0.6 if path.stem.endswith("soft") else 1.0, path))
        elif path.stem.startswith(("bd_", "sn_", "elec_", "perc_snap")):
            electronic[name].append((1.0, path))
    return [
        Kit(name, "CC0-1.0", {key: tuple(sorted(rows)) for key, rows in table.items()})
        for name, table in (("sonic-pi drum", acoustic), ("sonic-pi elec", electronic))
    ]


@lru_cache(maxsize=512)
def one_shot(path: Path) -> Audio:
    """A blow at 44.1 kHz, stereo, from where it begins."""
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    audio = audio[: round(LONGEST_SECONDS * rate)]
    converted = soxr.resample(audio, rate, SAMPLE_RATE) if rate != SAMPLE_RATE else audio
    table = np.repeat(converted, 2, axis=1) if converted.shape[1] == 1 else converted[:, :2]
    found: Audio = np.ascontiguousarray(table.T, np.float32)
    size = min(found.shape[1], SAMPLE_RATE // 100)
    found[:, found.shape[1] - size :] *= np.linspace(1, 0, size, dtype=np.float32)
    return found
