"""Words musicians use for music, in English, German, French, Spanish and Italian.

Tables only. Every entry is lower case and without accents; entries of several words are written
with single spaces. `studio.ai.words` reads them.
"""

from __future__ import annotations

STYLES: dict[str, tuple[str, ...]] = {
    "pop": ("anime", "dreampop", "dream pop", "christmas", "pop", "popsong", "pop song", "radio",
        "k-pop", "kpop", "synthpop", "synth pop",
        "indie pop", "schlager"),
    "rock": ("emo", "midwest emo", "surf rock", "shoegaze", "britpop", "power trio", "rock",
        "rock n roll", "rock and roll", "rock'n'roll", "rock 'n' roll", "indie",
        "indie rock", "punk", "classic rock",
        "soft rock", "grunge", "alternative", "rockig"),
    "jazz": ("cafe", "new orleans", "dixieland", "jazz trio", "jazz", "jaz", "jazzy", "bebop",
        "bop", "big band", "cool jazz", "smooth jazz",
        "jazz club", "swing jazz", "jazzig"),
    "bossa nova": ("elevator", "lounge", "bossa nova", "bossa", "bossanova", "samba", "brazilian",
        "brasil", "brazil"),
    "blues": ("blues", "bluesy", "twelve bar", "12 bar", "delta blues", "boogie", "shuffle blues"),
    "funk": ("afrobeat", "afro beat", "groovy", "funk", "funky", "slap", "p-funk", "fonk"),
    "house": ("dubstep", "hardstyle", "uk garage", "idm", "glitch", "chiptune", "8-bit", "8 bit",
        "8bit", "video game", "videogame", "tropical house", "daft punk", "industrial",
        "house",  "electronic", "edm", "techno", "deep house", "dance", "trance", "electro", "club",
        "elektronisch",
        "electronica", "electronique", "elettronica", "rave", "big room", "eurodance",
    ),
    "drum and bass": ("drum and bass", "drum & bass", "drum n bass", "drum'n'bass", "dnb", "d&b",
        "jungle", "breakbeat", "liquid dnb", "breakcore"),
    "synthwave": ("synthwave", "synth wave", "retrowave", "outrun", "darkwave", "vaporwave"),
    "lo-fi": ("trip hop", "trip-hop", "vinyl", "studying", "lo-fi", "lofi", "lo fi",
        "lo-fi hip hop", "lofi hip hop", "chillhop", "study beats",
        "lo fi hip hop", "hip hop", "hip-hop", "hiphop", "boom bap"),
    "folk": ("medieval", "tavern", "renaissance", "folk", "folky", "celtic", "irish",
        "singer songwriter", "singer-songwriter",
        "acoustic", "campfire", "akustisch", "acustico", "acustica", "acoustique", "volkslied",
        "jig", "reel", "tarantella"),
    "country": ("polka", "spaghetti western", "hillbilly", "country", "western", "nashville",
        "bluegrass", "honky tonk", "americana"),
    "waltz": ("waltz", "walzer", "valse", "vals", "valzer", "valtz", "musette"),
    "ballad": ("ballad", "ballade", "balada", "ballata", "power ballad", "love song", "liebeslied",
        "slow song"),
    "ambient": ("sleep music", "ambient", "drone", "atmospheric", "soundscape", "new age",
        "meditation",
        "meditative", "spa", "textural", "ambiance", "atmosphere"),
    "classical": ("string trio", "streichquartett", "piano trio", "trailer", "neo-classical",
        "neoclassical", "modern classical", "opera", "wedding march",
        "classical", "classic", "baroque", "mozart", "bach", "beethoven", "chamber music",
        "sonata", "minuet", "menuett",
        "orchestral", "symphonic", "klassisch", "klassik", "classique", "clasica", "clasico",
        "classica", "cinematic",
        "film score", "soundtrack", "romantic era", "string quartet", "chopin", "etude",
        "nocturne", "prelude", "lullaby", "wiegenlied",
    ),
    "reggae": ("reggae", "dub", "ska", "jamaican", "rocksteady", "one drop", "dancehall"),
    "latin": ("tropical", "latin", "salsa", "latino", "latina", "mambo", "cha cha", "chacha",
        "cumbia",
        "merengue", "bolero", "rumba", "cuban", "lateinamerikanisch", "tango", "reggaeton",
        "flamenco"),
    "metal": ("metal", "heavy metal", "thrash", "djent", "hard rock", "doom metal", "death metal",
        "metalcore", "metal core"),
    "soul": ("slow jam", "soul", "r&b", "rnb", "r and b", "r'n'b", "motown", "neo soul",
        "neo-soul", "gospel"),
    "disco": ("disco", "nu disco", "nu-disco", "seventies dance", "boogie disco"),
    "trap": ("cloud rap", "trap", "drill", "808 beat", "rap", "phonk"),
}  # fmt: skip

