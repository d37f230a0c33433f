"""Which styles of MMA's library stand for which style words, how fast, and how often."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StyleRow:
    """Library files that play one kind of music.

    Attributes:
        words: Of `studio.ai.composer.vocabulary.STYLES`.
        bpm: Slowest and fastest tempo, in quarters a minute.
        weight: How often, against the other rows.
        files: Of MMA's library, without ending.
        drums: Files of drum patterns that replace the band's own drums; empty where it keeps them.
    """

    words: tuple[str, ...]
    bpm: tuple[int, int]
    weight: int
    files: tuple[str, ...]
    drums: tuple[str, ...] = ()


# Words | slowest-fastest | weight | files [+ drums]
_TABLE = """
pop | 92-128 | 9 | stdlib/8beat casio/8beat1 casio/8beat2 casio/8beat3 casio/8beatpop1
    casio/8beatpop2 casio/8beatpop3 pflib/8beat1 pflib/8beat2 casio/pop casio/60spop kara/2beatp
pop | 84-116 | 6 | casio/16beat1 casio/16beat2 casio/16beat3 pflib/16beat1 pflib/16beat2
    casio/worldpop casio/slow16beat casio/soulpop
pop, rock | 100-136 | 6 | casio/poprock1 casio/poprock2 stdlib/softrock stdlib/bubblerock
    pflib/highfive
pop | 108-140 | 3 | casio/popshuffle1 casio/popshuffle2 casio/16shuffle1 casio/16shuffle2
pop | 88-126 | 5 | stdlib/8beat casio/8beatpop1 casio/pop casio/16beat1 casio/electricpop +
    zoom/pop zoom/beat8 zoom/beat16
synthwave, electronic | 84-118 | 5 | casio/80spop casio/electricpop casio/dancepop3 +
    zoom/techno zoom/beat8 zoom/pop
pop, synthwave | 96-124 | 3 | casio/80spop casio/electricpop
pop, electronic | 108-130 | 4 | casio/dancepop1 casio/dancepop2 casio/dancepop3 casio/8beatdance
rock | 104-148 | 6 | stdlib/50srock stdlib/60srock stdlib/basicrock casio/60srock casio/rock1
    casio/rock2 casio/digitalrock pflib/rock1 yamaha/w-rock
rock | 100-144 | 7 | stdlib/basicrock casio/rock1 casio/rock2 pflib/rock1 casio/digitalrock
    casio/poprock1 stdlib/softrock + zoom/rock zoom/hrk
rock | 124-160 | 2 | stdlib/twist casio/twist casio/shufflerock kara/fasttwist stdlib/jive
    kara/twi
rock, ballad | 60-84 | 3 | stdlib/rockballad casio/slowrock pflib/slowrock stdlib/rock-128
rock, waltz | 84-120 | 2 | stdlib/rockwaltz
metal, rock | 116-176 | 5 | pflib/metal1 pflib/metal2 casio/heavymetal
metal, rock | 120-190 | 4 | pflib/metal1 pflib/metal2 casio/heavymetal pflib/rock1 + zoom/mtl
    zoom/thr zoom/hrk
punk, rock | 150-196 | 4 | casio/rock1 casio/rock2 pflib/rock1 casio/heavymetal + zoom/punk
    zoom/rock
funk | 92-116 | 6 | stdlib/bvfunk casio/funk1 casio/funk2 kara/Kfunk1 stdlib/strut stdlib/desert
funk | 90-114 | 4 | casio/funk1 casio/funk2 stdlib/strut casio/fusion stdlib/bvfunk + zoom/funk
jazz, funk | 88-124 | 4 | casio/fusion casio/latinfusion stdlib/lfusion stdlib/jazzrock +
    zoom/fusion zoom/fus16
jazz, rock | 92-132 | 3 | casio/fusion casio/latinfusion stdlib/lfusion stdlib/jazzrock
soul | 84-118 | 6 | stdlib/dsoul casio/60ssoul casio/soul casio/soulpop kara/8beatmotown
    stdlib/rb casio/r+b
