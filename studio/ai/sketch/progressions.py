"""Chord progressions by style, as roman numerals.

Bars are separated by spaces, chords within a bar by commas. Numerals count from the major scale of
the tonic whatever the mode: `bVI` in C minor is A flat. Upper case is major, lower case minor; what
follows is the chord's quality as written on a lead sheet. `V7/ii` is the dominant of the second
degree.
"""

from __future__ import annotations

# style -> "major" or "minor" -> material letter -> progressions to choose from
PROGRESSIONS: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "pop": {
        "major": {
            "A": ("I V vi IV", "vi IV I V", "I vi IV V", "I iii IV V", "I IV vi V",
                "I Vsus4 vi7 IVadd9"),
            "B": ("IV V vi I", "IV I V vi", "IV V iii vi", "ii IV I V", "vi V IV V"),
            "C": ("ii V iii vi ii V IV V", "IV iv I V", "bVII IV I V"),
        },
        "minor": {
            "A": ("i bVI bIII bVII", "i iv bVI v", "i bVII bVI bVII", "i bIII bVII iv"),
            "B": ("bVI bVII i bIII", "iv bVII bIII bVI", "bVI bIII bVII i"),
            "C": ("iv v bVI bVII", "bVI bVII bIII V"),
        },
    },
    "rock": {
        "major": {
            "A": ("I bVII IV I", "I IV V IV", "I V IV I", "I I IV V", "I vi IV V"),
            "B": ("IV V I vi", "bVI bVII I I", "IV I V V", "vi IV I V"),
            "C": ("bIII IV I I", "ii IV V V"),
        },
        "minor": {
            "A": ("i bVII bVI bVII", "i i bIII bVII", "i bIII iv bVI", "i iv i bVII"),
            "B": ("bVI bVII i i", "bIII bVII iv bVI", "iv bVI bVII i"),
            "C": ("iv iv bVI bVII", "bVI bIII bVII V"),
        },
    },
    "jazz": {
        "major": {
            "A": (
                "Imaj7 vi7 ii7 V7", "ii7 V7 Imaj7 VI7", "Imaj7 VI7b9 ii7 V7",
                "Imaj7,vi7 ii7,V7 iii7,VI7 ii7,V7",
                "Imaj7 IVmaj7 iii7,VI7 ii7,V7", "Imaj9 #ivm7b5,VII7 iii7,VI7b9 ii7,V7",
            ),
            "B": (
                "III7 III7 VI7 VI7 II7 II7 V7 V7", "IVmaj7 iv6 iii7 VI7 ii7 V7 iii7,VI7 ii7,V7",
                "v7 I7 IVmaj7 IVmaj7 vi7 II7 ii7 V7",
            ),
            "C": ("ii7,V7 Imaj7,VI7 ii7,V7 Imaj7",),
        },
        "minor": {
            "A": (
                "i6 iim7b5,V7b9 i6 iim7b5,V7b9", "iv7 bVII7 bIIImaj7 bVImaj7 iim7b5 V7b9 i6 i6",
                "i7 bVI7,V7 i7 iim7b5,V7b9", "iim7b5 V7b9 i7 VI7b9",
            ),
            "B": ("iv7 bVII7 bIIImaj7 bIII6 iim7b5 V7b9 i7 i7", "iv7 iv7 i7 i7 bVI7 bVI7 V7 V7"),
            "C": ("iim7b5 V7b9 i6 i6",),
        },
    },
    "bossa nova": {
        "major": {
            "A": (
                "Imaj7 Imaj7 II7 II7 ii7 V7 Imaj7 V7", "Imaj7 vi7 ii7 V7b9", "Imaj9 #idim7 ii9 V13",
                "Imaj7 II7 ii7 V7", "iii7 VI7b9 ii7 V7",
            ),
            "B": ("IVmaj7 iv6 iii7 VI7b9 ii7 V7 Imaj7 V7", "IVmaj7 bVII9 iii7 VI7 ii7 II7 ii7 V7"),
            "C": ("v7 I7 IVmaj7 iv6",),
        },
        "minor": {
            "A": (
                "i6 i6 iim7b5 V7b9 i6 iim7b5,V7b9 i6 V7b9",
                "i7 iv7 bVII7 bIIImaj7 bVImaj7 iim7b5 V7b9 i7", "i9 VI7b9 iim7b5 V7b9",
            ),
            "B": ("iv7 bVII7 bIIImaj7 bVImaj7 iim7b5 V7b9 i6 i6", "bVImaj7 V7b9 i7 i7"),
            "C": ("iv7 V7b9 i7 i7",),
        },
    },
    "blues": {
        "major": {
            "A": (
                "I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7",
                "I7 IV7 I7 I7 IV7 IV7 I7 VI7 ii7 V7 I7 V7",
                "I7 IV7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 I7,V7",
            ),
        },
        "minor": {
            "A": (
                "i7 i7 i7 i7 iv7 iv7 i7 i7 bVI7 V7 i7 V7",
                "i7 iv7 i7 i7 iv7 iv7 i7 i7 V7 iv7 i7 V7",
            ),
        },
    },
    "funk": {
        "major": {
            "A": ("I9 I9 I9 IV9", "I9 IV9 I9 IV9", "I7 bVII7 IV7 I7", "I9 I9 IV9 IV9"),
            "B": ("IV9 IV9 V9 V9", "ii7 V9 ii7 V9", "bVII9 IV9 I9 I9"),
        },
        "minor": {
            "A": ("i9 i9 i9 IV9", "i7 IV9 i7 IV9", "i9 i9 bVII9 IV9", "i7 bIII bVII IV9"),
            "B": ("iv9 iv9 bVII9 bVII9", "bVImaj7 bVII9 i9 i9"),
        },
    },
    "house": {
        "major": {
            "A": ("vi IV I V", "Imaj7 iii7 vi7 IVmaj7", "IVmaj7 V vi7 vi7", "I V ii IV"),
            "B": ("IVmaj7 I V vi7", "ii7 vi7 IVmaj7 V"),
        },
        "minor": {
            "A": ("i bVI bIII bVII", "i7 iv7 bVI bVII", "i9 i9 bVImaj7 bVII", "i bVII iv bVI",
                "i7 v7 bVImaj7 iv7"),
            "B": ("bVImaj7 bVII i7 i7", "iv7 bVII bIIImaj7 bVImaj7"),
        },
    },
    "lo-fi": {
        "major": {
            "A": ("IVmaj9 iii7 vi9 I9", "ii9 V13 Imaj9 VI7b9", "Imaj9 iii7 vi9 ii9,V13",
                "IVmaj7 V7 iii7 vi7"),
            "B": ("ii9 iii7 IVmaj9 V7", "IVmaj9 iv6 iii7 VI7b9", "vi9 ii9 V13 Imaj9"),
        },
        "minor": {
            "A": ("i9 iv9 bVII13 bIIImaj9", "i9 bVImaj9 iv9 v7", "iv9 v7 i9 i9",
                "i9 iv9 i9 bVImaj7,V7b9"),
            "B": ("bVImaj9 v7 iv9 i9", "iv9 bVII13 bIIImaj9 bVImaj9"),
        },
    },
    "folk": {
        "major": {
            "A": ("I IV I V", "I V vi IV", "I I IV I", "I IV V I", "I vi IV I"),
            "B": ("IV I IV V", "vi IV I V", "IV I ii V", "V IV I I"),
        },
        "minor": {
            "A": ("i bVII i bVII", "i bIII bVII i", "i iv i v", "i bVII bVI v"),
            "B": ("bIII bVII i v", "bVI bVII i i", "iv i bVII i"),
        },
    },
    "country": {
        "major": {
            "A": ("I I IV I", "I IV I V", "I I V V", "I I7 IV V", "I V7/V V V"),
            "B": ("IV I V I", "IV IV I V7", "IV I II7 V7", "vi ii V I"),
        },
        "minor": {"A": ("i iv i V", "i bVII i V", "i bIII bVII i"), "B": ("bIII bVII i V",
            "iv i V i")},
    },
    "waltz": {
        "major": {
            "A": ("I I V7 V7 V7 V7 I I", "I vi ii V7", "I I IV IV V7 V7 I I", "I VI7 ii V7"),
            "B": ("IV IV I I V7 V7 I I", "vi ii V7 I", "II7 II7 V7 V7", "IV I II7 V7"),
        },
        "minor": {
            "A": ("i i V7 V7 V7 V7 i i", "i iv V7 i", "i bVI iv V7"),
            "B": ("bIII bIII bVII bVII iv iv V7 V7", "iv i V7 i", "bVI bIII iv V7"),
        },
    },
    "ballad": {
        "major": {
            "A": ("I V/7 vi IV", "Imaj7 iii7 IVmaj7 V", "I vi7 ii7 Vsus4,V", "Iadd9 IVadd9 vi7 V",
                "I III7 vi IV"),
            "B": ("IV V iii vi", "IVmaj7 iv6 I V7/ii", "ii7 V I vi7", "vi iii IV V"),
            "C": ("bVI bVII I I", "ii7 iii7 IVmaj7 V"),
        },
        "minor": {
            "A": ("i bVI bIII bVII", "i iv7 bVII bIIImaj7", "i v7 bVI V", "imadd9 bVI iv7 V"),
            "B": ("bVI bVII bIII iv", "iv7 bVII bIIImaj7 bVImaj7", "bVI iv i V"),
            "C": ("iv v bVI bVII",),
        },
    },
    "ambient": {
        "major": {
            "A": ("Imaj9 Imaj9 IVmaj9 IVmaj9", "Iadd9 IVadd9 vi9 IVadd9", "Imaj7 iii7 IVmaj7 iii7",
                "Isus2 IVadd9 Isus2 vi9"),
            "B": ("vi9 vi9 IVmaj9 IVmaj9", "IVmaj9 Iadd9 ii9 IVmaj9"),
        },
        "minor": {
            "A": ("imadd9 imadd9 bVImaj9 bVImaj9", "i9 iv9 i9 bVImaj7",
                "imadd9 bIIImaj7 bVImaj7 iv9"),
            "B": ("bVImaj9 bVImaj9 iv9 iv9", "bIIImaj7 iv9 bVImaj7 i9"),
        },
    },
    "classical": {
        "major": {
            "A": ("I V7 I V", "I IV I,V7 I", "I vi ii6,V7 I", "I ii,V I V", "I,V vi,iii IV,I IV,V",
                "I V7/IV IV V"),
            "B": ("V V7/V V V", "vi V7/ii ii V", "V7 I V7/V V", "ii V7 iii vi ii V7 I V"),
            "C": ("IV I V7 I", "iv i V7 V7"),
        },
        "minor": {
            "A": ("i V7 i V", "i iv V7 i", "i bVI iim7b5,V7 i", "i iv bVII bIII bVI iim7b5 V7 i",
                "i,V7 i,iv i,V7 i"),
            "B": ("bIII bVII bIII V7/iv", "bVI iv V7 V7", "iv bVII bIII V"),
            "C": ("bIII iv V7 i",),
        },
    },
    "reggae": {
        "major": {
            "A": ("I IV I IV", "I V vi IV", "I ii I ii", "I IV V IV", "I vi ii V"),
            "B": ("vi V IV V", "ii V ii V", "IV I V I"),
        },
        "minor": {
            "A": ("i iv i iv", "i bVII i bVII", "i bVII bVI bVII", "i v i v"),
            "B": ("bVI bVII i i", "iv v i i", "bIII bVII iv i"),
        },
    },
    "latin": {
        "major": {
            "A": ("I IV V IV", "I ii V7 I", "I,IV V7,IV I,IV V7", "I vi ii V7"),
            "B": ("ii V7 I VI7", "IV V7 iii vi", "V7 IV V7 I"),
        },
        "minor": {
            "A": ("i iv V7 iv", "i V7 V7 i", "i iv V7 i", "i bVII bVI V7", "i,iv V7,iv i,iv V7"),
            "B": ("iv i V7 i", "bVI V7 i i", "iv bVII bIII V7"),
        },
    },
    "metal": {
        "major": {"A": ("I5 bVII5 IV5 I5", "I5 bVI5 bVII5 I5"), "B": ("bVI5 bVII5 I5 I5",
            "IV5 V5 I5 I5")},
        "minor": {
            "A": ("i5 bVI5 bVII5 i5", "i5 i5 bVI5 V5", "i5 bIII5 iv5 bVI5", "i5 bVII5 bVI5 v5",
                "i5 iv5 bVI5 v5"),
            "B": ("bVI5 bVII5 i5 bIII5", "iv5 bVI5 bVII5 i5", "bIII5 bVII5 iv5 v5"),
            "C": ("iv5 v5 bVI5 bVII5",),
        },
    },
    "soul": {
        "major": {
            "A": ("Imaj7 vi7 ii7 V9", "Imaj7 iii7 ii7 V7sus4", "I I7 IV iv6",
                "Imaj9 IVmaj9 iii7 vi7", "I III7 vi7 ii7,V9"),
            "B": ("ii7 iii7 IVmaj7 V7sus4", "IVmaj7 iii7 ii7 Imaj7", "vi7 II9 ii7 V9"),
        },
        "minor": {
            "A": ("i9 iv9 i9 v7", "i7 bVImaj7 iv7 v7", "i9 IV9 i9 IV9", "i7 bIIImaj7 iv7 V7#9"),
            "B": ("bVImaj7 bVII9 i9 i9", "iv9 bVII9 bIIImaj7 bVImaj7"),
        },
    },
    "disco": {
        "major": {"A": ("I vi ii V", "IVmaj7 iii7 vi7 ii7", "I iii7 IV V"), "B": ("IV V iii vi",
            "ii7 V7 Imaj7 vi7")},
        "minor": {
            "A": ("i bVI iv bVII", "i7 iv7 bVII bIIImaj7", "i bVII bVI V7", "i7 iv7 i7 v7"),
            "B": ("bVI bVII i i", "iv7 bVII7 bIIImaj7 bVImaj7"),
        },
    },
    "trap": {
        "major": {"A": ("vi IV I V", "vi iii IV I"), "B": ("IV V vi vi", "ii IV vi V")},
        "minor": {
            "A": ("i i bVI bVI", "i bVI iv V", "i iv bVI v", "i bIII bVI bVII", "i i bVI V7"),
            "B": ("bVI bVII i i", "iv i bVI V"),
        },
    },
}  # fmt: skip

PROGRESSIONS["drum and bass"] = PROGRESSIONS["house"]
PROGRESSIONS["synthwave"] = PROGRESSIONS["pop"]

# The two bars before the end of a section that closes, and the close itself.
CADENCES: dict[str, dict[str, tuple[str, ...]]] = {
    "plain": {"major": ("IV,V I", "V I", "IV I"), "minor": ("iv,V i", "V i", "bVI,bVII i", "iv i")},
    "jazz": {"major": ("ii7,V7 I69", "ii7,V7 I6"), "minor": ("iim7b5,V7b9 i6",)},
    "blues": {"major": ("V7 I7", "IV7 I7"), "minor": ("V7 i7", "iv7 i7")},
    "classical": {"major": ("ii,V7 I", "IV,V7 I", "V7 I"), "minor": ("iv,V7 i", "iim7b5,V7 i")},
    "modal": {"major": ("IVadd9 Iadd9", "IVmaj7 I69"), "minor": ("iv9 i9", "bVImaj7 i7")},
    "power": {"major": ("bVII5 I5", "V5 I5"), "minor": ("bVI5,bVII5 i5", "V5 i5")},
}