MOODS: dict[str, tuple[str, ...]] = {
    "sad": ("sad boy", "sadboy", "sad girl", "emo", "tragic", "broken heart", "sad", "melancholic",
        "melancholy", "mournful", "sorrowful", "gloomy", "heartbroken",
        "blue", "lonely", "wistful", "traurig", "melancholisch", "triste", "melancolique",
        "melancolico", "malinconico", "malinconica", "crying", "tearful", "grief", "bittersweet"),
    "happy": ("happy", "cheerful", "joyful", "joyous", "sunny", "uplifting", "bright", "feel good",
        "feelgood", "frohlich", "glucklich", "heiter", "joyeux", "joyeuse", "gai", "heureux",
        "alegre", "feliz", "felice", "allegra", "festive", "summer", "merry", "optimistic"),
    "dark": ("late night", "late-night", "midnight", "haunting", "eerie", "halloween", "gritty",
        "deep", "sinistre", "unheimlich", "dark", "ominous", "sinister", "evil", "scary", "horror",
        "brooding", "dunkel",
        "duster", "dunkle", "dunkler", "sombre", "oscuro", "oscura", "scuro", "noir", "spooky",
        "moody", "grim"),
    "calm": ("late night", "late-night", "after hours", "cozy evening", "sleep", "dormir",
        "einschlafen", "study", "studying", "baby", "lullaby", "easygoing", "low-key", "lowkey",
        "calm", "relaxed", "relaxing", "peaceful", "soft", "gentle", "mellow", "chill",
        "chilled", "chillout", "soothing", "quiet", "easy", "ruhig", "sanft", "entspannt", "calme",
        "doux", "douce", "paisible", "tranquilo", "tranquila", "suave", "calmo", "tranquillo",
        "dolce", "leise", "serene", "sleepy", "tender", "lazy"),
    "energetic": ("more energy", "energy", "banger", "loud", "laut", "hard-hitting", "workout",
        "gym", "rave", "energetic", "heavy", "upbeat", "lively", "exciting", "powerful", "driving",
        "hard", "aggressive", "energisch", "kraftvoll", "lebhaft", "energique", "vif", "energico",
        "energetica", "energetico", "intense", "wild", "party", "hype", "pumping", "angry",
        "bouncy", "explosive", "catchy"),
    "dreamy": ("hypnotic", "shoegaze", "twinkly", "vaporwave", "psychedelic", "trippy", "dreamy",
        "dream", "ethereal", "floating", "hazy", "spacey", "cosmic",
        "traumerisch", "vertraumt", "reveur", "onirique", "sonador", "onirico", "sognante",
        "mystical", "magical", "underwater", "celestial", "nostalgic", "night", "rainy", "rain"),
    "romantic": ("wedding", "d'amour", "amore", "amour", "slow jam", "soaring", "romantic", "love",
        "sensual", "sexy", "romantisch", "romantique", "romantico",
        "romantica", "intimate", "sentimental", "emotional", "heartfelt", "smooth"),
    "tense": ("boss battle", "boss fight", "battle", "stalking", "heist", "tense", "suspense",
        "suspenseful", "nervous", "anxious", "mysterious", "spannend",
        "geheimnisvoll", "tendu", "mysterieux", "tenso", "misterioso", "teso", "chase", "thriller"),
    "epic": ("trailer", "boss battle", "boss fight", "cinematic", "battle", "swell", "soaring",
        "epic", "heroic", "grand", "majestic", "triumphant", "huge", "episch", "heroisch",
        "epique", "epico", "epica", "anthem", "anthemic", "dramatic", "stadium"),
    "playful": ("kids", "kid", "quirk", "goofy", "bouncy castle", "video game", "playful", "funny",
        "quirky", "cute", "whimsical", "silly", "verspielt", "lustig",
        "amusant", "divertido", "giocoso", "comic", "children", "cartoon"),
    "warm": ("christmas", "fireside", "gospel", "road trip", "warm", "cozy", "cosy", "hopeful",
        "inspiring", "tender hearted", "hoffnungsvoll",
        "chaleureux", "calido", "caldo", "sweet", "golden", "gemutlich"),
}  # fmt: skip

