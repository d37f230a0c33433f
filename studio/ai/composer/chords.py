"""Chords of a piece, four a bar: as given in words, or found by what sounds.

Every stretch is matched against each chord's expected weights of pitch classes and of the bass; the
best path (Viterbi 1967) holds a chord until another plainly fits better, as in Sheh & Ellis, Chord
Segmentation and Recognition using EM-Trained Hidden Markov Models (ISMIR 2003).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np

from studio.ai.composer.chroma import Chroma, Floats, Ints, chroma, quarter_bars, smoothed
from studio.ai.composer.piece import CHORDS_PER_BAR, Piece
from studio.ai.composer.vocabulary import QUALITIES
from studio.domain.theory import QUALITIES as THEORY
from studio.domain.theory import Chord, pitch_class

NONE = 0  # the class of "none"
_ROOT = re.compile(r"^\s*([A-Ga-g])([#b♯♭]?):?")
_NO_CHORD = re.compile(r"^\s*(N\.?C?\.?|X|none|\*)\s*$", re.IGNORECASE)
# What qualities are written with, in this order: words of MusicXML, signs of lead sheets.
_SIGNS = tuple(
    (re.compile(pattern), sign)
    for pattern, sign in (
        (r"_.*$", ""), (r"[\s\-]*half[\s\-]*diminished", "hdim"), (r"6/9", "69"), (r"/.*$", ""),
        (r"(?<=\d)[\-♭]", "b"), (r"(?<=\d)[+♯]", "#"), (r"ø", "hdim"), (r"°|^o", "dim"),
        (r"^\+", "aug"), (r"^-", "m"), (r"Δ7?|M7|M(?=9|1[13])", "maj7"), (r"M(?![a-z])", "maj"),
        (r"(?i)dominant|dom", "7"), (r"(?i)augmented", "aug"), (r"(?i)diminished", "dim"),
        (r"(?i)suspended", "sus"), (r"(?i)power", "5"), (r"(?i)minor|min", "m"),
        (r"(?i)major", "maj"), (r"(?i)seventh", "7"), (r"(?i)sixth", "6"), (r"(?i)ninth", "9"),
        (r"(?<=[a-z])\(", "add"), (r"[\s\-,()]", ""), (r"(?<=\d)th|fourth|second", ""),
    )
)  # fmt: skip
# What is left, folded onto the classes; the first that matches holds.
_CLASSES = tuple(
    (re.compile(pattern), quality)
    for pattern, quality in (
        (r"hdim|m(7|9|11).*b5", "m7b5"), (r"^dim|^mb5", "dim"), (r"^aug(add)?(7|9|b7)|^7#5", "7"),
        (r"^aug|^maj.*#5|^#5", "aug"), (r"^sus2|^2$", "5"), (r"sus|^4$|^11$", "sus4"),
        (r"^m(?!aj).*maj7|^maj?m|^m(add|b13|$|\W)", "m"), (r"^m6", "m6"),
        (r"^m(b?7|9|1[13])", "m7"), (r"^m(?!aj)", "m"), (r"^maj(7|9|1[13])", "maj7"),
        (r"^(maj)?6", "6"), (r"^b?7|^9|^1[13]", "7"), (r"^5|^1(?!\d)", "5"),
        (r"^(maj)?((add)?#?b?\d+)*$", ""),
    )
)  # fmt: skip


@cache
def quality_class(text: str) -> int:
    """The class in `vocabulary.QUALITIES` of a chord's quality as written, root left off.

    Understands the names of `studio.domain.theory.QUALITIES`, of lead sheets (`m7b5/D`, `7+11`),
    the kinds of MusicXML (`dominant-ninth`) and Harte's notation (`min7(9)/b3`: Harte et al.,
    Symbolic Representation of Musical Chords, ISMIR 2005). What it does not know is `none`.
    """
    for pattern, sign in _SIGNS:
        text = pattern.sub(sign, text)
    found = next((quality for pattern, quality in _CLASSES if pattern.search(text)), "none")
    return QUALITIES.index(found)


@cache
def chord_named(text: str) -> tuple[int, int]:
    """Root (-1: none) and quality class of a chord as written: `Dm7`, `C:dominant`, `N`."""
    found = _ROOT.match(text)
    if not found or _NO_CHORD.match(text):
        return -1, NONE
    quality = quality_class(text[found.end() :])
    return (pitch_class(found[1], found[2]), quality) if quality != NONE else (-1, NONE)


def chord_of(root: int, quality: int) -> Chord | None:
    """The plainest chord of a root and a quality class; None for none."""
    return None if root < 0 or quality == NONE else Chord(root, QUALITIES[quality])


def with_chords(piece: Piece) -> Piece:
    """The piece with a chord in each quarter of a bar where its bar has none.

    A bar with a chord given keeps what it has. Silence keeps the chord that sounded before it;
    a bar of silence has none.
    """
    bars = piece.bars
    unknown = np.all(bars["root"] < 0, axis=1)
    if not unknown.any():
        return piece
    root, quality = _found(piece)
    bars = bars.copy()
    bars["root"][unknown], bars["quality"][unknown] = root[unknown], quality[unknown]
    return replace(piece, bars=bars)


# --- finding chords ---------------------------------------------------------------------------

# Weights of the chord's tones, root first, by class; the rest falls on all other pitch classes.
_TONES: dict[str, tuple[float, ...]] = {
    "": (0.38, 0.28, 0.26), "m": (0.38, 0.28, 0.26), "7": (0.32, 0.22, 0.2, 0.18),
    "maj7": (0.3, 0.23, 0.22, 0.17), "m7": (0.3, 0.23, 0.22, 0.17), "dim": (0.32, 0.28, 0.3),
    "aug": (0.33, 0.3, 0.28), "sus4": (0.36, 0.26, 0.28), "m7b5": (0.27, 0.23, 0.22, 0.2),
    "6": (0.3, 0.24, 0.22, 0.17), "m6": (0.3, 0.24, 0.22, 0.17), "5": (0.52, 0.4),
}  # fmt: skip
# How seldom each class is, in nats.
_RARENESS = {
    "": 0.0, "m": 0.0, "7": -0.1, "maj7": 0.6, "m7": 0.3, "dim": 0.7, "aug": 1.6, "sus4": 1.0,
    "m7b5": 0.9, "6": 1.2, "m6": 1.3, "5": 1.2,
}  # fmt: skip
_CLASS_ORDER = QUALITIES[1:]
_SHARPNESS = 5.0  # notes' worth that a full stretch counts
_BASS_WEIGHT = 0.65
# How much seldomer each degree's chord is than the tonic's, nats: counted in charts of songs.
_DEGREES = (
    (0.0, 4.0, 1.3, 3.4, 2.3, 1.1, 3.9, 0.6, 3.5, 1.5, 2.8, 3.5),
    (0.0, 3.7, 2.5, 1.4, 4.2, 1.2, 4.2, 1.2, 1.3, 4.0, 1.2, 4.2),
)
_ONE_VOICE = 1.3  # notes at once, below which chords are guessed rather than heard
_GUESSED, _HEARD = 0.8, 0.25  # how much the degrees count then, and else
_GUESSED_RARENESS = 3.0
_OUT_OF_KEY = 0.35  # nats for each tone that is not of the key
_CHANGE_COSTS = (2.0, 5.0, 3.0, 5.0)  # nats, in the quarters of a bar
_PART_WEIGHTS = {"melody": 0.35, "counter": 0.6, "bass": 0.5}  # of the others: 1
_MAJOR_SCALE, _MINOR_SCALE = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10, 11)


@cache
def _templates() -> tuple[Floats, Floats, Floats]:
    """Log weights of pitch classes and of the bass, and tones as 0 or 1: each [144, 12].

    Row 12 * class + root, classes as in `QUALITIES` without none.
    """
    sounds, basses, tones = (np.zeros((len(_CLASS_ORDER) * 12, 12)) for _ in range(3))
    for row, (quality, root) in enumerate((q, r) for q in _CLASS_ORDER for r in range(12)):
        weights = _TONES[quality]
        at = [(root + step) % 12 for step in THEORY[quality]]
        sounds[row] = (1 - sum(weights)) / (12 - len(weights))
        sounds[row, at] = weights
        basses[row] = 0.1 / (12 - len(at))
        basses[row, at] = (0.66, 0.12, 0.1, 0.02)[: len(at)]
        tones[row, at] = 1
    return np.log(sounds), np.log(basses), tones


def _found(piece: Piece) -> tuple[Ints, Ints]:
    """Root and quality class in each quarter of each bar, shape [bars, 4]."""
    weights = [_PART_WEIGHTS.get(part.role, 1.0) for part in piece.parts]
    heard = chroma(piece, quarter_bars(piece), weights)
    costs = np.tile(_CHANGE_COSTS, len(piece.bars))
    path = smoothed(_scores(heard, piece), costs)
    root, quality = path % 12, path // 12 + 1
    shape = (len(piece.bars), CHORDS_PER_BAR)
    silent = ~np.any(heard.weight.reshape(len(piece.bars), -1), axis=1)
    root, quality = root.reshape(shape), quality.reshape(shape)
    root[silent], quality[silent] = -1, NONE
    return root, quality


def _scores(heard: Chroma, piece: Piece) -> Floats:
    """How well each chord fits each stretch, in nats, shape [n, 144]."""
    sounds, basses, tones = _templates()
    total = heard.weight.sum(1, keepdims=True)
    share, filled = heard.weight / np.maximum(total, 1e-9), np.minimum(heard.voices, 1.0)[:, None]
    scores = _SHARPNESS * filled * (share @ sounds.T)
    lowest = heard.bass >= 0
    scores[lowest] += _BASS_WEIGHT * basses.T[heard.bass[lowest]]
    alone = heard.voices[:, None] < _ONE_VOICE
    rareness = np.repeat([_RARENESS[quality] for quality in _CLASS_ORDER], 12)
    scores -= rareness * np.minimum(filled * 2, 1.0) * np.where(alone, _GUESSED_RARENESS, 1.0)
    scores -= np.where(alone, _GUESSED, _HEARD) * _seldom(piece) * (total > 0)
    return np.asarray(scores - _OUT_OF_KEY * _strangers(piece, tones) * (total > 0))


def _seldom(piece: Piece) -> Floats:
    """How seldom each chord's degree is in the key of each stretch, shape [n, 144]."""
    known = (piece.bars["tonic"] >= 0) & (piece.bars["mode"] >= 0)
    degree = (np.arange(144)[None, :] - piece.bars["tonic"][:, None]) % 12
    nats = np.array(_DEGREES)[piece.bars["mode"][:, None], degree]
    return np.repeat(np.where(known[:, None], nats, 0.0), CHORDS_PER_BAR, axis=0)


def _strangers(piece: Piece, tones: Floats) -> Floats:
    """How many tones of each chord are foreign to the key of each stretch, shape [n, 144]."""
    outside = np.ones((3, 12, 12))
    for tonic in range(12):
        outside[0, tonic, [(tonic + step) % 12 for step in _MAJOR_SCALE]] = 0
        outside[1, tonic, [(tonic + step) % 12 for step in _MINOR_SCALE]] = 0
    outside[2] = 0
    mode = np.where(piece.bars["tonic"] < 0, 2, piece.bars["mode"])
    foreign = outside[mode, piece.bars["tonic"]] @ tones.T
    return np.repeat(foreign, CHORDS_PER_BAR, axis=0)
