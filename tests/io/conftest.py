"""Songs to put in folders, and a trash of the test's own."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import send2trash.plat_other

from studio.domain.clip import ClipId, NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.track import Track, TrackId, TrackKind


@pytest.fixture(autouse=True)
def trash(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that holds what was moved to the desktop's trash during this test."""
    place = tmp_path_factory.mktemp("desktop")
    plat = send2trash.plat_other
    monkeypatch.setattr(plat, "XDG_DATA_HOME", os.fsencode(place))
    monkeypatch.setattr(plat, "HOMETRASH_B", os.fsencode(place / "Trash"))
    monkeypatch.setattr(plat, "HOMETRASH", str(place / "Trash"))
    # the home folder may lie on another disk than the tests: then a trash is sought on that disk
    monkeypatch.setattr(plat, "get_dev", lambda _path: 0)
    return place / "Trash" / "files"


def song(notes: int = 4, title: str = "") -> Project:
    """A song of one track with a clip of `notes` notes."""
    table = Notes.of([960 * n for n in range(notes)], 480, [60 + n % 12 for n in range(notes)])
    clip = NoteClip(ClipId("c9"), 0, 960 * max(notes, 1), table)
    keys = Track(TrackId("t8"), TrackKind.INSTRUMENT, "Keys", (clip,))
    return replace(new_song().with_new_track(keys), title=title)