INSTRUMENTS: dict[str, tuple[str, ...]] = {
    "piano": ("piano", "grand piano", "klavier", "pianoforte", "keys", "keyboard", "upright piano",
        "flugel"),
    "electric piano": ("electric piano", "rhodes", "wurlitzer", "e-piano", "epiano", "e piano",
        "fender rhodes", "piano electrico", "piano electrique"),
    "organ": ("gospel", "organ", "hammond", "orgel", "orgue", "organo", "church organ"),
    "harpsichord": ("harpsichord", "cembalo", "clavecin", "clavecembalo", "clavicembalo"),
    "vibraphone": ("vibraphone", "vibraphon", "vibrafono"),
    "marimba": ("marimba", "xylophone", "xylophon"),
    "music box": ("music box", "celesta", "glockenspiel", "bells", "spieluhr"),
    "accordion": ("polka", "accordion", "akkordeon", "accordeon", "acordeon", "fisarmonica",
        "bandoneon"),
    "harmonica": ("harmonica", "melodica", "mundharmonika", "armonica"),
    "acoustic guitar": ("campfire guitar", "acoustic guitar", "guitar", "gitarre", "guitare",
        "guitarra", "chitarra",
        "steel guitar", "akustikgitarre", "guitars"),
    "nylon guitar": ("guitarra espanola", "spanish guitars", "lute", "laute", "nylon guitar",
        "classical guitar", "spanish guitar", "konzertgitarre",
        "nylon string guitar"),
    "electric guitar": ("surf guitar", "jangly guitar", "guitar solo", "electric guitar",
        "clean guitar", "e-gitarre", "egitarre",
        "guitare electrique", "guitarra electrica", "chitarra elettrica"),
    "distorted guitar": ("distorted guitar", "distortion guitar", "overdriven guitar",
        "heavy guitar", "crunchy guitar", "power chords"),
    "banjo": ("banjo",),
    "mandolin": ("mandolin", "mandoline", "mandolino"),
    "harp": ("harp", "harfe", "harpe", "arpa"),
    "bass": ("bass", "bass line", "bassline", "basse", "bajo", "basso", "bass guitar",
        "electric bass", "e-bass", "basslinie"),
    "upright bass": ("upright bass", "walking bass", "double bass", "acoustic bass", "contrabass",
        "kontrabass",
        "contrebasse", "contrabajo", "contrabbasso", "standup bass"),
    "fretless bass": ("fretless bass", "fretless"),
    "synth bass": ("synth bass", "808", "808s", "sub bass", "subbass", "synthbass", "808 bass"),
    "slap bass": ("slap bass",),
    "strings": ("strings", "string section", "streicher", "cordes", "cuerdas", "archi",
        "orchestra", "orchester", "orchestre", "orquesta", "violins"),
    "violin": ("violin", "fiddle", "geige", "violine", "violon", "violino"),
    "viola": ("viola", "bratsche"),
    "cello": ("cello", "violoncello", "violoncelle", "violonchelo", "chello"),
    "choir": ("gospel", "choir", "chorus voices", "chor", "choeur", "coro", "vocals", "voices",
        "oohs",
        "aahs", "voice", "singer", "gesang"),
    "trumpet": ("trumpet", "trompete", "trompette", "trompeta", "tromba", "muted trumpet"),
    "trombone": ("trombone", "posaune", "trombon"),
    "french horn": ("french horn", "horn", "waldhorn", "corno"),
    "brass": ("brass", "horns", "horn section", "blaser", "cuivres", "metales", "ottoni",
        "brass section"),
    "saxophone": ("saxofone", "saxophone", "sax", "tenor sax", "alto sax", "saxofon", "saxophon",
        "saxofono",
        "sassofono", "saxo"),
    "clarinet": ("clarinet", "klarinette", "clarinette", "clarinete", "clarinetto"),
    "oboe": ("oboe", "hautbois"),
    "flute": ("flute", "flote", "floete", "flauta", "flauto", "recorder", "whistle", "tin whistle",
        "pan flute"),
    "square lead": ("square lead", "square wave", "chiptune", "8-bit", "8 bit", "8bit", "chip tune",
        "nintendo", "game boy", "gameboy"),
    "sitar": ("sitar", "raga"),
    "bagpipes": ("bagpipes", "bagpipe", "dudelsack", "cornemuse", "gaita", "cornamusa"),
    "ukulele": ("ukulele", "uke"),
    "synth lead": ("supersaw", "supersaws", "synth lead", "lead synth", "synth", "synthesizer",
        "synthesiser", "synthe",
        "sintetizador", "sintetizzatore", "lead", "saw lead", "synths"),
    "synth pad": ("synth pad", "pad", "pads", "warm pad", "flachen", "nappe", "nappes"),
    "arpeggio": ("chiptune", "8-bit", "8 bit", "8bit", "arpeggio", "arpeggios", "arp", "arps",
        "sequencer", "arpeggiated"),
    "pluck": ("pluck", "plucks", "plucked synth"),
    "drums": ("congas", "bongos", "cowbell", "four on the floor", "drums", "drum", "drum kit",
        "drumkit", "beat", "beats", "schlagzeug", "batterie",
        "bateria", "batteria", "percussion", "perkussion", "percusion", "percussioni",
        "drum machine", "groove", "kick", "snare", "hihat", "hi-hat", "trommel", "trommeln",
        "tambours", "tambores", "tamburi"),
    "brushes": ("brushed drum", "brushed snare", "brushed kit", "brushes", "brushed drums",
        "brush drums", "jazzbesen", "besen", "balais",
        "escobillas", "spazzole"),
    "melody": ("melodic", "melody", "melodie", "melodia", "tune", "topline", "top line", "theme",
        "hook"),
    "chords": ("chords", "chord", "akkorde", "accords", "acordes", "accordi", "harmony", "comping",
        "accompaniment", "begleitung"),
    "counter": ("counter", "counter melody", "countermelody", "counter-melody", "gegenmelodie",
        "counterpoint", "second voice"),
}  # fmt: skip

