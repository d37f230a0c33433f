"""What is exported sounds as the song does: stems add up to the mix, and all is written or none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from hypothesis import given

from studio.core.errors import Cancelled, StudioError
from studio.domain.clip import AudioClip
from studio.domain.device import Device, DeviceId
from studio.domain.notes import Automation, Notes
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.domain.theory import Key
from studio.domain.track import Send, Track, TrackId, TrackKind
from studio.io.export import Export, already_in, export_song
from studio.io.file_names import file_name
from studio.io.midi import read_midi
from studio.io.stems import export_mix, export_stems
from studio.media.store import MediaStore
from studio.render.offline import render_plan
from studio.render.plan import compile_song
from tests import strategies
from tests.io import dawproject_reader
from tests.render.songs import BAR, RATE, SMALL_SOUNDFONT, bus, device, keys, recording, song, tape

Sound = npt.NDArray[np.float64]


@pytest.fixture(autouse=True)
def small_soundfont(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTTI_SOUNDFONT", str(SMALL_SOUNDFONT))


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def tune(program_notes: tuple[int, ...]) -> Notes:
    return Notes.of([480 * n for n in range(len(program_notes))], 480, program_notes)


@pytest.fixture
def band(media: MediaStore) -> Project:
    """Five tracks: sends to a reverb and to a compressor, automation, a mute, a bus that feeds
    another, a recording at another rate; a master with a limiter and a fader."""
    noise = np.random.default_rng(3).normal(0, 0.1, (44_100, 2)).astype(np.float32)
    master = Track(
        TrackId("master"), TrackKind.MASTER, "Master", volume_db=-3.0,
        devices=(Device(DeviceId("m1"), "limiter", (("ceiling_db", -1.0),)),),
    )  # fmt: skip
    tracks = (
        keys(
            "piano", tune((60, 64, 67, 72)), 0, name="Grand piano!", pan=-0.4,
            sends=(Send(TrackId("room"), -6.0),),
            automation=(Automation.of("volume", [0, BAR], [-12.0, 0.0]),),
        ),
        keys(
            "beat", tune((36, 38, 36, 38)), drums=True, volume_db=-4.0,
            sends=(Send(TrackId("glue"), 0.0), Send(TrackId("room"), -18.0, pre_fader=True)),
        ),
        tape("tape", recording(media, noise, start=BAR // 2, rate=44_100), name="Ünïcode / tape"),
        keys("hush", tune((50, 52)), muted=True),
        bus("room", device("reverb", wet=1.0, decay_seconds=0.4), name="Room"),
        bus("glue", device("compressor", threshold_db=-30.0), name="Glue"),
        master,
    )  # fmt: skip
    return replace(song(*tracks, tempo=TempoMap.constant(240.0)), key=Key.parse("A minor"))


def loaded(path: Path) -> Sound:
    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    assert rate == RATE
    return np.asarray(samples)


def level_db(samples: Sound) -> float:
    return 20 * float(np.log10(max(np.abs(samples).max(), 1e-12)))


@pytest.mark.parametrize(("bits", "limit_db"), [(32, -120), (24, -110)])
def test_stems_add_up_to_the_mix_before_the_master(
    bits: int, limit_db: float, band: Project, media: MediaStore, tmp_path: Path
) -> None:
    plan = compile_song(band, media)
    made = export_stems(plan, tmp_path / "stems", bits=bits)
    parts = [loaded(path) for path in made.paths]
    assert {part.shape for part in parts} == {(made.frames, 2)}
    mix = np.concatenate(list(render_plan(plan, premaster=True))).astype(np.float64)
    assert len(mix) == made.frames
    found = level_db(sum(parts) - mix)
    assert found <= limit_db
    assert made.null_db == pytest.approx(found, abs=0.1)
    assert level_db(mix) > -30
    assert made.clipped == ()


def test_what_enters_the_master_is_written_while_the_mix_is(
    band: Project, media: MediaStore, tmp_path: Path
) -> None:
    plan = compile_song(band, media)
    alone = export_mix(plan, tmp_path / "alone.wav")
    mix = export_mix(plan, tmp_path / "mix.wav", premaster=tmp_path / "before.wav")
    assert mix == replace(alone, path=mix.path)
    assert (tmp_path / "mix.wav").read_bytes() == (tmp_path / "alone.wav").read_bytes()
    rendered = np.concatenate(list(render_plan(plan, premaster=True)))
    before = loaded(tmp_path / "before.wav")
    frames = min(len(before), len(rendered))
    assert frames >= mix.frames
    np.testing.assert_array_equal(before[:frames], rendered[:frames])


def test_stems_are_named_by_number_and_track_and_silent_ones_left_out(
    band: Project, media: MediaStore, tmp_path: Path
) -> None:
    made = export_stems(compile_song(band, media), tmp_path)
    assert [path.name for path in made.paths] == [
        "01_Grand_piano.wav", "02_beat.wav", "03_Unicode_tape.wav", "04_Glue.wav"
    ]  # fmt: skip
    assert {soundfile.info(path).subtype for path in made.paths} == {"FLOAT"}
    assert sorted(tmp_path.glob("*.wav")) == sorted(made.paths)


def test_a_stem_too_loud_for_its_file_is_told(media: MediaStore, tmp_path: Path) -> None:
    loud = np.full((4800, 2), 1.5, np.float32)
    clip: AudioClip = recording(media, loud)
    plan = compile_song(song(tape("loud", clip)), media)
    assert export_stems(plan, tmp_path, bits=24).clipped == ("01_loud.wav",)
    made = export_stems(plan, tmp_path, bits=32)
    assert (made.clipped, made.null_db <= -120) == ((), True)
    assert export_mix(plan, tmp_path / "mix.wav", bits=16).clipped
    assert not export_mix(plan, tmp_path / "mix.wav", bits=32).clipped


def test_stems_that_cannot_be_written_are_said(
    band: Project, media: MediaStore, tmp_path: Path
) -> None:
    (tmp_path / "stems").write_text("a file")
    with pytest.raises(StudioError, match="could not be written"):
        export_stems(compile_song(band, media), tmp_path / "stems")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".wav"] == []


def test_everything_lands_in_one_folder(band: Project, media: MediaStore, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    what = Export(stems=True, midi=True, dawproject=True)
    folder = tmp_path / "out"
    report = export_song(band, media, folder, what, lambda *step: told.append(step))
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    assert found == sorted(report.paths)
    assert [path.name for path in sorted(folder.iterdir())] == [
        "mix.wav", "readme.txt", "song.dawproject", "song.mid", "stems"
    ]  # fmt: skip
    assert report.mix is not None
    assert report.stems is not None
    assert report.mix.frames == report.stems.frames == len(loaded(folder / "mix.wav"))
    assert soundfile.info(folder / "mix.wav").subtype == "PCM_24"
    assert -60 < report.mix.lufs < 0
    assert report.mix.true_peak_db == pytest.approx(level_db(loaded(folder / "mix.wav")), abs=0.5)
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert {"Mix", "Stems", "Compare with the mix"} <= {text for _, text in told}
    assert len(read_midi(folder / "song.mid").sources) == 3
    assert len(dawproject_reader.read(folder / "song.dawproject").tracks) == 7


def test_the_readme_tells_the_engineer_what_is_there(
    band: Project, media: MediaStore, tmp_path: Path
) -> None:
    tempo = band.tempo.with_tempo(BAR, 120.0).with_meter(BAR, 7, 8)
    band = replace(band, title="Night drive", tempo=tempo)
    report = export_song(band, media, tmp_path, Export(stems=True, depth=16))
    assert report.mix is not None
    text = (tmp_path / "readme.txt").read_text(encoding="utf-8")
    for line in (
        "Night drive",
        "Tempo: 240 bpm, 120 bpm from bar 2",
        "Meter: 4/4, 7/8 from bar 2",
        "Key: A minor",
        "Sample rate: 48000 Hz",
        f"  {report.mix.lufs:.1f} LUFS, true peak {report.mix.true_peak_db:.1f} dBTP",
        "  02_beat.wav",
    ):
        assert line in text.splitlines()
    assert ", 16 bit" in text
    assert "each, 32-bit float" in text


@pytest.mark.parametrize("format", ["flac", "ogg", "mp3"])
def test_the_mix_comes_in_other_formats(format: str, media: MediaStore, tmp_path: Path) -> None:
    project = song(keys("piano", tune((60, 64))), tempo=TempoMap.constant(480.0))
    report = export_song(project, media, tmp_path, Export(format=format))
    assert report.paths[0] == tmp_path / f"mix.{format}"
    assert np.abs(loaded(report.paths[0])).max() > 0.01


def test_cancelling_leaves_the_folder_as_it_was(
    band: Project, media: MediaStore, tmp_path: Path
) -> None:
    def stop(fraction: float, _text: str) -> None:
        if fraction > 0.5:
            raise Cancelled

    what = Export(stems=True, midi=True)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "mix.wav").write_bytes(b"before")
    for name in ("new", "old"):
        with pytest.raises(Cancelled):
            export_song(band, media, tmp_path / name, what, stop, replace_there=True)
    assert not (tmp_path / "new").exists()
    assert [path.read_bytes() for path in (tmp_path / "old").iterdir()] == [b"before"]


def test_an_earlier_export_is_replaced_only_when_told_to(media: MediaStore, tmp_path: Path) -> None:
    what = Export(mix=False, stems=True, stem_depth=24)
    two = song(keys("bass", tune((40,))), keys("piano", tune((60,))))
    first = export_song(two, media, tmp_path, what)
    (tmp_path / "stems" / "notes.wav").write_bytes(b"the musician's own")
    before = first.paths[0].read_bytes()
    assert already_in(tmp_path, what) == (tmp_path / "stems", tmp_path / "readme.txt")
    with pytest.raises(StudioError, match="already holds stems, readme"):
        export_song(song(keys("piano", tune((60,)))), media, tmp_path, what)
    assert first.paths[0].read_bytes() == before
    export_song(song(keys("piano", tune((60,)))), media, tmp_path, what, replace_there=True)
    assert {path.name for path in (tmp_path / "stems").iterdir()} == {"01_piano.wav", "notes.wav"}


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (Export(), "nothing in the song"),
        (Export(mix=False), "nothing chosen"),
    ],
)
def test_what_cannot_be_exported_is_said(
    what: Export, sentence: str, media: MediaStore, tmp_path: Path
) -> None:
    with pytest.raises(StudioError, match=sentence):
        export_song(song(), media, tmp_path / "out", what)
    assert not (tmp_path / "out").exists()


def test_a_depth_the_format_lacks_is_refused(media: MediaStore, tmp_path: Path) -> None:
    project = song(keys("piano", tune((60,))))
    with pytest.raises(StudioError, match="32 bit"):
        export_song(project, media, tmp_path / "out", Export(format="flac", depth=32))
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_named(media: MediaStore, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(StudioError, match="out"):
        export_song(song(), media, tmp_path / "out", Export(mix=False, midi=True))


@given(name=strategies.names)
def test_file_names_are_plain(name: str) -> None:
    found = file_name(name, "Track")
    assert found.strip("_-") == found != ""
    assert set(found) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert file_name(found, "Track") == found


def test_the_mix_comes_at_the_rate_that_was_chosen(
    band: Project, media: MediaStore, tmp_path: Path
) -> None:
    plain = export_song(band, media, tmp_path / "a", Export(depth=32))
    other = export_song(band, media, tmp_path / "b", Export(depth=32, sample_rate=96_000))
    assert plain.mix is not None
    assert other.mix is not None
    assert other.mix.frames == plain.mix.frames
    samples, rate = soundfile.read(other.mix.path, dtype="float64", always_2d=True)
    assert (rate, len(samples)) == (96_000, 2 * plain.mix.frames)
    before = loaded(plain.mix.path)
    assert np.sqrt(np.mean((samples[::2] - before) ** 2)) < 0.02 * np.sqrt(np.mean(before**2))
    assert "96000 Hz" in (tmp_path / "b" / "readme.txt").read_text()
