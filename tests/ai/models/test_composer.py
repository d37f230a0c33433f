"""The composer's network keeps to every limit, however little it has learnt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from studio.ai.cards import composer_card
from studio.ai.catalogue import ModelCard
from studio.ai.composer.measures import count, of_result
from studio.ai.composer.window import Example
from studio.ai.models.composer import Composer
from studio.ai.nets.composer import Composer as Network
from studio.ai.nets.composer import ComposerConfig
from studio.ai.nets.composer_decode import Decoder
from studio.ai.nets.composer_weights import write
from studio.ai.requests import Controls, Request, Result, Task
from studio.ai.sketch.instruments import COMPASS
from studio.ai.sketch.score import Bar, Event
from studio.ai.sketch.settle import Settler
from studio.core.errors import Cancelled
from studio.domain.clip import ClipId, NoteClip
from studio.domain.device import DeviceId, soundfont
from studio.domain.gap import Gap
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.track import Track, TrackId, TrackKind
from tests.ai.constraints import Quiet, broken, violations
from tests.ai.random_requests import random_request
from tests.ai.sketch_report import song_of

CARD = ModelCard(
    "composer", "Composer", "", "", "untaught",
    frozenset(set(Task) - {Task.LEARN, Task.ARRANGE}), "GPL-3.0-or-later", 40, 512, 512,
)  # fmt: skip


@pytest.fixture(scope="module")
def untaught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composer]:
    """A network of random weights: what it writes is as wild as can be."""
    folder, threads = tmp_path_factory.mktemp("weights"), torch.get_num_threads()
    with torch.random.fork_rng():
        torch.manual_seed(1)
        config = ComposerConfig(width=32, layers=2, heads=2)
        write(folder, config, Network(config).state_dict(), {})
    model = Composer(folder, candidates=2)
    model.load("cpu")
    yield model
    torch.set_num_threads(threads)


def _requests(first: int, count: int) -> list[Request]:
    found = (random_request(seed, CARD)[1] for seed in range(first, first + count))
    return [request for request in found if request is not None]


@pytest.fixture(autouse=True)
def _short_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """An untaught network would go on until a bar is full."""
    monkeypatch.setattr("studio.ai.composer.rules.MOST_NOTES", 9)


@pytest.mark.parametrize("first", range(0, 30, 10))
def test_no_limit_is_broken_whatever_is_asked(untaught: Composer, first: int) -> None:
    wrong = {i: found for i, r in enumerate(_requests(first, 10)) if (found := broken(untaught, r))}
    assert not wrong


def test_equal_requests_write_equal_notes(untaught: Composer) -> None:
    request = next(r for r in _requests(200, 40) if r.task is Task.COMPOSE)
    assert untaught.generate(request, Quiet()) == untaught.generate(request, Quiet())


class _Impatient(Quiet):
    """Cancels at the third time it is asked."""

    def __init__(self) -> None:
        self.asked, self.told = 0, 0

    def check_cancelled(self) -> None:
        self.asked += 1
        if self.asked == 3:
            raise Cancelled

    def partial(self, result: Result) -> None:
        self.told += any(len(part.notes) for part in result.parts)


def test_it_stops_within_a_note(untaught: Composer) -> None:
    """In the first bar, for rock has more strokes there than two."""
    request = _song_for("rock", 8)
    context = _Impatient()
    with pytest.raises(Cancelled):
        untaught.generate(request, context)
    assert context.asked == 3
    assert context.told == 0


def _song_for(prompt: str, bars: int, meter: tuple[int, int] = (4, 4), seed: int = 1) -> Request:
    gap = Gap((), 0, bars * meter[0] * 3840 // meter[1])
    controls = Controls(meter=meter)
    return Request(Task.COMPOSE, gap, "composer", "", seed, new_song(), prompt, controls=controls)


def test_a_line_sounds_one_note_at_a_time_over_bar_lines_too(untaught: Composer) -> None:
    request = _song_for("pop with flute and trumpet", 16)
    assert not violations(request, untaught.generate(request, Quiet()))


@pytest.mark.parametrize(
    ("prompt", "bars", "meter"),
    [
        ("jazz with drums and trumpet and flute", 2, (4, 4)),
        ("ambient with accordion and drums and saxophone", 2, (3, 4)),
        ("pop with vibraphone and accordion and violin", 2, (2, 4)),
        ("funk with strings and cello", 1, (4, 4)),
        ("only trumpet", 5, (6, 8)),
    ],
)
def test_all_play_who_were_asked_for_and_up_to_the_last_bar(
    untaught: Composer, prompt: str, bars: int, meter: tuple[int, int]
) -> None:
    request = _song_for(prompt, bars, meter)
    parts = untaught.generate(request, Quiet()).parts
    assert all(len(part.notes) for part in parts)
    last = request.gap.end - request.gap.end // bars
    assert max(int(part.notes.start.max()) for part in parts) >= last


def test_a_band_is_louder_in_a_chorus_than_in_its_verse(untaught: Composer) -> None:
    parts = untaught.generate(_song_for("pop: verse 8, chorus 8", 16), Quiet()).parts
    band = [part.notes for part in parts if part.role != "melody"]
    start = np.concatenate([notes.start for notes in band])
    loud = np.concatenate([notes.velocity for notes in band]).astype(float)
    verse, chorus = loud[start < 8 * 3840], loud[start >= 8 * 3840]
    assert chorus.mean() > verse.mean() + 3


def test_a_new_bass_meets_the_kicks_on_beats_or_stays_away(
    untaught: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.ai.composer.rules.MOST_NOTES", 40)
    kicks = missed = 0
    for style in ("rock", "pop", "funk"):
        counts = count(of_result(untaught.generate(_song_for(style, 4), Quiet())))
        kicks, missed = kicks + counts.kicks, missed + counts.kicks_missed
    assert kicks > 12
    assert missed <= 0.1 * kicks


def test_a_new_bass_is_on_the_one_of_every_bar(
    untaught: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.ai.composer.rules.MOST_NOTES", 40)
    for style in ("rock", "lo-fi"):
        parts = untaught.generate(_song_for(style, 4), Quiet()).parts
        bass = next(part.notes for part in parts if part.role == "bass")
        assert set(range(0, 4 * 3840, 3840)) <= set(bass.start.tolist())


def test_the_last_chord_of_a_song_rings_to_its_end(untaught: Composer) -> None:
    parts = untaught.generate(_song_for("rock", 4), Quiet()).parts
    last = 3 * 3840
    bass = next(part.notes for part in parts if part.role == "bass")
    assert bass.length[bass.start >= last].min() >= 2880


def test_bars_of_more_than_sixteen_quarters_are_written_to_their_end(untaught: Composer) -> None:
    result = untaught.generate(_song_for("jazz", 6, (9, 2)), Quiet())
    places = np.concatenate([part.notes.start % (18 * 960) for part in result.parts])
    assert places.min() < 16 * 960 <= places.max()


def test_under_a_chord_lock_nothing_else_is_even_written(
    untaught: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A note that had to be moved afterwards would not be what the network heard."""
    moved: list[Event] = []
    in_chord = Settler._in_chord

    def watched(self: Settler, event: Event, bars: Sequence[Bar]) -> Event | None:
        found = in_chord(self, event, bars)
        moved.extend([event] if found is None or found.pitch != event.pitch else [])
        return found

    monkeypatch.setattr(Settler, "_in_chord", watched)
    request = _song_for("jazz", 8)
    locked = replace(request, controls=replace(request.controls, keep_to_chords=True))
    assert any(len(part.notes) for part in untaught.generate(locked, Quiet()).parts)
    assert not moved