# Bands known by one name: these play, and nobody else.
ENSEMBLES: dict[str, tuple[str, ...]] = {
    "string quartet": ("violin", "viola", "cello"), "string trio": ("violin", "viola", "cello"),
    "streichquartett": ("violin", "viola", "cello"),
    "jazz trio": ("piano", "upright bass", "brushes"), "brass band": ("brass", "trumpet",
        "trombone", "drums"),
    "power trio": ("electric guitar", "bass", "drums"), "piano trio": ("piano", "violin", "cello"),
}  # fmt: skip

# word -> quarter notes a minute
TEMPO_TERMS: dict[str, float] = {
    "larghissimo": 40.0, "grave": 44.0, "largo": 50.0, "larghetto": 62.0, "lento": 56.0,
    "adagio": 68.0, "adagietto": 74.0,
    "andante": 84.0, "andantino": 90.0, "moderato": 110.0, "allegretto": 116.0, "allegro": 132.0,
    "vivace": 156.0, "vivo": 150.0, "presto": 180.0, "prestissimo": 200.0,
}  # fmt: skip

# factor on the style's usual tempo
PACES: dict[float, tuple[str, ...]] = {
    0.72: ("very slow", "really slow", "sehr langsam", "tres lent", "muy lento", "molto lento",
    "slowest"),
    0.82: ("slow", "slow jam", "slowly", "slower", "langsam", "langsame", "langsamer", "lent",
        "lente",
    "lenta", "low tempo", "downtempo", "down tempo", "half-time", "half time", "unhurried"),
    1.0: ("mid tempo", "mid-tempo", "midtempo", "medium", "medium tempo", "mittel", "moderate"),
    1.18: ("fast", "faster", "quick", "quickly", "up tempo", "up-tempo", "uptempo", "schnell",
    "schnelle", "schneller", "rapide", "rapido", "rapida", "veloce", "rasch", "speedy",
    "double time"),
    1.32: ("very fast", "really fast", "sehr schnell", "tres rapide", "muy rapido", "molto veloce",
    "breakneck"),
}  # fmt: skip

