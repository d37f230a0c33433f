"""Stems of bands and drummers: who plays in which stem, when, how loud, and the same each time."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from studio.ai.training.separator.bank import bands
from studio.ai.training.separator.bank.bands import Bands, Part, cut, read, sound
from studio.ai.training.separator.bank.drummers import bent, struck
from studio.ai.training.separator.bank.index import SAMPLE_RATE
from studio.ai.training.separator.bank.kits import Kit, hydrogen, kind, one_shot, sonic_pi
from studio.ai.training.separator.bank.recordings import Recorded
from studio.ai.training.separator.bank.scores import ARCHIVES, Scores
from studio.ai.training.separator.bank.soundfonts import FONTS, Fonts
from studio.ai.training.separator.bank.takes import NOTE, Audio, Notes, Take
from tests.ai.training.midi import Track, archive, meter, midi, tempo
from tests.ai.training.separator.bank.making import tone

TINY = tuple(font for font in FONTS if not font.package)


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen bars of bass, piano, choir and drums."""
    folder = tmp_path_factory.mktemp("songs")
    beats = [float(beat) for beat in range(64)]
    head = (tempo(120.0), meter(4, 4))
    parts = (
        Track([(b, 0.9, 36 + int(b) % 3, 90) for b in beats], "Bass", 33, meta=head),
        Track([(b, 0.9, 64, 90) for b in beats], "Chord", 0),
        Track([(b, 0.9, 67, 90) for b in beats], "Pad", 52),
        Track([(b, 0.2, 38, 110) for b in beats], "Drum", 0, drums=True),
    )  # fmt: skip
    (folder / "a.mid").write_bytes(midi(*parts))
    (folder / "a.json").write_text(json.dumps({"licence": "CC0-1.0", "key": [5, 1]}))
    return folder


def taken(folder: Path, key: str = "a-0") -> Take:
    found = Bands("tiny", 1.0, folder, Fonts(folder, TINY)).take(key)
    assert found is not None
    return found


def share_below(audio: Audio, hertz: float) -> float:
    power = np.square(np.abs(np.fft.rfft(audio.sum(axis=0))))
    frequencies = np.fft.rfftfreq(audio.shape[1], 1 / SAMPLE_RATE)
    return float(power[frequencies < hertz].sum() / power.sum())


def test_a_song_comes_in_stems_of_one_length(song: Path) -> None:
    found = taken(song)
    assert set(found.stems) == {"drums", "bass", "other"}
    assert len({audio.shape for audio in found.stems.values()}) == 1
    assert (found.bpm, found.tonic, found.mode, found.beat_seconds) == (120.0, 5, "minor", 0.0)
    assert found.licence == "notes: CC0-1.0"
    assert set(found.sounds) == set(found.stems)
    assert {"TimGM6mb GPL-2.0-only"} == set().union(*found.sounds.values())
    assert share_below(found.stems["bass"], 300) > 0.6
    assert share_below(found.stems["other"], 200) < 0.1
    assert all(np.abs(audio).max() > 0.01 for audio in found.stems.values())


