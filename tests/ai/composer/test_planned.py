"""Plans of the composer: forms and chords."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.composer import palettes, plans
from studio.ai.composer.forms import LEAST_BARS, MOST_BARS
from studio.ai.composer.planned import BOOK_OF, planned, quarters
from studio.ai.requests import Controls, Request, Task
from studio.ai.sketch.plan import Plan, plan
from studio.core.errors import StudioError
from studio.domain.gap import Gap
from studio.domain.project import ChordSpan, Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.theory import Chord, Key

BAR = 3840


def request(
    prompt: str = "a pop song",
    seed: int = 1,
    bars: int = 32,
    *,
    song: Project | None = None,
    task: Task = Task.COMPOSE,
    controls: Controls | None = None,
) -> Request:
    song = song or new_song()
    gap = Gap((), 0, bars * song.tempo.meter_at(0).ticks_per_bar)
    return Request(task, gap, "composer", "", seed, song, prompt, controls=controls or Controls())


def spans(*names: str) -> tuple[ChordSpan, ...]:
    """A chord a bar."""
    return tuple(ChordSpan(i * BAR, BAR, Chord.parse(name)) for i, name in enumerate(names))


def chords(found: Plan) -> list[tuple[Chord, ...]]:
    return [quarters(bar) for bar in found.bars]


def forms(found: Plan) -> list[tuple[str, int]]:
    return [(bar.section, bar.count) for bar in found.bars if bar.starts_section]


@pytest.mark.parametrize(
    "asked",
    [
        request("twelve-bar blues", bars=12),
        request("deep house"),
        request("bossa nova"),
        request("a waltz"),
        request("metal"),
        request("pop in D dorian"),
        request("a pop song", task=Task.REWRITE, bars=8),
        request("a pop song", controls=Controls(chords=spans(*["C", "F"] * 8)), bars=16),
    ],
    ids=lambda asked: f"{asked.prompt} {asked.task}",
)
def test_where_songs_tell_nothing_the_plan_is_sketchs(asked: Request) -> None:
    assert planned(asked) == plan(asked)


@pytest.mark.parametrize("style", ["rock", "country", "pop"])
def test_a_short_song_borrows_no_chords_for_nothing_else_would_tell_its_key(style: str) -> None:
    for seed in range(30):
        found = planned(request(f"{style} in G major", seed, 4))
        roots = {chord.root for bar in chords(found) for chord in bar}
        assert roots <= set(found.key.pitch_classes), seed


@pytest.mark.parametrize("style", sorted(BOOK_OF))
def test_equal_requests_give_equal_plans_and_seeds_others(style: str) -> None:
    found = [planned(request(f"a {style} song", seed)) for seed in range(6)]
    assert planned(request(f"a {style} song", 3)) == found[3]
    assert len({tuple(chords(one)[:8]) for one in found}) > 4
    assert all(one.style_name == style for one in found)


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(BOOK_OF)),
    st.integers(0, 10**6),
    st.integers(1, 70),
    st.sampled_from(["4/4", "3/4", "6/8", "7/8", "5/4", "12/8"]),
    st.floats(0.0, 1.0),
)
def test_chords_cover_every_bar_and_begin_on_felt_beats(
    style: str, seed: int, bars: int, meter: str, surprise: float
) -> None:
    asked = request(f"a {style} song in {meter}", seed, bars, controls=Controls(surprise=surprise))
    found, sketched = planned(asked), plan(asked)
    assert [(b.start, b.meter) for b in found.bars] == [(b.start, b.meter) for b in sketched.bars]
    for bar in found.bars:
        felt = {bar.start + pulse.at for pulse in bar.pulses}
        ends = [span.end for span in bar.chords]
        assert [span.start for span in bar.chords] == [bar.start, *ends[:-1]]
        assert ends[-1] == bar.end
        assert {span.start for span in bar.chords} <= felt
    assert sum(count for _, count in forms(found)) == len(found.bars)


@pytest.mark.parametrize("style", sorted(BOOK_OF))
def test_a_song_ends_at_home_and_something_leads_there(style: str) -> None:
    for seed in range(4):
        found = planned(request(f"a {style} song", seed))
        last = found.bars[-1]
        assert last.final
        assert len(last.chords) == 1
        assert last.chords[0].chord.root == found.key.tonic
        before = found.bars[-2].chords[-1].chord.root
        assert (before - found.key.tonic) % 12 in (1, 2, 5, 7, 10, 11)


def test_a_short_song_begins_at_home_where_its_style_does() -> None:
    for seed in range(12):
        for style in ("pop", "reggae", "ballad"):
            found = planned(request(f"a {style} song", seed, 4 + seed))
            assert chords(found)[0][0].root == found.key.tonic
    jazz = [planned(request("jazz", seed, 8)) for seed in range(12)]
    assert len({(chords(one)[0][0].root - one.key.tonic) % 12 for one in jazz}) > 1


def test_a_song_has_verse_and_chorus_and_what_returns_has_its_chords() -> None:
    seen = set()
    for seed in range(12):
        found = planned(request("a rock song", seed, 40))
        form = forms(found)
        names = [name for name, _ in form]
        seen.add(tuple(form))
        assert {"Verse", "Chorus"} <= set(names)
        assert names.count("Verse") + names.count("Chorus") > 2
        first: dict[tuple[str, int], tuple[Chord, ...]] = {}
        for bar, row in zip(found.bars[:-2], chords(found), strict=False):
            assert first.setdefault((bar.letter, bar.place), row) == row
        turns = [bar.turn for bar in found.bars if bar.letter == "A" and bar.starts_section]
        assert turns == list(range(len(turns)))
    assert len(seen) > 4


def test_a_form_asked_for_stays() -> None:
    asked = request("rock: intro 4, verse 8, chorus 8, verse 8, chorus 8, outro 4", bars=40)
    assert forms(planned(asked)) == forms(plan(asked))
    assert chords(planned(asked)) != chords(plan(asked))


@settings(max_examples=30)
@given(
    st.dictionaries(st.integers(0, 15), st.sampled_from(["C", "Am7", "Bb", "F#m7b5"]), min_size=1),
    st.integers(0, 1000),
    st.booleans(),
)
def test_chords_that_stand_are_never_changed(
    given_chords: dict[int, str], seed: int, in_song: bool
) -> None:
    lane = tuple(
        ChordSpan(at * BAR, BAR, Chord.parse(name)) for at, name in sorted(given_chords.items())
    )
    song = replace(new_song(), chords=lane) if in_song else new_song()
    controls = Controls() if in_song else Controls(chords=lane, key=Key(0))
    found = planned(request(seed=seed, bars=16, song=song, controls=controls))
    for span in lane:
        bar = next(bar for bar in found.bars if bar.start == span.start)
        assert bar.chords == (span,)


def test_chords_given_to_a_verse_return_with_it() -> None:
    lane = spans("C", "E7", "Am", "Fm6")
    asked = request(
        "pop: verse 8, chorus 8, verse 8, chorus 8",
        controls=Controls(chords=lane, key=Key(0)),
    )
    found = planned(asked)
    assert [row[0] for row in chords(found)[16:20]] == [span.chord for span in lane]


def test_the_same_numeral_is_the_same_chord_throughout_a_song() -> None:
    for seed in range(6):
        found = planned(request("a soul song", seed, 40))
        qualities: dict[tuple[int, int], set[str]] = {}
        for span in (span for bar in found.bars for span in bar.chords):
            third = next((step for step in span.chord.intervals if step in (3, 4)), 0)
            fifth = next((step for step in span.chord.intervals if step in (6, 7, 8)), 0)
            qualities.setdefault((span.chord.root, third * 10 + fifth), set()).add(
                span.chord.quality
            )
        assert all(len(found) == 1 for found in qualities.values())


def test_styles_of_sevenths_have_no_triads() -> None:
    found = planned(request("a jazz song", 5))
    names = {span.chord.quality for bar in found.bars for span in bar.chords}
    assert all(palettes.is_more_than_triad(name) for name in names)


def test_a_plan_in_an_empty_song_with_a_meter_of_its_own_keeps_it() -> None:
    song = replace(new_song(), tempo=TempoMap.constant(90.0, 3, 4))
    found = planned(request("a folk song", song=song))
    assert {(bar.meter.beats, bar.meter.unit) for bar in found.bars} == {(3, 4)}


@settings(max_examples=30)
@given(st.integers(LEAST_BARS, MOST_BARS), st.integers(0, 2**32))
def test_forms_have_exactly_the_bars_asked_for(bars: int, seed: int) -> None:
    found = plans.shipped().forms.drawn(bars, np.random.default_rng(seed))
    assert found is None or sum(section.bars for section in found) == bars


def test_forms_are_found_for_the_lengths_of_songs() -> None:
    drawn = plans.shipped().forms.drawn
    lengths = (24, 32, 40, 48, 64, 96)
    missing = [n for n in lengths for seed in range(3) if not drawn(n, np.random.default_rng(seed))]
    assert len(missing) <= 1


def test_a_file_without_plans_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "plans.json"
    for text in (None, "{}", "no json", '{"books": 3}'):
        if text is not None:
            path.write_text(text, encoding="utf-8")
        with pytest.raises(StudioError, match=r"plans\.json holds no forms"):
            plans.read(path)
