"""Where the parts of a new song play."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.ai.composer.drumming import grooved, kept_clear
from studio.ai.composer.loudness import lift
from studio.ai.composer.piece import BAR_DTYPE
from studio.ai.composer.seating import (
    comes_in,
    kept_for_others,
    risen,
    seated,
    steps,
    sustained,
)
from studio.ai.composer.striking import strokes
from studio.ai.requests import Controls, Request, Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.compose import waits
from studio.ai.sketch.outcome import prepared
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.styles import STYLES
from studio.ai.wishes import notes_heard
from studio.domain.gap import Gap
from studio.domain.project import new_song
from tests.ai.sketch_report import song_of


def _planned(prompt: str, gap: Gap | None = None) -> tuple[Plan, tuple[Player, ...]]:
    gap = gap or Gap((), 0, 8 * 3840)
    return prepared(Request(Task.COMPOSE, gap, "composer", "", 1, new_song(), prompt))


@pytest.mark.parametrize("style", STYLES)
def test_a_melody_has_most_of_its_range_above_its_band(style: str) -> None:
    plan, players = _planned(style)
    found = seated(plan, players)
    singers = [player for player in found if player.plays == "melody"]
    for player, before in zip(found, players, strict=True):
        assert min(before.low, before.lowest) <= player.low < player.high <= before.high
        assert player.high - player.low >= min(12, before.high - before.low)
        if player.plays in ("chords", "pad") and singers:
            assert player.high <= max(singers[0].low + 6, player.low + 12)


def test_a_band_of_pitches_that_was_asked_for_is_left_alone() -> None:
    plan, players = _planned("pop", Gap((), 0, 8 * 3840, pitch_low=48, pitch_high=60))
    assert seated(plan, players) == players


def test_who_plays_on_a_track_that_is_there_stays_where_it_is() -> None:
    plan, players = _planned("pop")
    task = replace(plan.request, task=Task.REWRITE)
    assert seated(replace(plan, request=task), players) == players


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("meter", [(4, 4), (3, 4), (7, 8), (12, 8)])
def test_strokes_come_in_the_order_in_which_drums_are_written(
    style: str, meter: tuple[int, int]
) -> None:
    found = [(sub, min(keys)) for keys, sub in grooved(style, *meter)]
    assert found == sorted(set(found))
    assert all(sub < meter[0] * 96 // meter[1] for sub, _ in found)


def test_rock_claps_on_two_and_four_and_nowhere_where_the_kick_is() -> None:
    snares = [sub for keys, sub in grooved("rock", 4, 4) if 128 + 38 in keys]
    assert snares == [24, 72]
    plan, _ = _planned("rock")
    assert [sub for _, sub in kept_clear(plan, plan.bars[0])] == [0, 48]


def test_no_note_of_a_new_part_is_a_mere_click() -> None:
    plan, players = _planned("funk")
    assert min(sustained(plan, player, driven=True) for player in players) >= 3
    again = replace(plan, request=replace(plan.request, task=Task.REWRITE))
    assert {sustained(again, player, driven=True) for player in players} == {0}


def test_jazz_is_kept_going_by_the_ride() -> None:
    rides = [sub for keys, sub in grooved("jazz", 4, 4) if 128 + 51 in keys]
    assert rides == [0, 24, 48, 72]
    assert not any(128 + 51 in keys for keys, _ in grooved("rock", 4, 4))


def test_half_time_has_its_one_backbeat_in_the_middle_of_the_bar() -> None:
    plan, players = _planned("rock, half-time feel")
    index = next(i for i, player in enumerate(players) if player.drums)
    assert [sub for _, sub in strokes(plan, players, plan.bars[0])[index]] == [0, 48]
    assert [sub for _, sub in kept_clear(plan, plan.bars[0])] == [0, 24, 72]


def test_a_bass_begins_each_bar_on_the_root() -> None:
    plan, players = _planned("rock")
    index = next(i for i, player in enumerate(players) if player.plays == "bass")
    for bar in plan.bars[:-1]:
        ((keys, sub),) = strokes(plan, players, bar)[index]
        assert sub == 0
        assert {key % 12 for key in keys} == {bar.chords[0].chord.root}


def test_a_song_comes_home_on_its_root_whoever_is_lowest() -> None:
    for prompt, lowest in (("rock", "bass"), ("only piano, calm", "chords")):
        plan, players = _planned(prompt)
        players = seated(plan, players)
        ((index, ((keys, sub),)),) = strokes(plan, players, plan.bars[-1]).items()
        assert players[index].plays == lowest
        root = plan.bars[-1].chords[-1].chord.root
        assert sub == 0
        assert {key % 12 for key in keys} == {root}
        assert min(keys) < 60


def test_chords_without_drums_keep_to_eighths_and_pads_to_half_bars() -> None:
    row = np.zeros((), BAR_DTYPE)
    row["length"], row["unit"] = 96, 4
    plan, players = _planned("ambient with piano and strings")
    piano = next(player for player in players if player.plays == "chords")
    apart = np.diff(np.flatnonzero(steps(plan, piano, row, driven=False)))
    assert apart.min() >= 8
    assert steps(plan, piano, row, driven=True).all()
    pad = replace(piano, plays="pad")
    assert np.flatnonzero(steps(plan, pad, row, driven=True)).tolist() == [0, 48]


def test_who_has_not_played_yet_comes_in_and_who_was_asked_for_at_once() -> None:
    plan, players = _planned("rock with piano")
    first, second = plan.bars[:2]
    for player in players:
        assert player.asked == (player.name == "Piano")
        assert comes_in(plan, player, first, None) == player.asked
        assert comes_in(plan, player, second, None)
        assert comes_in(plan, player, plan.bars[-1], None)
        assert comes_in(plan, player, first, None, alone=True)


def test_nobody_rests_for_longer_than_such_a_part_does() -> None:
    plan, players = _planned("jazz with violin and clarinet")
    found = {
        player.plays: next(bars for bars in range(9) if comes_in(plan, player, plan.bars[1], bars))
        for player in players
    }
    assert found["drums"] == found["chords"] == 0
    assert found["melody"] == 1
    assert found["counter"] == 3
    lone, alone = _planned("only flute")
    assert comes_in(lone, alone[0], lone.bars[1], 0, alone=True)


@pytest.mark.parametrize("prompt", ["only strings and flute", "only harp, cello and choir"])
def test_nobody_waits_for_the_chorus_who_was_asked_for(prompt: str) -> None:
    plan, players = _planned(f"pop, {prompt}", Gap((), 0, 16 * 3840))
    assert not any(waits(plan, player, bar) for player in players for bar in plan.bars)
    band, others = _planned("pop", Gap((), 0, 16 * 3840))
    assert any(waits(band, player, bar) for player in others for bar in band.bars)


def test_a_chorus_rises_above_its_verse_where_there_is_one() -> None:
    plan, players = _planned("pop: verse 8, chorus 8", Gap((), 0, 16 * 3840))
    verse, chorus = plan.bars[0], plan.bars[8]
    assert (verse.section, chorus.section) == ("Verse", "Chorus")
    assert risen(plan, chorus) > 0 > risen(plan, verse)
    assert lift(chorus) - lift(verse) > 3
    for player in players:
        low, high = (kept_for_others(plan, player, bar) for bar in (chorus, verse))
        if player.plays != "melody":
            assert not (low | high).any()
            continue
        assert low[[player.low, player.high]].tolist() == [True, False]
        assert high[[player.low, player.high]].tolist() == [False, True]
        assert (~low & ~high)[player.low : player.high + 1].sum() >= 5
    short, _ = _planned("pop", Gap((), 0, 4 * 3840))
    assert all(risen(short, bar) == 0 for bar in short.bars)


def test_a_motif_goes_on_at_once_and_other_extensions_when_they_like() -> None:
    song = song_of("pop", 1, 4)
    track = next(track for track in song.tracks if track.role == "melody")
    gap = Gap((track.id,), 4 * 3840, 8 * 3840)
    request = Request(Task.EXTEND, gap, "composer", "", 1, song)
    plan, (player,) = prepared(request)
    assert not any(comes_in(plan, player, bar, None) for bar in plan.bars)
    motif = replace(request, controls=Controls(source=notes_heard(song, Gap((track.id,), 0, 3840))))
    plan, (player,) = prepared(motif)
    assert comes_in(plan, player, plan.bars[0], None)


def test_what_is_rewritten_plays_in_every_bar_where_it_played() -> None:
    plan, players = _planned("rock")
    again = replace(plan, request=replace(plan.request, task=Task.REWRITE))
    for player in players:
        for bar in again.bars:
            assert comes_in(again, player, bar, 0, played=True)
            assert not comes_in(again, player, bar, None)


def test_a_band_ends_together() -> None:
    plan, players = _planned("rock")
    assert all(comes_in(plan, player, plan.bars[-1], 0) for player in players)


@pytest.mark.parametrize("prompt", ["only flute", "only cello", "only flute and violin"])
def test_without_a_bass_the_lowest_ends_on_the_root(prompt: str) -> None:
    plan, players = _planned(prompt)
    ((index, ((keys, sub),)),) = strokes(plan, players, plan.bars[-1]).items()
    assert sub == 0
    assert players[index].low == min(player.low for player in players)
    assert {key % 12 for key in keys} == {plan.bars[-1].chords[-1].chord.root}