soul, pop | 72-98 | 4 | casio/mellowrb casio/modernrb casio/soul stdlib/rb-ballad + zoom/rnb
disco, soul | 112-128 | 5 | casio/discosoul stdlib/boneym casio/8beatdance casio/dance1
disco | 112-130 | 3 | casio/discosoul casio/dance2 stdlib/boneym casio/funk2 + zoom/dance
house, electronic | 118-130 | 5 | casio/house casio/latinhouse casio/dance2 casio/rave
house, electronic | 118-130 | 4 | casio/house casio/trance1 casio/dancepop1 + zoom/house
electronic | 126-142 | 4 | stdlib/trance casio/trance1 casio/trance2 casio/techno casio/rave
electronic | 124-140 | 2 | casio/dance1 casio/dance2 casio/house casio/techno casio/trance1
    casio/trance2 + zoom/techno
drum and bass, electronic | 160-176 | 5 | casio/trance1 casio/trance2 casio/ambient1
    casio/ambient3 casio/electricpop + zoom/dnb
hip hop | 84-104 | 5 | casio/hip-hop casio/triphop
hip hop | 80-102 | 5 | casio/hip-hop casio/mellowrb casio/triphop casio/modernrb casio/soul +
    zoom/hiphop
trap, hip hop | 64-76 | 2 | casio/triphop casio/ambient2 casio/hip-hop + zoom/hiphop zoom/trip
lo-fi, hip hop | 68-86 | 5 | casio/mellowrb casio/triphop stdlib/jazzguitar stdlib/nitejazz
    casio/slow16beat + zoom/trip zoom/hiphop
ambient, electronic | 64-96 | 3 | casio/ambient1 casio/ambient2 casio/ambient3
reggae | 66-88 | 5 | stdlib/ska stdlib/boneym casio/worldpop + zoom/reggae
reggae | 116-152 | 4 | stdlib/ska
reggae | 120-150 | 2 | stdlib/ska + zoom/ska
bossa nova, latin | 108-148 | 7 | stdlib/bossanova kara/kbossa yamaha/jazzbossa
    yamaha/quando-g.s280
bossa nova, latin | 110-140 | 2 | stdlib/bossanova kara/kbossa + zoom/bossa
samba, latin | 92-118 | 4 | stdlib/samba
samba, latin | 92-118 | 1 | stdlib/samba stdlib/bossanova + zoom/samba
salsa, latin | 92-112 | 4 | stdlib/salsa yamaha/salsa1 yamaha/salsa2
latin | 96-128 | 5 | stdlib/mambo stdlib/chacha stdlib/son stdlib/merengue
    stdlib/cubanguitar casio/latinfusion stdlib/calypso stdlib/latinwaltz
latin | 96-120 | 2 | stdlib/chacha stdlib/son stdlib/cubanguitar casio/latinfusion + zoom/latin
beguine, latin | 104-132 | 1 | stdlib/beguine stdlib/rhumba stdlib/jazzrhumba
latin, ballad | 84-108 | 2 | stdlib/bolero stdlib/slowbolero stdlib/rhumba
tango, latin | 108-128 | 2 | stdlib/tango stdlib/lighttango
afro, latin | 104-128 | 2 | stdlib/afro-cuban
afro, latin | 98-124 | 2 | stdlib/son stdlib/merengue casio/worldpop casio/latinfusion +
    zoom/afro
ballad, pop | 60-82 | 8 | stdlib/ballad stdlib/popballad stdlib/pianoballad stdlib/guitarballad
    stdlib/stringballad stdlib/rb-ballad casio/popballad casio/16beatballad1 casio/16beatballad2
    casio/16beatballad3 casio/8beatballad1 casio/8beatballad2 casio/8beatballad3
    casio/slow16beat casio/serenade casio/oldieballad
ballad, pop | 60-80 | 3 | stdlib/popballad casio/popballad casio/16beatballad1 stdlib/ballad +
    zoom/bald
