"""FluidSynth: SoundFont instruments, one synthesiser per voice of the song.

FluidSynth computes in steps of 64 frames, and whatever is told it between two steps is heard at the
next one. So that results never depend on the size of a block, this module counts those steps, and
the rest of the renderer gives notes only at their borders (`GRID_FRAMES`).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import importlib.util
import itertools
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile  # noqa: F401  loaded before FluidSynth, which decodes SF3 by the first libsndfile

from studio.core.errors import StudioError

GRID_FRAMES = 64  # FluidSynth's own step
GAIN = 0.5  # four parts come to about -21 LUFS, twelve stay 5 dB below full scale
BEND_SEMITONES = 24  # the range of the pitch wheel
BEND_PER_SEMITONE = 8192 / BEND_SEMITONES * 128 / 127  # it takes 127ths as 128ths
BEND, PRESSURE = 128, 129  # numbers for what is not a controller, beside 0-127
POLYPHONY = 128  # voices a synthesiser sounds at once; the quietest give way

_FINE_TUNE = 52  # SoundFont generator: cents
_RESET = ((121, 0), (7, 100), (10, 64), (64, 0))  # all controllers off; volume, pan, pedal
_SOUNDFONTS = (
    "/usr/share/sounds/sf3/MuseScore_General.sf3",
    "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3",
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/sounds/sf3/default-GM.sf3",
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/soundfonts/default.sf2",
    "/usr/share/sounds/sf2/TimGM6mb.sf2",
)
_POINTER, _INT, _TEXT, _NUMBER = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_double
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "new_fluid_settings": (_POINTER, []),
    "delete_fluid_settings": (None, [_POINTER]),
    "fluid_settings_setint": (_INT, [_POINTER, _TEXT, _INT]),
    "fluid_settings_setnum": (_INT, [_POINTER, _TEXT, _NUMBER]),
    "fluid_set_log_function": (_POINTER, [_INT, _POINTER, _POINTER]),
    "new_fluid_synth": (_POINTER, [_POINTER]),
    "delete_fluid_synth": (None, [_POINTER]),
    "fluid_synth_sfload": (_INT, [_POINTER, _TEXT, _INT]),
    "fluid_synth_get_sfont_by_id": (_POINTER, [_POINTER, _INT]),
    "fluid_synth_add_sfont": (_INT, [_POINTER, _POINTER]),
    "fluid_synth_remove_sfont": (_INT, [_POINTER, _POINTER]),
    "fluid_synth_unset_program": (_INT, [_POINTER, _INT]),
    "fluid_synth_program_select": (_INT, [_POINTER, _INT, _INT, _INT, _INT]),
    "fluid_synth_pitch_wheel_sens": (_INT, [_POINTER, _INT, _INT]),
    "fluid_synth_noteon": (_INT, [_POINTER, _INT, _INT, _INT]),
    "fluid_synth_noteoff": (_INT, [_POINTER, _INT, _INT]),
    "fluid_synth_cc": (_INT, [_POINTER, _INT, _INT, _INT]),
    "fluid_synth_pitch_bend": (_INT, [_POINTER, _INT, _INT]),
    "fluid_synth_channel_pressure": (_INT, [_POINTER, _INT, _INT]),
    "fluid_synth_all_notes_off": (_INT, [_POINTER, _INT]),
    "fluid_synth_all_sounds_off": (_INT, [_POINTER, _INT]),
    "fluid_synth_get_active_voice_count": (_INT, [_POINTER]),
    "fluid_synth_get_voicelist": (None, [_POINTER, _POINTER, _INT, _INT]),
    "fluid_voice_get_id": (ctypes.c_uint, [_POINTER]),
    "fluid_voice_gen_get": (ctypes.c_float, [_POINTER, _INT]),
    "fluid_voice_gen_set": (None, [_POINTER, _INT, ctypes.c_float]),
    "fluid_voice_update_param": (None, [_POINTER, _INT]),
    "fluid_synth_write_float": (_INT, [_POINTER, _INT, *[_POINTER, _INT, _INT] * 2]),
}
_SETTINGS = (
    (b"synth.reverb.active", 0),
    (b"synth.chorus.active", 0),
    (b"synth.dynamic-sample-loading", 1),  # decode only the instruments in use
    (b"synth.polyphony", POLYPHONY),
    (b"synth.threadsafe-api", 0),  # one thread at a time, which the mixer is
    (b"synth.lock-memory", 0),
)


@functools.cache
def _library() -> Any:
    name = ctypes.util.find_library("fluidsynth") or ctypes.util.find_library("fluidsynth-3")
    if name is None:
        raise StudioError("FluidSynth is not installed.", "Install the package libfluidsynth3.")
    library = ctypes.CDLL(name)
    for function, (result, arguments) in _FUNCTIONS.items():
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    for level in (1, 2, 3, 4):  # what goes wrong comes back as a result; all else is noise
        library.fluid_set_log_function(level, None, None)
    return library


def find_soundfont() -> Path:
    """The best General MIDI SoundFont of this machine; `TUTTI_SOUNDFONT` names another.

    Raises:
        StudioError: There is none.
    """
    override = os.environ.get("TUTTI_SOUNDFONT")
    if override:
        if not Path(override).is_file():
            raise StudioError(f"The SoundFont {override} is not there.", "Check TUTTI_SOUNDFONT.")
        return Path(override)
    for candidate in (*map(Path, _SOUNDFONTS), *_bundled()):
        if candidate.is_file():
            return candidate
    raise StudioError(
        "No SoundFont was found.", "Install the package musescore-general-soundfont-small."
    )


def _bundled() -> list[Path]:
    found = importlib.util.find_spec("pretty_midi")
    return [Path(found.origin).with_name("TimGM6mb.sf2")] if found and found.origin else []


class SoundFont:
    """A SoundFont in memory, shared by the synthesisers made from it.

    All of them belong to one thread at a time. Instruments are decoded when first asked for.

    Args:
        path: An .sf2 or .sf3 file; by default the one `find_soundfont` names.

    Raises:
        StudioError: It cannot be read.
    """

    def __init__(self, sample_rate: int, path: Path | None = None) -> None:
        self.sample_rate = sample_rate
        self.path = path or find_soundfont()
        self._lib = _library()
        self._synths: list[Synth] = []
        self._settings, self._holder = self._new_synth()
        number = self._lib.fluid_synth_sfload(self._holder, os.fsencode(self.path), 0)
        if number < 0:
            self.close()
            raise StudioError(f"The SoundFont {self.path.name} cannot be read.")
        self._font = self._lib.fluid_synth_get_sfont_by_id(self._holder, number)

    def synth(self, bank: int, program: int) -> Synth:
        """A synthesiser that plays one instrument; the nearest one where the SoundFont lacks it."""
        settings, handle = self._new_synth()
        for channel in range(16):  # else adding the SoundFont decodes a piano for each channel
            self._lib.fluid_synth_unset_program(handle, channel)
        number = self._lib.fluid_synth_add_sfont(handle, self._font)
        made = Synth(self._lib, settings, handle, self._font)
        self._synths.append(made)
        made.select(number, bank, program)
        return made

    def release(self, synth: Synth) -> None:
        """Give a synthesiser's memory back."""
        self._synths.remove(synth)
        synth.close()

    def close(self) -> None:
        for synth in self._synths:
            synth.close()
        self._synths.clear()
        if self._holder:
            self._lib.delete_fluid_synth(self._holder)
            self._lib.delete_fluid_settings(self._settings)
            self._holder = None

    def __del__(self) -> None:
        if getattr(self, "_holder", None):
            self.close()

    def _new_synth(self) -> tuple[Any, Any]:
        settings = self._lib.new_fluid_settings()
        self._lib.fluid_settings_setnum(settings, b"synth.sample-rate", float(self.sample_rate))
        self._lib.fluid_settings_setnum(settings, b"synth.gain", GAIN)
        for name, value in _SETTINGS:
            self._lib.fluid_settings_setint(settings, name, value)
        return settings, self._lib.new_fluid_synth(settings)