DENSITIES: dict[float, tuple[str, ...]] = {
    0.2: ("sparse", "sparser", "simpler", "fewer notes", "less busy", "minimal", "minimalist",
    "simple", "few notes", "sparsam", "schlicht",
    "einfach", "epure", "minimaliste", "sencillo", "semplice", "stripped down", "bare", "spacious",
    "empty", "lightly"),
    0.8: ("busy", "busier", "denser", "more notes", "dense", "complex", "many notes", "virtuosic",
    "intricate", "rich", "dicht",
    "voll", "komplex", "charge", "denso", "densa", "complejo", "ricco", "full", "elaborate",
    "layered", "virtuoso"),
}  # fmt: skip

FEELS: dict[str, tuple[str, ...]] = {
    "swing": ("swing", "swinging", "swung", "shuffle", "shuffled", "swingend", "swingeant",
        "triplet feel"),
    "laid back": ("laid back", "laid-back", "laidback", "behind the beat", "dragging", "sloppy",
        "drunken", "relaxed feel"),
    "straight": ("straight", "straight eighths", "quantised", "quantized", "robotic", "tight",
        "gerade", "no swing", "mechanical"),
}  # fmt: skip

MODES: dict[str, tuple[str, ...]] = {
    "major": ("major", "dur", "majeur", "mayor", "maggiore", "major key", "durtonart", "maj",
        "ionian"),
    "minor": ("minor", "moll", "mineur", "menor", "minore", "minor key", "molltonart", "min",
        "aeolian"),
    "dorian": ("dorian", "dorisch", "dorien", "dorico"),
    "phrygian": ("phrygian", "phrygisch", "phrygien", "frigio"),
    "lydian": ("lydian", "lydisch", "lydien", "lidio"),
    "mixolydian": ("mixolydian", "mixolydisch", "mixolydien", "mixolidio", "misolidio"),
    "locrian": ("locrian", "lokrisch"),
    "harmonic minor": ("harmonic minor", "harmonisch moll"),
    "melodic minor": ("melodic minor", "melodisch moll"),
    "blues": ("blues scale",),
}  # fmt: skip

METERS: dict[str, tuple[int, int]] = {
    "three four": (3, 4), "three-four": (3, 4), "three quarter": (3, 4), "dreivierteltakt": (3, 4),
        "3er takt": (3, 4),
    "four four": (4, 4), "common time": (4, 4), "four on the floor": (4, 4), "six eight": (6, 8),
        "six-eight": (6, 8),
    "minuet": (3, 4), "menuett": (3, 4), "mazurka": (3, 4), "landler": (3, 4), "jig": (6, 8),
        "tarantella": (6, 8), "barcarole": (6, 8), "siciliano": (6, 8), "polka": (2, 4),
        "five four": (5, 4),
        "seven eight": (7, 8), "twelve eight": (12, 8), "cut time": (2, 2),
        "march": (2, 4),
}  # fmt: skip