@pytest.mark.parametrize("kit", [False, True])
def test_a_role_that_the_sound_belies_is_written_all_the_same(
    untaught: Composer, kit: bool
) -> None:
    song = song_of("rock", bars=4)
    tracks = [t for t in song.tracks if t.kind is TrackKind.INSTRUMENT and t.is_drums is kit]
    track = replace(tracks[0], role="melody" if kit else "drums")
    song = replace(song, tracks=tuple(track if t.id == track.id else t for t in song.tracks))
    gap = Gap((track.id,), 3840, 3 * 3840)
    for task in (Task.REWRITE, Task.HUMANISE):
        assert not broken(untaught, Request(task, gap, "composer", "", 1, song))


def test_what_was_played_late_is_made_no_later_by_playing_it_anew(untaught: Composer) -> None:
    """Timing counts from where a note is written, the network's from the grid beneath it."""
    starts = np.arange(16) * 960 + 50
    clip = NoteClip(ClipId("c"), 0, 4 * 3840, Notes.of(starts, 480, 60, velocity=80))
    devices = (soundfont(DeviceId("d"), 0),)
    track = Track(TrackId("t"), TrackKind.INSTRUMENT, "", (clip,), devices, role="melody")
    song, gap = new_song().with_new_track(track), Gap((TrackId("t"),), 0, 4 * 3840)
    controls = Controls(amount=1.0)
    request = Request(Task.HUMANISE, gap, "composer", "", 1, song, controls=controls)
    notes = untaught.generate(request, Quiet()).parts[0].notes
    off = notes.start + notes.timing - np.arange(16) * 960
    bins = {round(7.5 * late) for late in range(-16, 17)}
    assert {int(ticks) for ticks in off[1:]} <= bins