class Synth:
    """One instrument. Made by `SoundFont.synth`.

    The same calls since it was made give the same samples, in any blocks. A `reset` makes no new
    synthesiser of it: FluidSynth lets a voice glide, over 64 frames, from the panning of the last
    note it played.

    `phase` counts the frames since the last border of FluidSynth's own grid. `audible` says, of the
    last `render`, whether anything is still to come, the rest of a grid step included.
    """

    def __init__(self, library: Any, settings: Any, handle: Any, font: Any) -> None:
        self._lib, self._settings, self._handle, self._font = library, settings, handle, font
        self._voices = (ctypes.c_void_p * (POLYPHONY + 1))()
        self._waste = np.zeros((2, GRID_FRAMES), dtype=np.float32)
        self.phase = 0
        self.audible = self._struck = False
        self._rest = 0  # frames until the last grid step with a voice in it is surely over
        library.fluid_synth_pitch_wheel_sens(handle, 0, BEND_SEMITONES)

    def select(self, font: int, bank: int, program: int) -> None:
        """Choose the instrument, or the nearest one there is."""
        for choice in ((bank, program), (bank, program // 8 * 8), (bank, 0), (0, program), (0, 0)):
            if self._lib.fluid_synth_program_select(self._handle, 0, font, *choice) == 0:
                return
        raise StudioError("The SoundFont holds no instruments.")

    def note_on(self, pitch: int, velocity: int, cents: float = 0.0) -> None:
        """Start a note; `cents` detunes this note alone, whatever else sounds."""
        self._struck = True
        self._lib.fluid_synth_noteon(self._handle, 0, pitch, velocity)
        if cents:
            self._detune_newest(cents)

    def note_off(self, pitch: int) -> None:
        self._lib.fluid_synth_noteoff(self._handle, 0, pitch)

    def control(self, number: int, value: int) -> None:
        """A controller 0-127 (value 0-127), `BEND` (0-16383, 8192 is none) or `PRESSURE`
        (0-127)."""
        if number == BEND:
            self._lib.fluid_synth_pitch_bend(self._handle, 0, value)
        elif number == PRESSURE:
            self._lib.fluid_synth_channel_pressure(self._handle, 0, value)
        else:
            self._lib.fluid_synth_cc(self._handle, 0, number, value)

    def release(self) -> None:
        """Let go of every key and pedal; what sounds rings out as the instrument does."""
        self._lib.fluid_synth_cc(self._handle, 0, 64, 0)
        self._lib.fluid_synth_all_notes_off(self._handle, 0)

    def reset(self) -> None:
        """Silence, controllers at rest, and the next frame on the grid."""
        self.skip(-self.phase % GRID_FRAMES)
        self._lib.fluid_synth_all_sounds_off(self._handle, 0)
        for _ in range(4):  # one is enough for all but a voice that was just stolen
            if self.sounding:
                self.skip(GRID_FRAMES)
        for number, value in _RESET:
            self._lib.fluid_synth_cc(self._handle, 0, number, value)
        self._lib.fluid_synth_pitch_bend(self._handle, 0, 8192)
        self._lib.fluid_synth_channel_pressure(self._handle, 0, 0)

    def skip(self, frames: int) -> None:
        """Compute up to a grid step and drop it."""
        if frames:
            self.render(self._waste[:, :frames])

    @property
    def sounding(self) -> bool:
        """Whether any voice is left, a dying one included."""
        return bool(self._lib.fluid_synth_get_active_voice_count(self._handle))

    def render(self, out: npt.NDArray[np.float32]) -> None:
        """Overwrite `out` (shape [2, n], rows contiguous) with the next n frames."""
        frames = out.shape[1]
        left = out.ctypes.data
        right = left + out.strides[0]
        self._lib.fluid_synth_write_float(self._handle, frames, left, 0, 1, right, 0, 1)
        self.phase = (self.phase + frames) % GRID_FRAMES
        before, self._struck = self._struck, self.sounding
        self._rest = GRID_FRAMES if before or self._struck else max(self._rest - frames, 0)
        self.audible = self._rest > 0

    def close(self) -> None:
        if self._handle:
            self._lib.fluid_synth_remove_sfont(self._handle, self._font)
            self._lib.delete_fluid_synth(self._handle)
            self._lib.delete_fluid_settings(self._settings)
            self._handle = None

    def _detune_newest(self, cents: float) -> None:
        lib = self._lib
        lib.fluid_synth_get_voicelist(self._handle, self._voices, POLYPHONY, -1)
        voices = list(itertools.takewhile(bool, self._voices))
        newest = max((lib.fluid_voice_get_id(voice) for voice in voices), default=0)
        for voice in voices:
            if lib.fluid_voice_get_id(voice) == newest:
                tuned = lib.fluid_voice_gen_get(voice, _FINE_TUNE) + cents
                lib.fluid_voice_gen_set(voice, _FINE_TUNE, tuned)
                lib.fluid_voice_update_param(voice, _FINE_TUNE)
        lib.fluid_synth_get_active_voice_count(self._handle)  # any call: it hands the changes over
