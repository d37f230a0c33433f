"""Listening to a whole recording, by networks and by rule."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from studio.ai.listening import rules
from studio.ai.listening.beats import beats_of
from studio.ai.listening.heard import SHORTEST_SECONDS, Floats, Heard
from studio.ai.listening.listen import (
    BY_RULE,
    Ears,
    Kind,
    listen,
    passes,
    reached,
    transcribe,
)
from studio.ai.listening.mono import Mono
from studio.ai.listening.tonal import Tonal
from studio.ai.models.listener import ears
from studio.ai.nets import beat_net, chord_net, note_net, pitch_net
from studio.core.errors import Cancelled, StudioError
from tests.ai.listening.sounds import CHORD_NAMES, RATE, band, kick, line, noise, put

BEATS = np.arange(0.5, 24.0, 0.5)  # 120 bpm
PACKAGES = (beat_net.PACKAGE, chord_net.PACKAGE, note_net.PACKAGE, pitch_net.PACKAGE)


@cache
def networks() -> Ears:
    return ears()


@cache
def heard(by_rule: bool) -> Heard:
    return listen(Mono.of(band(BEATS), RATE), BY_RULE if by_rule else networks())


BOTH = pytest.mark.parametrize("by_rule", [True, False], ids=["rules", "networks"])


def names(found: Heard, seconds: list[float]) -> list[str]:
    """The chords that sound at `seconds`."""
    return [
        next((c.chord.name() for c in found.chords if c.start <= at < c.end), "-") for at in seconds
    ]


@BOTH
def test_the_beats_and_bars_of_a_band_are_found(by_rule: bool) -> None:
    beats = heard(by_rule).beats
    near = [np.abs(beats.seconds - beat).min() for beat in BEATS]
    assert np.mean(np.array(near) < 0.05) > 0.95
    assert abs(len(beats) - len(BEATS)) <= 3
    assert beats.bpm == pytest.approx(120.0, rel=0.01)
    assert beats.beats_per_bar == 4
    downs = beats.seconds[beats.downbeats]
    if by_rule:  # to a network that learnt from records this is hardly music
        assert np.mean([np.abs(downs - bar).min() < 0.07 for bar in BEATS[::4]]) > 0.8


@BOTH
def test_its_chords_and_its_key_are_found(by_rule: bool) -> None:
    found = heard(by_rule)
    assert found.key is not None
    assert found.key.name == "C major"
    middles = [1.5 + 2.0 * bar for bar in range(11)]
    wanted = [CHORD_NAMES[bar % 4] for bar in range(11)]
    right = sum(a == b for a, b in zip(names(found, middles), wanted, strict=True))
    assert right >= 9
    assert abs(found.tuning_cents) < 5.0


@pytest.mark.parametrize(("first_beat", "begins"), [(3, 1.5), (10, 0.0)])
def test_a_pickup_has_no_chord_and_a_free_opening_has(first_beat: int, begins: float) -> None:
    """A pickup is shorter than a bar, which lasts two seconds here."""
    edges = np.arange(0.0, 12.5, 0.5)
    rows = np.tile(np.isin(np.arange(12), (0, 4, 7)).astype(float), (len(edges) - 1, 1))
    seconds = edges[first_beat:-1]
    counted = beats_of(seconds, np.arange(len(seconds)) % 4 == 0)
    found = rules.chords_of(Tonal(edges, rows, rows, np.zeros((len(rows), 7)), 0.0), counted)
    assert [(c.start, c.end, c.chord.name()) for c in found] == [(begins, 12.0, "C")]


@BOTH
def test_equal_recordings_are_heard_alike(by_rule: bool) -> None:
    how = BY_RULE if by_rule else networks()
    sound = band(BEATS[:12])
    first, second = (listen(Mono.of(sound, RATE), how) for _ in range(2))
    assert first.beats.seconds.tolist() == second.beats.seconds.tolist()
    assert (first.chords, first.key, first.sections) == (second.chords, second.key, second.sections)


@pytest.mark.parametrize("rate", [8_000, 96_000])
def test_other_rates_and_stereo_are_heard_too(rate: int) -> None:
    sound = band(BEATS[:17], rate=rate)
    found = listen(Mono.of(np.stack([sound, sound], axis=1), rate))
    assert found.beats.bpm == pytest.approx(120.0, rel=0.02)
    assert names(found, [1.5, 3.5, 5.5]) == CHORD_NAMES[:3]


def test_a_note_that_rings_to_the_very_end_is_heard() -> None:
    """Whatever moment of it is the last."""
    for cut in range(0, 4000, 256):
        sound = line([60, 64], 0.8)
        notes = transcribe(Mono.of(sound[: len(sound) - cut], RATE), Kind.NOTES, networks())
        assert 64 in notes.pitch


def test_silence_has_nothing_in_it() -> None:
    found = listen(Mono.of(np.zeros((5 * RATE, 2), np.float32), RATE), networks())
    assert not len(found.beats)
    assert (found.key, found.chords, found.sections) == (None, (), ())
    assert "silent" in found.why
    for kind in Kind:
        assert not len(transcribe(Mono.of(np.zeros(RATE, np.float32), RATE), kind, networks()))


@pytest.mark.parametrize("kind", [None, *Kind])
@BOTH
def test_how_far_it_is_rises_to_its_end_through_every_pass(
    by_rule: bool, kind: Kind | None
) -> None:
    how = BY_RULE if by_rule else networks()
    foretold = passes(how, kind)
    told: list[tuple[float, str]] = []
    mono = Mono.of(band(BEATS), RATE, lambda: told.append(reached(foretold, mono)))
    if kind is None:
        listen(mono, how)
    else:
        transcribe(mono, kind, how)
    assert (mono.begun, mono.part) == (len(foretold), 1.0)
    shares = [share for share, _ in [*told, reached(foretold, mono)]]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert list(dict.fromkeys(text for _, text in told)) == [one.text for one in foretold]
    assert max(np.diff(shares)) < 0.4 or kind not in (None, Kind.NOTES)  # all else is quick


def test_slow_beats_with_as_much_between_them_are_half_of_the_beats() -> None:
    """A network may count every other beat; what is struck between them tells."""
    seconds = np.arange(0.5, 24.0, 1 / 3)  # 180 bpm

    def halves(mono: Mono) -> tuple[Floats, float]:
        likely = np.zeros((round(mono.seconds * 50), 2), np.float32)
        places = np.rint(seconds[::2] * 50).astype(int)
        likely[places, 0] = 0.8
        likely[places[::4]] = (0.1, 0.8)
        return likely, 50.0

    struck = np.zeros(round(25.0 * RATE), np.float32)
    for index, second in enumerate(seconds):
        put(struck, kick() if index % 4 == 0 else noise(0.1, 400.0, 0.4), float(second))
    found = listen(Mono.of(struck, RATE), Ears(activation=halves)).beats
    assert found.bpm == pytest.approx(180.0, rel=0.02)


@pytest.mark.parametrize("kind", [None, *Kind])
@BOTH
def test_odd_recordings_are_one_sentence_or_an_answer(by_rule: bool, kind: Kind | None) -> None:
    how = BY_RULE if by_rule else networks()
    rng = np.random.default_rng(4)
    for rate, sound in (
        (8_000, np.full((24_000, 2), 0.7, np.float32)),  # an offset and nothing else
        (96_000, np.full(96_000 * 3, np.nan, np.float32)),
        (44_100, rng.choice([-1.0, 1.0], (44_100 * 3, 1)).astype(np.float32)),  # clipped
        (44_100, np.zeros((44_100, 2), np.float32)),  # a second
        (22_050, np.eye(1, 60_000, dtype=np.float32)[0]),  # one click
    ):
        mono = Mono.of(sound, rate)
        if kind is not None:
            assert (np.diff(transcribe(mono, kind, how).start) >= 0).all()
        elif mono.seconds < SHORTEST_SECONDS:
            with pytest.raises(StudioError, match="too short"):
                listen(mono, how)
        else:
            assert listen(mono, how).why


@BOTH
def test_noise_is_survived(by_rule: bool) -> None:
    sound = np.random.default_rng(2).normal(size=4 * RATE).astype(np.float32)
    found = listen(Mono.of(sound, RATE), BY_RULE if by_rule else networks())
    assert found.seconds == pytest.approx(4.0)


def test_too_short_a_recording_is_refused() -> None:
    with pytest.raises(StudioError, match="too short"):
        listen(Mono.of(line([60], 0.5), RATE))


@pytest.mark.parametrize("after", [0, 3, 12])
def test_listening_stops_on_request(after: int) -> None:
    looks = 0

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks > after:
            raise Cancelled

    with pytest.raises(Cancelled):
        listen(Mono.of(band(BEATS), RATE, check), networks())


def test_what_is_not_installed_is_heard_by_rule_and_said() -> None:
    assert ears(frozenset(PACKAGES)) == BY_RULE
    without = ears(frozenset({chord_net.PACKAGE}))
    assert without.chords is None
    assert without.activation is not None
    found = listen(Mono.of(band(BEATS[:9]), RATE), without)
    assert "chords were heard by rule" in found.why
    assert "One voice" in transcribe(Mono.of(line([60, 64], 0.5), RATE)).why


def test_notes_that_sound_together_are_written_down() -> None:
    sound = line([60, 64, 67], 1.0) + line([48, 48, 48], 1.0)
    found = transcribe(Mono.of(sound, RATE), Kind.NOTES, networks())
    for second, pitches in enumerate([(48, 60), (48, 64), (48, 67)]):
        near = found.pitch[np.abs(found.start - second) < 0.05]
        assert set(pitches) <= set(near.tolist())
