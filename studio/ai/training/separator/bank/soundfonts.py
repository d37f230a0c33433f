"""SoundFonts with a licence, and the playing of a track through one of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pretty_midi

from studio.ai.training.composer.bands.packages import Package, unpacked
from studio.ai.training.separator.bank.index import SAMPLE_RATE
from studio.ai.training.separator.bank.takes import Audio, Notes
from studio.render.fluid import GRID_FRAMES, SoundFont

DRUM_BANK = 128
_STANDARD_KITS = (0, 8, 16, 24, 25, 32, 40)
_MANY_KITS = (*range(20), 24, 25, *range(32, 37), 40, 41, 42)


@dataclass(frozen=True, slots=True)
class Font:
    """A SoundFont.

    Attributes:
        path: Within its Debian package; without one, beside pretty_midi.
        kits: (bank, program) of its drum kits.
        melodic: Whether it holds the instruments of General MIDI.
        held_out: Whether it is heard in tests alone.
    """

    name: str
    licence: str
    package: str
    path: str
    kits: tuple[tuple[int, int], ...]
    melodic: bool = True
    held_out: bool = False

    def file(self, packages: Path) -> Path:
        """Where it lies, fetched if need be."""
        if not self.package:
            return Path(pretty_midi.__file__).with_name(self.path)
        return unpacked(Package(self.package, self.licence), packages) / "usr/share" / self.path


def _kits(*programs: int) -> tuple[tuple[int, int], ...]:
    return tuple((DRUM_BANK, program) for program in programs)


FONTS = (
    Font("FluidR3", "MIT", "fluid-soundfont-gm", "sounds/sf2/FluidR3_GM.sf2", _kits(*_MANY_KITS)),
    Font("MuseScore General Lite", "MIT", "musescore-general-soundfont-small",
         "sounds/sf3/MuseScore_General_Lite.sf3", _kits(*_MANY_KITS)),
    Font("GeneralUser GS 1.47", "GeneralUser GS License 2.0", "minuet-data",
         "minuet/soundfonts/GeneralUser-v1.47.sf2", _kits(0, 1, 8, 16, 24, 25, 26, 32, 40)),
    Font("GMbank", "public domain", "csound-soundfont", "sounds/sf2/sf_GMbank.sf2",
         _kits(*_STANDARD_KITS)),
    Font("Black Pearl", "CC-BY-SA-3.0", "avldrums.lv2-soundfont",
         "sounds/sf2/Black_Pearl_4_LV2.sf2", ((0, 0),), melodic=False),
    Font("Red Zeppelin", "CC-BY-SA-3.0", "avldrums.lv2-soundfont",
         "sounds/sf2/Red_Zeppelin_4_LV2.sf2", ((0, 0),), melodic=False),
    Font("TimGM6mb", "GPL-2.0-only", "", "TimGM6mb.sf2", _kits(*_STANDARD_KITS), held_out=True),
)  # fmt: skip


class Fonts:
    """SoundFonts, each opened when first played; those held out sound in tests alone."""

    def __init__(self, packages: Path, fonts: tuple[Font, ...] = FONTS) -> None:
        self._packages = packages
        self._fonts = fonts
        self._open: dict[str, SoundFont] = {}

    def choices(self, split: str, *, drums: bool) -> list[Font]:
        """What may play a track in this split."""
        held_out = split == "test" and any(font.held_out for font in self._fonts)
        found = [f for f in self._fonts if f.held_out == held_out and (drums or f.melodic)]
        return found or list(self._fonts)

    def play(self, font: Font, preset: tuple[int, int], notes: Notes, frames: int) -> Audio:
        """A dry track of so many frames; what sounds at the end is cut off.

        Args:
            preset: Bank and program.
            notes: Table of `NOTE`.
        """
        if font.name not in self._open:
            self._open[font.name] = SoundFont(SAMPLE_RATE, font.file(self._packages))
        opened = self._open[font.name]
        synth = opened.synth(*preset)
        out = np.zeros((2, frames), np.float32)
        at = 0
        for frame, velocity, pitch in _events(notes, frames):
            if frame > at and synth.audible:
                synth.render(out[:, at:frame])
            at = frame
            if velocity:
                synth.note_on(pitch, velocity)
                synth.audible = True
            else:
                synth.note_off(pitch)
        if at < frames and synth.audible:
            synth.render(out[:, at:])
        opened.release(synth)
        return out


def _events(notes: Notes, frames: int) -> list[tuple[int, int, int]]:
    """(frame on FluidSynth's grid, velocity or 0 for an end, pitch), ends before starts."""
    rows = []
    for note in notes:
        start = round(float(note["start"]) * SAMPLE_RATE / GRID_FRAMES) * GRID_FRAMES
        end = round(float(note["end"]) * SAMPLE_RATE / GRID_FRAMES) * GRID_FRAMES
        if 0 <= start < frames:
            rows.append((start, int(note["velocity"]), int(note["pitch"])))
            if end < frames:
                rows.append((max(end, start + GRID_FRAMES), 0, int(note["pitch"])))
    return sorted(rows)