ballad, soul | 54-72 | 2 | stdlib/ballad128 stdlib/ballad68 casio/oldieballad casio/68ballad
country | 96-136 | 5 | stdlib/westernswing stdlib/countryswing stdlib/hillcountry
    stdlib/bluegrass yamaha/western yamaha/jazzcountry stdlib/countryblues stdlib/countrywaltz
country | 96-130 | 2 | yamaha/western stdlib/slowcountry casio/poprock1 + zoom/country
    zoom/cntry
country, ballad | 68-92 | 3 | stdlib/slowcountry stdlib/folkballad kara/kwestballad
folk | 92-124 | 5 | stdlib/folk stdlib/folkrock stdlib/bluefolk stdlib/folkyjazz stdlib/zydeco
    stdlib/lullaby
blues | 84-128 | 4 | stdlib/blues casio/blues stdlib/fastblues stdlib/shuffleboggie
    stdlib/boggiewoggie casio/shuffleboogie stdlib/countryblues
blues | 56-80 | 2 | stdlib/slowblues stdlib/blues128 stdlib/blues68
blues, rock | 92-128 | 2 | casio/blues casio/shufflerock + zoom/blues zoom/shuffle
gospel, soul | 72-108 | 3 | stdlib/spiritual stdlib/popspiritual stdlib/slowspiritual stdlib/rb
jazz, swing | 120-176 | 5 | stdlib/swing stdlib/easyswing stdlib/jazzcombo casio/jazzcombo
    casio/swing yamaha/jazzswing yamaha/jazztrio yamaha/jazzGrtrio yamaha/jazzbouncy
    stdlib/jazzguitar stdlib/gypsyjazz
swing, jazz | 128-190 | 3 | stdlib/bigband casio/fastbigband casio/middlebigband
    yamaha/jazzbasie stdlib/fastswing
jazz | 180-230 | 2 | stdlib/bebop stdlib/modernjazz casio/modernjazz
jazz, ballad | 64-92 | 3 | stdlib/slowjazz stdlib/nitejazz stdlib/mellowjazz stdlib/evansish
    casio/slowswing casio/slowbigband stdlib/descendingjazz
jazz, waltz | 120-168 | 3 | stdlib/jazzwaltz stdlib/fastjazzwaltz stdlib/modernjazzwaltz
    casio/jazzwaltz yamaha/jazzwaltz
waltz | 96-168 | 3 | stdlib/waltz casio/popwaltz stdlib/countrywaltz stdlib/broadwaywaltz
    stdlib/frenchwaltz stdlib/vienesewaltz stdlib/arpeggiowaltz
song | 96-140 | 1 | stdlib/foxtrot casio/foxtrot stdlib/quickstep casio/quickstep
    stdlib/showtune stdlib/broadway stdlib/softshoe stdlib/slowbroadway stdlib/charleston
polka | 104-128 | 1 | stdlib/polka casio/polka casio/poppolka casio/polkafox
march | 104-120 | 1 | stdlib/march stdlib/bwmarch stdlib/68march casio/march1 casio/germanmarch
ragtime | 84-108 | 1 | stdlib/ragtime stdlib/dixie stdlib/dixiemarch
hymn | 72-100 | 1 | stdlib/hymn
ballad, piano | 64-96 | 2 | stdlib/arpeggio44 stdlib/arpeggio68 stdlib/arpeggiowaltz
swing | 84-120 | 1 | stdlib/68swing
"""


def _rows(table: str) -> tuple[StyleRow, ...]:
    rows = []
    for line in table.replace("\n    ", " ").strip().splitlines():
        words, bpm, weight, bands = (cell.strip() for cell in line.split("|"))
        low, high = (int(number) for number in bpm.split("-"))
        files, _, drums = bands.partition(" + ")
        names = tuple(words.split(", "))
        row = StyleRow(names, (low, high), int(weight), tuple(files.split()), tuple(drums.split()))
        rows.append(row)
    return tuple(rows)


ROWS = _rows(_TABLE)