def test_more_tracks_than_the_network_has_slots_are_all_written(untaught: Composer) -> None:
    song = new_song()
    for number in range(18):
        notes = Notes.of(np.arange(8) * 960, 480, 50 + number, velocity=80)
        clip = NoteClip(ClipId(f"clip {number}"), 0, 2 * 3840, notes)
        devices = (soundfont(DeviceId(f"device {number}"), 0),)
        id = TrackId(f"track {number}")
        track = Track(id, TrackKind.INSTRUMENT, f"{number}", (clip,), devices, role="chords")
        song = song.with_new_track(track)
    gap = Gap(tuple(track.id for track in song.tracks if track.clips), 3840, 2 * 3840)
    assert not broken(untaught, Request(Task.REWRITE, gap, "composer", "", 1, song))
    controls = Controls(amount=1.0)
    request = Request(Task.HUMANISE, gap, "composer", "", 1, song, controls=controls)
    assert not broken(untaught, request)
    parts = untaught.generate(request, Quiet()).parts
    for first in (0, 8, 16):
        assert any(set(part.notes.velocity.tolist()) - {80} for part in parts[first : first + 8])


def test_bars_that_return_are_around_the_gap_and_not_silent_in_it(
    untaught: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After every bar that the network is told to write it is asked for a note."""
    told: list[str] = []
    feed, note = Decoder.feed, Decoder.note

    def fed(self: Decoder, features: Any, beats: Any, **rest: Any) -> None:
        told.append("bar" if features.ndim == 1 else "")
        feed(self, features, beats, **rest)

    def noted(self: Decoder, *args: Any, **rest: Any) -> Any:
        told.append("note")
        return note(self, *args, **rest)

    monkeypatch.setattr(Decoder, "feed", fed)
    monkeypatch.setattr(Decoder, "note", noted)
    untaught.generate(_song_for("jazz", 16), Quiet())
    assert "bar" in told
    assert all(after == "note" for one, after in pairwise(told) if one == "bar")


def test_it_is_offered_only_where_all_that_it_needs_lies(tmp_path: Path) -> None:
    names = ("composer.json", "plans.json", "weights.safetensors")
    for name in names:
        assert composer_card(tmp_path) is None
        (tmp_path / name).write_text('{"digest": "x"}')
    card = composer_card(tmp_path)
    assert card is not None
    assert card.digest.startswith("composer-")


def _melody(starts: npt.ArrayLike, velocities: npt.ArrayLike) -> Project:
    return _track("melody", 73, Notes.of(starts, 960, 67, velocity=velocities))


def _track(role: str, program: int, notes: Notes) -> Project:
    """A song of one track `m`, whose clip `m` lasts for as many whole bars as it has to."""
    clip = NoteClip(ClipId("m"), 0, -(-int(notes.end.max()) // 3840) * 3840, notes)
    devices = (soundfont(DeviceId("s"), program),)
    track = Track(TrackId("m"), TrackKind.INSTRUMENT, "", (clip,), devices, role=role)
    return new_song().with_new_track(track)


def _named(song: Project) -> Gap:
    """All notes of the clip `m`."""
    clip = song.clip(ClipId("m"))
    assert isinstance(clip, NoteClip)
    held = ((clip.id, tuple(clip.notes.id.tolist())),)
    return Gap((TrackId("m"),), 0, clip.length, notes=held)


def test_notes_that_get_other_pitches_stay_as_many_and_as_loud(untaught: Composer) -> None:
    """Each rings until the next begins: none may be lost because its new key is still held."""
    starts, loud = np.arange(32) * 960, 60 + np.arange(32)
    song = _melody(starts, loud)
    clip = song.clip(ClipId("m"))
    assert isinstance(clip, NoteClip)
    held = ((clip.id, tuple(clip.notes.id.tolist())),)
    for seed in range(4):
        gap = Gap((TrackId("m"),), 0, 8 * 3840, notes=held)
        notes = untaught.generate(Request(Task.REWRITE, gap, "composer", "", seed, song), Quiet())
        assert notes.parts[0].notes.start.tolist() == starts.tolist()
        assert notes.parts[0].notes.velocity.tolist() == loud.tolist()


def test_a_low_left_hand_gets_other_pitches_where_it_lies(untaught: Composer) -> None:
    """Chords usually begin an octave above."""
    assert COMPASS["chords"][0] > 43
    song = _track("chords", 0, Notes.of(np.arange(16) * 960, 900, [36, 43] * 8, velocity=80))
    for gap in (_named(song), replace(_named(song), notes=())):
        request = Request(Task.REWRITE, gap, "composer", "", 1, song)
        pitches = untaught.generate(request, Quiet()).parts[0].notes.pitch
        assert 29 <= pitches.min() < 43
        assert pitches.max() <= 50


def test_what_is_rewritten_is_held_about_as_long_as_it_was(untaught: Composer) -> None:
    """But where it ends with the gap."""
    short = []
    for each in (480, 3840):
        starts = np.repeat(np.arange(0, 8 * 3840, each), 3)
        pitches = [60, 64, 67] * (len(starts) // 3)
        song = _track("chords", 0, Notes.of(starts, each, pitches, velocity=80))
        gap = Gap((TrackId("m"),), 0, 8 * 3840)
        notes = untaught.generate(Request(Task.REWRITE, gap, "composer", "", 1, song), Quiet())
        length = notes.parts[0].notes.length[notes.parts[0].notes.start < 7 * 3840]
        short.append(float((length < 1920).mean()))
    assert short[0] > 0.3
    assert short[1] < 0.1


def test_of_several_versions_the_one_as_busy_as_what_was_there_is_taken(
    untaught: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing else speaks for any of them."""
    monkeypatch.setattr("studio.ai.composer.writing.verdict", lambda *_: 0.0)
    monkeypatch.setattr("studio.ai.composer.writing.plausible", lambda likely: [0.0] * len(likely))
    counts = []
    for each in (3840, 320):
        song = _track("chords", 0, Notes.of(np.arange(0, 16 * 3840, each), 240, 60, velocity=80))
        request = Request(Task.REWRITE, Gap((TrackId("m"),), 0, 16 * 3840), "composer", "", 1, song)
        counts.append(len(untaught.generate(request, Quiet()).parts[0].notes))
    assert counts[1] > 1.3 * counts[0]


def test_notes_that_get_other_pitches_last_as_long_over_many_bars(untaught: Composer) -> None:
    song = _track("pad", 48, Notes.of([6 * 3840, 10 * 3840], 4 * 3840, [60, 64], velocity=80))
    notes = untaught.generate(Request(Task.REWRITE, _named(song), "composer", "", 1, song), Quiet())
    assert notes.parts[0].notes.length.tolist() == [4 * 3840, 4 * 3840]


def test_no_key_is_struck_by_hand_while_it_is_still_held(untaught: Composer) -> None:
    song = _track("melody", 73, Notes.of(np.arange(48) * 960, 900, 67, velocity=80))
    gap, controls = Gap((TrackId("m"),), 960, 47 * 960), Controls(amount=1.0)
    request = Request(Task.HUMANISE, gap, "composer", "", 1, song, controls=controls)
    notes = untaught.generate(request, Quiet()).parts[0].notes
    struck = notes.start + notes.timing
    assert len(set(notes.timing.tolist())) > 4
    assert struck.min() >= gap.start
    assert (struck[1:] >= struck[:-1] + notes.length[:-1]).all()
    assert struck[-1] + notes.length[-1] <= gap.end  # where the next one stays


@pytest.mark.parametrize("span", [(777, 5003), (960, 5003)])
def test_a_short_loop_is_rewritten_in_every_bar_where_it_played(
    untaught: Composer, span: tuple[int, int]
) -> None:
    song = _track("bass", 33, Notes.of(np.arange(8) * 960, 900, 40, velocity=80))
    for seed in range(4):
        request = Request(Task.REWRITE, Gap((TrackId("m"),), *span), "composer", "", seed, song)
        starts = untaught.generate(request, Quiet()).parts[0].notes.start
        assert {int(start) // 3840 for start in starts} == {0, 1}


def test_words_weigh_more_from_where_they_are_to_be_followed_closely(
    untaught: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bool] = []
    first = Decoder.open

    def watched(self: Decoder, *args: Any, guided: bool, **rest: Any) -> None:
        opened.append(guided)
        first(self, *args, guided=guided, **rest)

    monkeypatch.setattr(Decoder, "open", watched)
    words, usual = "only flute", Controls().closeness
    asked_for = ((words, 0.0, False), (words, usual, False), (words, 0.75, True), (" ", 1.0, False))
    for prompt, closeness, guided in asked_for:
        opened.clear()
        request = _song_for(prompt, 1)
        asked = replace(request, controls=replace(request.controls, closeness=closeness))
        untaught.generate(asked, Quiet())
        assert set(opened) == {guided}


@pytest.mark.parametrize("role", ["melody", "chords", "drums"])
def test_busier_adds_to_the_notes_that_are_there_and_calmer_takes_from_them(
    untaught: Composer, role: str
) -> None:
    song = song_of("pop in C", 1, 8)
    track = next(t for t in song.sources if t.role == role)
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    held = ((clip.id, tuple(clip.notes.id.tolist())),)
    gap = Gap((track.id,), 0, 8 * 3840, notes=held)
    was = set(zip(clip.notes.start.tolist(), clip.notes.pitch.tolist(), strict=True))
    for density, more in ((0.8, True), (0.2, False)):
        controls = Controls(density=density, amount=1.0)
        request = Request(Task.REWRITE, gap, "composer", "", 1, song, controls=controls)
        notes = untaught.generate(request, Quiet()).parts[0].notes
        now = set(zip(notes.start.tolist(), notes.pitch.tolist(), strict=True))
        assert (len(notes) > 1.1 * len(was)) if more else (len(notes) < 0.9 * len(was))
        assert len(now & was) > 0.8 * min(len(now), len(was))


def test_the_last_bar_is_chosen_by_how_well_the_bar_behind_it_follows(
    untaught: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for each candidate, and only where something stands behind the gap."""
    asked: list[int] = []

    def likelihood(self: Decoder, answered: Example) -> float:
        asked.append(int((answered.target[:, 1] >= 0).sum()))
        return -float(len(asked))

    monkeypatch.setattr(Decoder, "likelihood", likelihood)
    song = _melody(np.arange(16) * 960, 80)
    for first, last, expected in ((1, 3, [4, 4]), (2, 4, [])):
        asked.clear()
        gap = Gap((TrackId("m"),), first * 3840, last * 3840)
        untaught.generate(Request(Task.REWRITE, gap, "composer", "", 1, song), Quiet())
        assert asked == expected


def test_timing_is_written_where_somebody_plays_and_nowhere_else(untaught: Composer) -> None:
    song = _melody(np.arange(16) * 960, 80)
    clip = song.clip(ClipId("m"))
    assert isinstance(clip, NoteClip)
    played = clip.notes.with_columns(timing=np.tile([20, -20], 8))
    for mine, human in ((song, False), (song.with_clip(replace(clip, notes=played)), True)):
        timing: list[int] = []
        for seed in range(6):
            gap = Gap((TrackId("m"),), 3840, 4 * 3840)
            request = Request(Task.REWRITE, gap, "composer", "", seed, mine)
            timing += untaught.generate(request, Quiet()).parts[0].notes.timing.tolist()
        assert len(timing) >= 6
        assert any(timing) is human