def test_beats_lie_where_the_index_says(song: Path) -> None:
    drums = np.abs(taken(song).stems["drums"]).max(axis=0)
    loud = drums[: 20 * SAMPLE_RATE].reshape(-1, SAMPLE_RATE // 100).max(axis=1)
    onsets = np.flatnonzero(loud[1:] > 4 * loud[:-1] + 0.01) / 100 + 0.01
    assert len(onsets) >= 10
    assert np.median(np.abs(onsets / 0.5 - np.round(onsets / 0.5)) * 0.5) < 0.03


def test_the_same_name_gives_the_same_take_and_another_another(song: Path) -> None:
    first, again, other = taken(song), taken(song), taken(song, "a-1")
    for stem, audio in first.stems.items():
        np.testing.assert_array_equal(audio, again.stems[stem])
    assert not np.array_equal(first.stems["other"], other.stems["other"])
    assert first.split == other.split


def test_each_song_comes_once_before_any_comes_again(song: Path) -> None:
    names = list(Bands("tiny", 1.0, song, Fonts(song, TINY)).names())
    assert names == [f"a-{nth}" for nth in range(bands.CUTS)]


def test_a_melody_is_sung_and_then_played_by_nobody(tmp_path: Path) -> None:
    class Whistler:
        licence = "whistle CC0-1.0"

        def sings(self, notes: Notes, split: str, rng: np.random.Generator) -> Audio | None:
            return tone(900, 60) if len(notes) else None

    tune = [(float(n), 0.9, 72, 90) for n in range(80)]
    low = Track([(at, 0.9, 40, 90) for at, *_ in tune], "Bass", 33, meta=(tempo(120.0),))
    (tmp_path / "a.mid").write_bytes(midi(low, Track(tune, "Melody", 73)))
    (tmp_path / "a.json").write_text(json.dumps({"licence": "CC0-1.0"}))
    source = Bands("tiny", 1.0, tmp_path, Fonts(tmp_path, TINY), Whistler())
    takes = [source.take(f"a-{nth}") for nth in range(5)]
    sung = [take for take in takes if take is not None and "vocals" in take.stems]
    assert len(sung) >= 2
    for found in sung:
        assert set(found.stems) == {"bass", "vocals"}
        assert found.stems["vocals"].shape == found.stems["bass"].shape
        assert found.sounds["vocals"] == {"whistle CC0-1.0"}


def test_a_score_is_all_other(tmp_path: Path) -> None:
    for name in ARCHIVES:
        violin = Track([(n / 2, 0.5, 67, 90) for n in range(200)], "Violin", 40)
        cello = Track([(n / 2, 0.5, 43, 90) for n in range(200)], "Cello", 42)
        timpani = Track([(0.0, 1.0, 36, 90)], "Drums", 0, drums=True)
        archive(tmp_path, f"{name}_PD", {"midi/a.mid": midi(violin, cello, timpani)})
    source = Scores(tmp_path, Fonts(tmp_path, TINY))
    names = list(source.names())
    assert {name.rpartition(".")[0] for name in names[:4]} == set(ARCHIVES)
    found = source.take(names[0])
    assert found is not None
    assert set(found.stems) == {"other"}
    assert np.abs(found.stems["other"]).max() > 0.01


def test_no_stem_called_other_sings() -> None:
    rng = np.random.default_rng(0)
    choir = Part("Pad", 52, False, np.zeros(1, NOTE))
    programs = {sound(choir, rng, FONTS[0])[1] for _ in range(200)}
    assert len(programs) > 5
    assert not programs & set(bands.VOICES)


def test_fonts_that_are_held_out_sound_in_tests_alone(tmp_path: Path) -> None:
    fonts = Fonts(tmp_path)
    held_out = {font.name for font in FONTS if font.held_out}
    assert {f.name for f in fonts.choices("test", drums=False)} == held_out
    for split in ("train", "valid"):
        assert not held_out & {f.name for f in fonts.choices(split, drums=True)}


def test_a_cut_begins_at_a_bar_and_keeps_every_note_inside(song: Path) -> None:
    whole = read(song / "a.mid")
    some, seconds = cut(whole, np.random.default_rng(3))
    assert whole.bars[:3] == (0.0, 2.0, 4.0)
    for part in some.parts:
        assert part.notes["start"].min() == pytest.approx(0.0, abs=1e-6)
        assert part.notes["start"].max() < seconds


def test_a_note_ends_when_it_is_let_go(tmp_path: Path) -> None:
    notes = np.zeros(1, NOTE)
    notes[0] = (0.5, 1.0, 69, 100)
    audio = Fonts(tmp_path, TINY).play(TINY[0], (0, 16), notes, 3 * SAMPLE_RATE)
    level = np.abs(audio).max(axis=0)
    assert level[: SAMPLE_RATE // 2 - 64].max() == 0
    assert level[SAMPLE_RATE * 6 // 10 : SAMPLE_RATE * 9 // 10].max() > 0.01
    assert level[2 * SAMPLE_RATE :].max() < 1e-3


def wave(path: Path, audio: Audio, rate: int = SAMPLE_RATE) -> None:
    soundfile.write(path, audio.T, rate)


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """A kick in two layers, a hat open and closed, and an older snare without layers."""
    folder = tmp_path_factory.mktemp("kit")
    for name, hertz, seconds in (
        ("soft", 60, 0.2), ("hard", 120, 0.2), ("open", 5000, 2.0), ("closed", 7000, 0.1),
        ("snare", 400, 0.2),
    ):  # fmt: skip
        wave(folder / f"{name}.wav", tone(hertz, seconds, level=0.5))
    layer = "<layer><filename>{}.wav</filename><max>{}</max></layer>"
    (folder / "drumkit.xml").write_text(
        '<drumkit_info xmlns="http://www.hydrogen-music.org/drumkit"><instrumentList>'
        f"<instrument><name>Kick</name>{layer.format('hard', 1)}{layer.format('soft', 0.5)}"
        "</instrument>"
        f"<instrument><name>Open HH</name>{layer.format('open', 1)}</instrument>"
        f"<instrument><name>Closed HH</name>{layer.format('closed', 1)}</instrument>"
        "<instrument><name>Snare Rock</name><filename>snare.wav</filename></instrument>"
        "<instrument><name>Whistle</name><filename>snare.wav</filename></instrument>"
        "<instrument><name>Crash</name><filename>missing.wav</filename></instrument>"
        "</instrumentList></drumkit_info>"
    )
    return hydrogen(folder, "CC0-1.0")


def test_a_kit_of_hydrogen_is_read_old_and_new(kit: Kit) -> None:
    assert set(kit.sounds) == {"kick", "open hat", "closed hat", "snare"}
    assert kit.hit("kick", 0.3, 0).stem == "soft"
    assert kit.hit("kick", 0.9, 0).stem == "hard"


def test_what_a_kit_lacks_is_played_on_the_nearest(kit: Kit) -> None:
    assert kit.struck(49) == "open hat"  # a crash
    assert kit.struck(37) == "snare"  # a stick
    assert kit.struck(42) == "closed hat"
    assert kit.struck(100) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ('Kick (Tama Superstar 22")', "kick"), ("Sabian Hat Semi-Open", "open hat"),
        ("Hi-Hat Closed (Paiste)", "closed hat"), ("Pearl Side Stick", "stick"),
        ("Floor Tom", "low tom"), ("Tom Hi", "high tom"), ("Ride Jazz", "ride"), ("bd_808", "kick"),
        ("drum_cymbal_pedal", "pedal hat"), ("Cowbell", "bell"), ("Zap 1", None),
    ],
)  # fmt: skip
def test_instruments_are_known_by_their_names(name: str, found: str | None) -> None:
    assert kind(name) == found


def test_a_closed_hat_chokes_an_open_one(kit: Kit) -> None:
    def hats(*keys: int) -> Audio:
        starts = np.arange(len(keys), dtype=np.float64) * 0.5
        blows = np.full(len(keys), 100, np.uint8)
        return struck(kit, starts, np.array(keys, np.uint8), blows, np.random.default_rng(4))

    after = slice(int(0.8 * SAMPLE_RATE), int(1.2 * SAMPLE_RATE))
    assert np.abs(hats(46, 42)[:, after]).max() < 1e-4
    assert np.abs(hats(46, 36)[:, after]).max() > 0.05


def test_blows_fall_where_they_are_written_and_softer_ones_are_softer(kit: Kit) -> None:
    starts, keys = np.array([0.25, 1.0]), np.array([36, 36], np.uint8)
    audio = struck(kit, starts, keys, np.array([30, 120], np.uint8), np.random.default_rng(1))
    first = np.flatnonzero(np.abs(audio).max(axis=0) > 1e-4)[0] / SAMPLE_RATE
    assert first == pytest.approx(0.25, abs=0.005)
    half = audio.shape[1] * 8 // 25
    assert np.abs(audio[:, half:]).max() > 2 * np.abs(audio[:, :half]).max()


def test_one_shots_come_at_our_rate_and_in_stereo(tmp_path: Path) -> None:
    wave(tmp_path / "mono.wav", tone(100, 1)[:1], 22_050)
    assert one_shot(tmp_path / "mono.wav").shape == (2, 2 * SAMPLE_RATE)


def test_a_sampler_bends_pitch_and_length_together() -> None:
    assert bent(tone(100, 1), 2.0).shape == (2, SAMPLE_RATE // 2)
    assert bent(tone(100, 1), 1.0).shape == (2, SAMPLE_RATE)


def test_loose_samples_make_two_kits(tmp_path: Path) -> None:
    for name in ("bd_808", "sn_dub", "elec_snare", "drum_heavy_kick", "drum_snare_soft",
                 "drum_snare_hard", "loop_amen"):  # fmt: skip
        soundfile.write(tmp_path / f"{name}.flac", tone(100, 0.1).T, SAMPLE_RATE)
    acoustic, electronic = sonic_pi(tmp_path)
    assert set(acoustic.sounds) == {"kick", "snare"} == set(electronic.sounds)
    assert acoustic.hit("snare", 0.3, 0).stem == "drum_snare_soft"


def test_a_song_without_a_bass_of_its_own_gives_what_is_low_in_other(tmp_path: Path) -> None:
    folder = tmp_path / "stems" / "potassium"
    folder.mkdir(parents=True)
    other = tone(60, 3) + tone(900, 3)
    for name, stem in (("drums", tone(200, 3)), ("vocals", tone(440, 3)), ("other", other)):
        heard = soxr.resample(stem.T, SAMPLE_RATE, 48_000)
        soundfile.write(folder / f"{name}.opus", heard, 48_000, format="OGG", subtype="OPUS")
    found = Recorded(tmp_path).take("potassium-0")
    assert found is not None
    assert set(found.stems) == {"drums", "bass", "vocals", "other"}
    bass, rest = found.stems["bass"], found.stems["other"]
    assert share_below(bass, 200) > 0.999
    assert share_below(rest, 200) < 0.001
    middle = slice(SAMPLE_RATE, 2 * SAMPLE_RATE)
    heard = soundfile.read(folder / "other.opus", dtype="float32")[0]
    again = soxr.resample(heard, 48_000, SAMPLE_RATE).T
    assert np.abs(bass + rest - again)[:, middle].max() < 1e-6
