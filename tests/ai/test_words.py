"""What a prompt is understood to say, and what it says was not understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ai import lexicon
from studio.ai.sketch.instruments import INSTRUMENTS, ROLES
from studio.ai.sketch.styles import MOODS, STYLES
from studio.ai.words import understand
from studio.domain.theory import Key


def texts(prompt: str, negative: str = "") -> list[str]:
    return [chip.text for chip in understand(prompt, negative).chips]


def not_understood(prompt: str) -> list[str]:
    return [chip.text for chip in understand(prompt).chips if not chip.control]


@pytest.mark.parametrize("style", lexicon.STYLES)
def test_every_style_is_known_by_its_own_name_and_can_be_played(style: str) -> None:
    assert understand(f"a {style} song").style == style
    assert style in STYLES


def test_every_word_of_the_lexicon_leads_somewhere() -> None:
    assert set(lexicon.MOODS) == set(MOODS)
    assert set(lexicon.INSTRUMENTS) <= set(INSTRUMENTS) | set(ROLES)
    for rows in (lexicon.STYLES, lexicon.MOODS, lexicon.INSTRUMENTS, lexicon.FEELS):
        for name, spellings in rows.items():
            for spelling in spellings:
                assert not not_understood(spelling), (name, spelling)


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("acoustic ballad", "folk"),
        ("jazz waltz", "jazz"),
        ("something with swing", "jazz"),
        ("blues rock", "rock"),
        ("Klavierballade", "ballad"),
        ("reggea", "reggae"),
        ("eletronic", "house"),
        ("bossanova", "bossa nova"),
        ("metall", "metal"),
        ("Rocksong", "rock"),
        ("musique classique", "classical"),
        ("lofi hiphop", "lo-fi"),
    ],
)
def test_a_style_is_found_in_compounds_other_tongues_and_misspellings(
    prompt: str, style: str
) -> None:
    assert understand(prompt).style == style


@pytest.mark.parametrize(
    ("prompt", "bpm"),
    [
        ("90 bpm", 90.0),
        ("funk at 104", 104.0),
        ("tempo 72", 72.0),
        ("techno 128bpm", 128.0),
        ("♩=96", 96.0),
        ("92,5 bpm", 92.5),
        ("andante", 84.0),
        ("allegro con brio", 132.0),
        ("techno 135", 135.0),
        ("135 at 90 bpm", 90.0),
        ("at 16 bars", None),
        ("9000 bpm", None),
    ],
)
def test_a_tempo_is_a_number_or_an_italian_word(prompt: str, bpm: float | None) -> None:
    assert understand(prompt).bpm == bpm


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("in D minor", Key(2, "minor")),
        ("F# dorian", Key(6, "dorian")),
        ("a song in Bb", Key(10, "major")),
        ("C sharp minor", Key(1, "minor")),
        ("E-flat major", Key(3, "major")),
        ("f#m", Key(6, "minor")),
        ("in h-Moll", Key(11, "minor")),
        ("B-Dur", Key(10, "major")),
        ("fis-Moll", Key(6, "minor")),
        ("es-dur", Key(3, "major")),
        ("en do mayor", Key(0, "major")),
        ("sol mineur", Key(7, "minor")),
        ("re bemol maggiore", Key(1, "major")),
        ("a sad song", None),
        ("in a cafe", None),
    ],
)
def test_a_key_is_read_as_english_german_and_romance_musicians_write_it(
    prompt: str, key: Key | None
) -> None:
    assert understand(prompt).key == key


@pytest.mark.parametrize(
    ("prompt", "meter"),
    [
        ("3/4", (3, 4)),
        ("7/8 groove", (7, 8)),
        ("5 / 4", (5, 4)),
        ("waltz", (3, 4)),
        ("Walzer", (3, 4)),
        ("six eight", (6, 8)),
        ("0/4", None),
    ],
)
def test_a_meter_is_a_fraction_or_a_dance(prompt: str, meter: tuple[int, int] | None) -> None:
    assert understand(prompt).meter == meter


def test_instruments_are_wanted_or_not_and_only_means_only() -> None:
    heard = understand("upright bass and Streicher, no drums, sans guitare")
    assert heard.instruments == ("upright bass", "strings")
    assert heard.excluded == ("drums", "acoustic guitar")
    assert not heard.only
    alone = understand("only piano and cello")
    assert alone.only
    assert alone.instruments == ("piano", "cello")
    assert understand("without bass or drums").excluded == ("bass", "drums")
    assert understand("no drums but with bass").instruments == ("bass",)


def test_solo_means_alone_before_an_instrument_and_lead_after_one() -> None:
    assert understand("solo piano").only
    assert understand("piano solo").only
    assert not understand("rock with a guitar, then a saxophone solo").only


def test_what_a_second_prompt_names_is_refused() -> None:
    heard = understand("pop", "drums, sad, jazz, busy")
    assert heard.excluded == ("drums",)
    assert set(heard.avoided) == {"sad", "jazz"}
    assert heard.density is not None
    assert heard.density < 0.5
    assert texts("pop", "drums") == ["pop", "no drums"]


def test_bars_form_density_and_feel() -> None:
    heard = understand("intro 4, verse 8, chorus 8, sparse, swing, 20 bars")
    assert heard.form == (("Intro", 4), ("Verse", 8), ("Chorus", 8))
    assert (heard.bars, heard.density, heard.feel) == (20, 0.2, "swing")
    assert understand("intro 4, verse 8, chorus 8").bars == 20
    assert understand("verse chorus verse chorus").bars == 32
    assert understand("eight bars").bars == 8
    assert understand("12-bar blues").bars == 12
    assert understand("12-bar blues").style == "blues"
    assert understand("24 bars of 12-bar blues").bars == 24
    assert [name for name, _ in understand("AABA").form] == ["A", "A", "B", "A"]
    assert understand("busy drums").density == 0.8
    assert understand("ein langsamer, dichter Song").pace == 0.82


def test_chips_stand_in_the_order_of_the_words_and_name_their_control() -> None:
    chips = understand("sad bossa nova in D minor at 132 bpm, 16 bars, no drums").chips
    assert [(chip.text, chip.control) for chip in chips] == [
        ("sad", "mood"),
        ("bossa nova", "style"),
        ("D minor", "key"),
        ("132 bpm", "tempo"),
        ("16 bars", "bars"),
        ("no drums", "instrument"),
    ]


def test_a_word_that_is_not_understood_is_shown_and_small_words_are_not() -> None:
    assert not_understood("please write me a zorblax tune with some piano") == ["zorblax"]
    assert not_understood("une chanson pour la plage") == ["plage"]
    assert understand("") == understand("   ")


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_is_read_alike_twice(prompt: str, negative: str) -> None:
    assert understand(prompt, negative) == understand(prompt, negative)


KNOWN = [*sorted(lexicon.STYLES), *sorted(lexicon.MOODS), *sorted(lexicon.INSTRUMENTS)]
KNOWN += ["7/8", "no", "only", ",", "in D minor", "16 bars", "with"]


@given(st.lists(st.sampled_from(KNOWN), max_size=8))
def test_known_words_in_any_order_are_all_understood(words: list[str]) -> None:
    assert not [chip for chip in understand(" ".join(words)).chips if not chip.control]


def test_only_means_the_instruments_beside_it() -> None:
    assert understand("just a nylon guitar").only
    assert understand("piano only, sad").only
    assert understand("no drums, no bass just guitar").only
    assert "acoustic guitar" not in understand("no drums no bass just guitar").excluded
    assert not understand("I just want something calm with a piano").only
    assert not understand("walking alone in the rain, warm rhodes and soft drums").only


def test_a_band_known_by_one_name_plays_alone() -> None:
    quartet = understand("string quartet, tense")
    assert quartet.only
    assert quartet.style == "classical"
    assert quartet.instruments == ("violin", "viola", "cello")


@pytest.mark.parametrize(
    ("prompt", "style", "moods"),
    [
        ("late night jazz, brushed drums", "jazz", {"dark", "calm"}),
        ("drum and bass 174", "drum and bass", set()),
        ("synthwave, driving", "synthwave", {"energetic"}),
        ("cinematic epic trailer", "classical", {"epic"}),
        ("sad boy piano", "", {"sad"}),
        ("une valse triste à l'accordéon", "waltz", {"sad"}),
        ("afrobeat with congas", "funk", set()),
        ("tropical house, summer vibes", "house", {"happy"}),
    ],
)
def test_slang_is_understood(prompt: str, style: str, moods: set[str]) -> None:
    found = understand(prompt)
    assert found.style == style
    assert set(found.moods) == moods
    assert not_understood(prompt) == []


def test_other_scripts_are_shown_as_not_understood() -> None:
    assert not_understood("もっと速く") != []
    assert understand("🎹🔥").chips == ()


@pytest.mark.parametrize(
    ("prompt", "seconds"),
    [
        ("2 minutes of jazz", 120.0),
        ("a 90-second tune", 90.0),
        ("two and a half minutes", 150.0),
        ("half a minute", 30.0),
        ("3 minutes 20 seconds", 200.0),
        ("1:30 house", 90.0),
        ("zwei Minuten", 120.0),
        ("30 secondes", 30.0),
        ("120 beats per minute", None),
        ("900 minutes", None),
        ("D min", None),
        ("80s pop", None),
        ("trap with 808s", None),
    ],
)
def test_a_length_in_time_is_read(prompt: str, seconds: float | None) -> None:
    assert understand(prompt).seconds == seconds


def test_bars_that_were_said_come_before_a_length_in_time() -> None:
    heard = understand("verse 8, chorus 8, 2 minutes")
    assert (heard.bars, heard.bpm_over(16 * 3840)) == (16, None)
    lasting = understand("verse, chorus, 2 minutes")
    assert (lasting.bars, lasting.bars_lasting(120.0, 3840)) == (None, 60)
    assert lasting.bpm_over(60 * 3840) == 120.0


@pytest.mark.parametrize(
    ("prompt", "chords"),
    [
        ("Am F C G, sad pop", (("Am",), ("F",), ("C",), ("G",))),
        ("Am-F-C-G", (("Am",), ("F",), ("C",), ("G",))),
        ("chords: Dm7 G7 | Cmaj7.", (("Dm7", "G7"), ("Cmaj7",))),
        ("C, G/B, Am", (("C",), ("G/B",), ("Am",))),
        ("form A B A", ()),
        ("A B A form", ()),
        ("AABA", ()),
        ("I Am Here", ()),
        ("A sad song in D", ()),
    ],
)
def test_chords_are_read_bar_by_bar(prompt: str, chords: tuple[tuple[str, ...], ...]) -> None:
    assert understand(prompt).chords == chords


def test_i_am_is_no_key() -> None:
    assert understand("I am sad").key is None
    assert understand("in am").key == Key(9, "minor")
    assert understand("Am").key == Key(9, "minor")


@pytest.mark.parametrize(
    ("prompt", "limit"),
    [("pop, 1000 bars", "999 bars"), ("500 bpm", "400 bpm"), ("90 minutes", "an hour")],
)
def test_a_number_that_cannot_be_is_shown_with_the_limit(prompt: str, limit: str) -> None:
    heard = understand(prompt)
    assert (heard.bars, heard.bpm, heard.seconds) == (None, None, None)
    chip = next(chip for chip in heard.chips if not chip.control)
    assert chip.text == prompt.removeprefix("pop, ")
    assert limit in chip.note


def test_a_number_of_any_length_can_be_typed() -> None:
    for unit in ("", " bars", " bpm", " minutes", "/4"):
        assert understand("9" * 5000 + unit).bars is None


def test_bars_of_sections_are_not_those_of_the_song() -> None:
    for text in ("Intro 4 Takte, Strophe 8", "intro 4 bars, verse 8 bars", "4 bar intro, verse 8"):
        heard = understand(text)
        assert heard.form == (("Intro", 4), ("Verse", 8)), text
        assert heard.bars == 12
    assert understand("12 bars solo piano").bars == 12


def test_what_is_refused_as_well_as_wanted_is_not_wanted() -> None:
    heard = understand("funky groove without drums")
    assert (heard.instruments, heard.excluded) == ((), ("drums",))
    assert [(chip.text, chip.control) for chip in heard.chips] == [
        ("funk", "style"), ("groove", ""), ("no drums", "instrument"),
    ]  # fmt: skip
    assert "no drums" in heard.chips[1].note
    assert understand("sad strings", "sad").moods == ()


def test_what_is_refused_ends_where_a_song_is_said_to_be_for_somebody() -> None:
    heard = understand("a song without words for violin, no bass")
    assert (heard.instruments, heard.excluded) == (("violin",), ("bass",))


def test_forms_say_how_often_a_section_comes() -> None:
    text = "intro 4, verse 8, chorus 8, verse 8, chorus 8, outro 4"
    assert understand(text).bars == 40
    assert [name for name, _ in understand("verse x2, chorus").form] == ["Verse", "Verse", "Chorus"]


def test_what_is_in_quotation_marks_is_a_name() -> None:
    heard = understand("a tune like “blue monday” in D minor")
    assert (heard.moods, heard.key) == ((), Key(2, "minor"))
    assert [chip.text for chip in heard.chips if not chip.control] == ["“blue monday”"]
    assert understand('"slow jazz"').style == "jazz"


def test_the_style_of_an_artist_is_not_imitated() -> None:
    heard = understand("in the style of Led Zeppelin with strings", "", lambda p: ("style", "rock"))
    assert (heard.style, heard.instruments) == ("", ("strings",))
    chip = next(chip for chip in heard.chips if chip.text == "Led Zeppelin")
    assert not chip.control
    assert "artists" in chip.note
    assert understand("in the style of bossa nova").style == "bossa nova"


def test_ordinary_words_are_no_misspellings() -> None:
    assert not_understood("coming, singing, match, stars, change, walker") == [
        "coming", "singing", "match", "stars", "change", "walker",
    ]  # fmt: skip
    assert understand("a chello and a trupmet").instruments == ("cello", "trumpet")


def test_guesses_never_gainsay_what_was_said() -> None:
    def guess(phrase: str) -> tuple[str, object] | None:
        return {"frozen lake": ("style", "ambient"), "gloaming": ("mood", "sad")}.get(phrase)

    free = understand("a frozen lake, gloaming", "", guess)
    assert (free.style, free.moods) == ("ambient", ("sad",))
    assert [chip.heard for chip in free.chips] == ["frozen lake", "gloaming"]
    harp = understand("a plucked harp part", "", lambda p: ("instrument", "acoustic guitar"))
    assert harp.instruments == ("harp",)
    told = understand("jazz by a frozen lake", "", guess)
    assert told.style == "jazz"
    assert [chip.text for chip in told.chips if not chip.control] == ["frozen lake"]
    refused = understand("not gloaming", "frozen lake", guess)
    assert (refused.moods, set(refused.avoided)) == ((), {"sad", "ambient"})


@given(st.text(max_size=60))
def test_every_chip_says_where_it_stands(prompt: str) -> None:
    for chip in understand(prompt).chips:
        assert chip.words
        assert all(0 <= start < end <= len(prompt) for start, end in chip.spans)


@given(st.lists(st.sampled_from(KNOWN), min_size=1, max_size=5))
def test_what_a_chip_shows_means_the_same_when_it_is_typed(words: list[str]) -> None:
    for chip in understand(", ".join(words)).chips:
        again = [(c.text, c.control) for c in understand(chip.words).chips]
        assert (chip.text, chip.control) in again
