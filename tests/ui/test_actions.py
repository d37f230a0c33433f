"""The action table: complete, without conflicts, and every row leads somewhere."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence

from studio.ui.actions import MENUS, ROWS, Row, key_text, with_key
from studio.ui.dialogs.key_sheet import COLUMNS as KEY_COLUMNS
from studio.ui.dialogs.palette import matching
from studio.ui.dialogs.song_files import SongFiles
from studio.ui.mixer.track_commands import TrackCommands
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.ui.timeline.timeline import Timeline
from studio.ui.transport.commands import TransportCommands, tapped_bpm
from studio.ui.window_commands import WindowCommands
from studio.workspace.arming import Arming
from studio.workspace.bouncing import Bouncing
from studio.workspace.generation import Generation
from studio.workspace.listening import Listening
from studio.workspace.playback import Playback
from studio.workspace.recording import Recording
from studio.workspace.song import Song
from studio.workspace.transcribing import Transcribing

RECEIVERS: dict[str, tuple[type, ...]] = {
    "arming": (Arming,),
    "bouncing": (Bouncing,),
    "files": (SongFiles,),
    "generation": (Generation,),
    "listening": (Listening,),
    "playback": (Playback,),
    "recording": (Recording,),
    "song": (Song,),
    "tracks": (TrackCommands,),
    "transcribing": (Transcribing,),
    "transport": (TransportCommands,),
    "view": (Timeline, PianoRoll),
    "window": (WindowCommands,),
}


def test_no_key_means_two_things() -> None:
    keys = Counter(QKeySequence(key).toString() for row in ROWS for key in row.keys)
    assert {key for key, count in keys.items() if count > 1} == set()


def test_ids_and_titles_are_unique() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)
    assert len({row.title for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_leads_to_something_that_answers(row: Row) -> None:
    receiver, _, method = row.does.partition(" ")[0].partition(".")
    assert any(callable(getattr(kind, method, None)) for kind in RECEIVERS[receiver])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_has_readable_keys_and_a_known_menu(row: Row) -> None:
    assert row.menu in MENUS
    assert all(not QKeySequence(key).isEmpty() and key_text(key) for key in row.keys)


def test_tooltips_name_the_first_key() -> None:
    assert with_key("Undo", ("Ctrl+Z",)).endswith("Ctrl+Z")
    assert with_key("Roll the seed", ()) == "Roll the seed"


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("", "new"), ("undo", "undo"), ("mute tr", "mute_track"), ("oct up", "octave_up"),
        ("export", "export"), ("prefs", "preferences"), ("metro", "metronome"),
    ],
)  # fmt: skip
def test_the_palette_finds_an_action_by_parts_of_its_name(words: str, first: str) -> None:
    assert matching(words)[0].id == first


def test_the_palette_finds_nothing_for_nonsense() -> None:
    assert matching("qqxyz") == []


@pytest.mark.parametrize(
    ("taps", "bpm"),
    [([], None), ([1.0], None), ([0.0, 0.5, 1.0], 120.0), ([0.0, 0.71, 1.43], 83.9)],
)
def test_taps_make_a_tempo(taps: list[float], bpm: float | None) -> None:
    assert tapped_bpm(taps) == bpm


def test_the_key_sheet_has_every_menu_once() -> None:
    shown = [menu for menus in KEY_COLUMNS for menu in menus]
    assert sorted(shown) == sorted(MENUS)