SECTIONS: dict[str, tuple[str, ...]] = {
    "Intro": ("intro", "introduction", "einleitung", "introduccion", "introduzione"),
    "Verse": ("verse", "verses", "strophe", "couplet", "estrofa", "strofa", "verso"),
    "Pre-chorus": ("pre-chorus", "prechorus", "pre chorus", "build", "buildup", "build-up"),
    "Chorus": ("chorus", "refrain", "estribillo", "ritornello", "drop", "refrains"),
    "Bridge": ("bridge", "middle eight", "middle 8", "pont", "puente", "ponte"),
    "Solo": ("solo section", "solo", "instrumental"),
    "Outro": ("outro", "ending", "coda", "schluss", "final", "finale"),
    "Break": ("break", "breakdown"),
}  # fmt: skip

BAR_WORDS = (
    "bars|bar|measures|measure|takte|takten|takt|mesures|mesure|compases|compas|battute|misure"
)
MINUTE_WORDS = "minutes|minute|minuten|minutos|minuto|minuti|mins|min"
SECOND_WORDS = "seconds|second|sekunden|sekunde|secondes|seconde|segundos|secondi|secs|sec|s"
NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10,
    "twelve": 12, "sixteen": 16, "twenty": 20, "twenty-four": 24, "thirty-two": 32, "zwei": 2,
    "vier": 4, "acht": 8,
    "zwolf": 12, "sechzehn": 16, "quatre": 4, "huit": 8, "douze": 12, "seize": 16, "cuatro": 4,
    "ocho": 8, "doce": 12,
    "quattro": 4, "otto": 8, "dodici": 12, "sedici": 16,
}  # fmt: skip

NOT = frozenset(
    ("no", "not", "without", "minus", "excluding", "exclude", "ohne", "kein", "keine",
     "keinen", "nicht", "sans", "pas", "sin", "senza", "niente", "less", "dont",
     "don't")
)  # fmt: skip
ONLY = frozenset(
    ("only", "just", "solely", "nur", "seulement", "uniquement", "solamente", "solo",
     "soltanto", "alone", "allein")
)  # fmt: skip

# Ordinary words that are a letter away from one of the above, and do not mean it.
_ORDINARY_WORDS = (
    "accord american americans archie armour bacteria badger ballard banged bangor banker banner "
    "barely bases basil batteries beast beasts beaten bottle bounty bushes buster camping cathy "
    "celeste change charged charges chores clubhouse codes coming coping cords cores cortes "
    "coulter counted counters county cumbria denise denver diving elector electron exiting felipe "
    "foster "
    "fuller gentile grandchildren grange gravel graves harden hardly harper heroin hooker "
    "hopefully horne housed hunting incense indies jingle kicker leader leads likely livery lovely "
    "lydia "
    "mayors mediation medication mellon mental mentor mine miner mines moderately moderator naples "
    "nightly partly pope preston rape rapid rapids recorded reggie related rhode sample searing "
    "serena sewing sharing shower sicilian simply singing sleeper soaking spaced spaces spanned "
    "spare springs stacey staring stinging straighten string sturdy sumner tended tensed tensor "
    "textual topical trace trailed trainer trash trieste walker waller walter welding"
)
ORDINARY = frozenset(_ORDINARY_WORDS.split())

_STOP_WORDS = (
    "a an the and or of for in on at to with by from as is it its be me my i we our you your "
    "that this these those some any very really quite more most much little bit please make "
    "made write compose create give play generate want would like need let lets get can could "
    "should song songs music track piece tune sound sounds sounding something thing kind type "
    "style feel feeling vibe vibes mood into over under about up down where when then there so "
    "but also plus using use used around long short nice good great beautiful cool new old key "
    "time tempo bpm beats per minute minutes seconds note notes part parts section add "
    "late maybe big trio band jam open opening walking progression loop loops line lines version "
    "instrument instruments background one two ein "
    "eine einen einem einer der die das den dem des und oder mit von im am auf fur bitte ich "
    "mochte mach mache schreib schreibe spiel lied stuck musik etwas sehr ist sind wie bei zum "
    "zur es mir un une le la les l du de et ou avec pour dans en au aux sur je voudrais fais "
    "ecris chanson musique morceau s il te plait tres est sont comme que qui d el los las una "
    "unos unas y o con para por del al quiero haz escribe cancion musica tema muy son como "
    "favor lo gli uno e ed nel nella della di da vorrei fai scrivi canzone brano pezzo molto "
    "che sia su "
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
