"""How near the stems come: ratios per song and stem, for every method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import fast_bss_eval
import numpy as np

from studio.ai.requests import STEMS
from studio.ai.training.composer.figures import plots
from studio.ai.training.separator.figures import references
from studio.ai.training.separator.figures.splitters import CEILING, NETWORK, NOTHING, Splitter
from studio.ai.training.separator.measures import is_silent, level_db, sdr_db, si_sdr_db
from studio.ai.training.separator.songs import Song, Sound, recorded, rendered

SETS = {
    "recorded": "The held-out CC0 song, in parts",
    "excerpt": "An excerpt from MUSDB18",
    "rendered": "Held-out rendered songs",
}
GUITARS = "guitars"
RATIOS = ("sdr", "bss", "si_sdr")
MOST_SECONDS = 30  # of a song


def measure(work: Path, splitters: Mapping[str, Splitter], songs: int) -> dict[str, Any]:
    """Of each set, song, method and stem the ratios in dB, and leakage where a stem is silent."""
    sets: dict[str, Iterable[Song]] = {
        "recorded": recorded(work, "test"),
        "excerpt": references.excerpts(work),
        "rendered": rendered(work, "test", songs),
    }
    found: dict[str, Any] = {
        name: {
            song.name: {method: _of(song, split) for method, split in splitters.items()}
            for song in map(_shortened, several)
        }
        for name, several in sets.items()
    }
    found[GUITARS] = {
        name: {
            method: _of_guitar(pair, split)
            for method, split in splitters.items()
            if method not in (NOTHING, CEILING)
        }
        for name, pair in list(references.guitars(work))[:songs]
    }
    return found


def joined(before: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """The songs of now, with what other methods made of them before."""
    return {
        name: {song: {**before.get(name, {}).get(song, {}), **told} for song, told in songs.items()}
        for name, songs in fresh.items()
    }


def _shortened(song: Song) -> Song:
    return Song(song.name, song.stems[..., : MOST_SECONDS * 44_100])


def _of(song: Song, split: Splitter) -> dict[str, dict[str, float]]:
    mix = song.mix
    found = split(song)
    return {
        stem: {"leakage": level_db(given, mix)}
        if is_silent(wanted, mix)
        else _ratios(wanted, given)
        for stem, wanted, given in zip(STEMS, song.stems, found, strict=True)
    }


def _of_guitar(pair: Sound, split: Splitter) -> dict[str, dict[str, float]]:
    """The guitar against `other`, and the rest against all else."""
    mix = pair.sum(0)
    stems = split(Song("", np.concatenate((mix[None], np.zeros((3, *mix.shape), np.float32)))))
    other = stems[STEMS.index("other")]
    return {"guitar": _ratios(pair[0], other), "rest": _ratios(pair[1], mix - other)}


def _ratios(wanted: Sound, given: Sound) -> dict[str, float]:
    if not given.any():  # no gain and no filter makes anything of it
        return {"sdr": sdr_db(wanted, given)}
    return {
        "sdr": sdr_db(wanted, given),
        "bss": bss_db(wanted, given),
        "si_sdr": si_sdr_db(wanted, given),
    }


def bss_db(wanted: Sound, given: Sound) -> float:
    """SDR of BSS Eval (Vincent et al. 2006): a filter of 512 taps on what was wanted is right."""
    told = []
    for one, other in zip(wanted.astype(np.float64), given.astype(np.float64), strict=True):
        if np.square(one).mean() > 1e-10:
            many = fast_bss_eval.sdr(
                one[None], other[None] + 1e-9 * np.roll(one, 1), filter_length=512,
                clamp_db=80, use_cg_iter=None,
            )  # fmt: skip
            told.append(float(np.squeeze(many)))
    return float(np.mean(told)) if told else float("nan")


def draw(data: Mapping[str, Any], folder: Path) -> list[str]:
    """SDR of every method on recorded music."""
    told = _methods(data["recorded"]) or _methods(data["rendered"])
    methods = [method for method in told if method != NOTHING]
    if not methods:
        return []
    series = {
        method: [_mean(data["recorded"], method, stem, "sdr") for stem in STEMS]
        for method in methods
    }
    with plots.axes(folder / "nearness.svg") as ax:
        plots.grouped(ax, STEMS, series, "SDR, dB")
    return ["nearness.svg"]


def tell(data: Mapping[str, Any]) -> str:
    words = (
        "`SDR` over a whole part, as at the Music Demixing Challenges; `BSS` after BSS Eval, which "
        "lets the wanted sound go through a filter of 512 taps, mean of both channels; `SI-SDR` "
        f"lets it have any gain. dB, means over n songs, of each the first {MOST_SECONDS} s. "
        "`leakage` is the level, against the mix, of a stem that ought to be silent: the lower "
        "the better. The CC0 song is by the people whose other songs were learnt from; the excerpt "
        "and the songs of Frets on Fire are by others."
    )
    parts = [words]
    for name, title in SETS.items():
        if data[name]:
            parts += [f"### {title}", _table(data[name], STEMS), _each(data[name], STEMS)]
    if data[GUITARS]:
        told = (
            "Guitar and rest are known, which is no stem of ours: `other` is held against the "
            "guitar, all else against the rest."
        )
        pair = ("guitar", "rest")
        parts += [
            "### Songs of Frets on Fire", told, _table(data[GUITARS], pair),
            _each(data[GUITARS], pair),
        ]  # fmt: skip
    return "\n\n".join(parts)


def _methods(songs: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(method for song in songs.values() for method in song))


def _told(songs: Mapping[str, Any], method: str, stem: str, ratio: str) -> list[float]:
    several = (song[method].get(stem, {}) for song in songs.values() if method in song)
    return [one[ratio] for one in several if ratio in one]


def _mean(songs: Mapping[str, Any], method: str, stem: str, ratio: str) -> float:
    told = _told(songs, method, stem, ratio)
    return float(np.mean(told)) if told else float("nan")


def _table(songs: Mapping[str, Any], stems: Iterable[str]) -> str:
    rows: list[list[object]] = []
    for method in _methods(songs):
        for stem in stems:
            counts = len(_told(songs, method, stem, "sdr"))
            means = [_mean(songs, method, stem, ratio) for ratio in (*RATIOS, "leakage")]
            rows.append([method, stem, counts, *means])
    return plots.table(("", "stem", "n", "SDR", "BSS", "SI-SDR", "leakage"), rows, 1)


def _each(songs: Mapping[str, Any], stems: Iterable[str]) -> str:
    """The network's SDR, song by song."""
    stems = list(stems)
    rows = [
        [name, *(song[NETWORK][stem].get("sdr", float("nan")) for stem in stems)]
        for name, song in songs.items()
        if NETWORK in song
    ]
    return plots.table(("SDR of the network", *stems), rows, 1) if rows else ""
