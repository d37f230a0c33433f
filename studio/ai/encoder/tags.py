"""Phrases that stand for each tag: what lies near them is taken to mean it.

Tables only; phrases are divided by semicolons. The tags are those of `studio.ai.lexicon`, so that a
guess is said in its words. `NOTHING` holds phrases that say nothing of how music should sound: what
lies nearest to them is not understood.
"""

from __future__ import annotations

MOODS: dict[str, str] = {
    "sad": """sadness; sorrow and grief; mourning the dead; a funeral; weeping and tears; a broken
        heart after a breakup; loneliness; missing someone who is gone; saying farewell forever;
        regret and loss; hopeless and depressed; homesickness; pain and heartache; feeling down;
        forsaken; forlorn; dejected; despondent; miserable; woeful; heavy-hearted; inconsolable;
        downcast; bereaved; pitiful; rueful; my mother died; he never came back from the war; a
        letter nobody will read; an empty bed; an old man alone in a kitchen; a dying dog; divorce;
        abandoned by everyone; crying in the rain; unrequited love; the end of a friendship; a
        farewell at the airport; remembering the dead; a lament; an elegy; solitude and sadness;
        disappointment; yearning for what is lost; bitter tears; the saddest day of my life""",
    "happy": """happiness; pure joy; delight; laughing with friends in the sun; celebrating; a
        birthday party; smiling; a carefree spring day; good times ahead; ecstatic and overjoyed;
        winning and cheering; a sunny holiday; gladness; feeling good and positive; elated; gleeful;
        jubilant; merry; thrilled; exuberant; blissful; chirpy; upbeat and bright; lighthearted;
        contented; beaming; rejoicing; ice cream on a hot day; a picnic in the park; the last day of
        school; hand claps and smiles; springtime and blossoms; a road trip with friends; dancing in
        the kitchen; a parade; a wedding party; good news; everything goes right; laughter; holidays
        at the seaside; a rainbow; sunshine; freedom and fun; a child's first bicycle""",
    "dark": """darkness; evil lurking; a haunted house; ghosts in a cemetery at night; a nightmare;
        menacing and threatening; a horror film; demons and vampires; creepy and spooky; bleak and
        grim; a murderer in the shadows; an abandoned ruin; doom; gothic; witches and monsters;
        ominous; sinister; wicked; macabre; morbid; ghastly; hellish; infernal; foreboding; shadowy;
        murky; malevolent; cursed; possessed by a demon; a crypt; a dungeon; bats and spiders; blood
        on the walls; zombies rise; a black mass; poison; the plague; the underworld; death and
        decay; a cold cellar; crows on a gallows; black smoke and ashes; a villain's lair;
        apocalypse; torture; a possessed doll; night terrors; villainous; vengeful spirits""",
    "calm": """calmness; peace and quiet; tranquillity; resting; relaxing after work; falling asleep
        gently; meditation and breathing; yoga; gentle waves on a shore; a quiet cup of tea;
        serenity in a garden; soothing a baby; unwinding in a bath; still water on a lake; slow and
        peaceful; placid; restful; unruffled; mild; hushed; undisturbed; easy on the ears;
        tension-free; laid-back afternoon; a spa; massage; stretching before bed; a slow morning; a
        breeze in the trees; a library; reading a book; snow falling silently; a gentle stream;
        floating on the water; a mountain meadow; sleeping; lying in the grass; stress relief; deep
        breathing; a lullaby for a newborn; nothing to worry about; patience; a nap""",
    "energetic": """energy; adrenaline rush; working out in the gym; rage and fury; fierce
        aggression; running at full power; explosive action; pumped up before a fight; a screaming
        crowd going wild; vigorous and forceful; fast and furious; unstoppable drive; high
        intensity; a football match about to begin; anger; frantic; frenzied; turbo; ferocious;
        fiery; dynamic; wild and untamed; hyperactive; electrifying; full throttle; rampage; riot;
        violent; savage; relentless; hard hitting; punchy; a boxing match; a stampede of horses; a
        car race; an extreme sport; fireworks exploding; jumping up and down; a street fight; rave
        crowd; a sprint; a marathon; thunder and lightning; muscles and sweat; caffeine; lively
        bustle; beast mode""",
    "dreamy": """a dream; floating weightlessly; drifting through the clouds; outer space and stars;
        a surreal vision; otherworldly; being half asleep; daydreaming; fairies in an enchanted
        forest; hazy childhood memories; nostalgia; misty and blurred; flying above the world; an
        underwater world; a trance; hallucinations; lucid dreaming; sleepwalking; a mirage; the
        northern lights; moonlight; a galaxy; a crystal cave; jellyfish glowing in the deep sea;
        unreal; mystic; gauzy; whispery and airy; shimmering; a magic spell; unicorns; mirrors and
        smoke; soap bubbles in slow motion; a faded photograph; opium; déjà vu; time standing still;
        a soft glow; wandering through fog; moonbeams; a comet; astral travel; a kaleidoscope""",
    "romantic": """romance; falling in love; a kiss; a candlelit dinner; valentine's day; holding
        hands with my girlfriend; passion and desire; seduction; a honeymoon; a love letter; marry
        me; tenderness between lovers; my sweetheart; amorous; flirting; sultry; erotic; enamoured;
        affection; a date night; two lovers in paris; roses and champagne; a marriage proposal; our
        anniversary; a crush on someone; whispering sweet nothings; a serenade under the balcony;
        lips and perfume; a slow dance together; adoration; longing for you; head over heels;
        soulmates; a bouquet of flowers; venice in a gondola; bedroom eyes; cuddling""",
    "tense": """tension; suspense; something bad is about to happen; a ticking time bomb; hiding
        from
        a pursuer; a spy sneaking past guards; nerves on edge; anxiety and worry; a mystery to be
        solved by a detective; a thriller; danger ahead; uneasy and restless; waiting for the
        verdict; a robbery; paranoia; dread; panic; nail-biting; gripping; agitated; jittery;
        edgy; urgent; defusing an explosive; an interrogation; somebody is watching you; footsteps
        behind you; a hostage; a conspiracy; a car chase; a countdown; a trap closing; a duel at
        noon; a submarine under attack; a poker game with high stakes; walking a tightrope; a locked
        door; secrets and lies; a stalker; the calm before the storm; undercover agents""",
    "epic": """a heroic adventure; warriors going to battle; armies marching; dragons and castles;
        glory and triumph; a victorious hero returns; a vast mountain landscape; kings and empires;
        gladiators in the arena; the fate of the world; a grand monumental finale; conquest; a
        blockbuster film; majestic power; colossal; titanic; gigantic; mighty; noble; legendary;
        mythical; valiant; glorious; vikings crossing the sea; knights and crusades; the olympic
        games; the birth of a nation; a coronation; gods on olympus; a spaceship fleet; the last
        stand; an ancient prophecy; a quest; climbing the highest mountain; superheroes; a final
        battle; rising from the ashes; thousands of soldiers; a cathedral of sound; destiny""",
    "playful": """playing games; clowns and comedy; a mischievous prank; children in a playground;
        toys; a funny cartoon; kittens and puppies playing; monkeys fooling around; cheeky and
        silly; a joke; teasing; nursery school; hopping and skipping; naughty; wacky; zany;
        impish; jaunty; kooky; bubbly; giggling; a circus and jugglers; hide and seek; a puppet
        show; a cat chasing a ball; goblins and gnomes up to mischief; bouncing balls; a treasure
        hunt; ducks in a row; tickling; a toddler dancing; a comic strip; a spring-loaded toy;
        a tea party for dolls; penguins sliding; a bumbling detective; hijinks; tiptoeing""",
    "warm": """warmth; a hug from a loved one; sitting by the fireplace; comfort and safety; home;
        family and friends together; hope for a better tomorrow; gratitude and kindness;
        reassurance; a cosy blanket; grandmother's kitchen; light after dark days; gentle
        encouragement; autumn sunshine; heart-warming; tenderness; welcoming; fond; caring;
        friendly; consoling; neighbourly; optimism; old friends reunited; coming home at last; bread
        baking in the oven; a lamp in the window in winter; everything will be fine; a lighthouse
        guiding you home; a father holding his child; faith and trust; helping one another; a
        knitted sweater; mulled wine; thankful; a golden afternoon; forgiveness; a new beginning""",
}  # fmt: skip

STYLES: dict[str, str] = {
    "jazz": """jazz music; a smoky night club with a saxophone; bebop improvisation; miles and
        coltrane; a walking bass and a ride cymbal; a swing era dance band; new york in the fifties;
        a cocktail bar; scat singing; a speakeasy in the prohibition; a trumpet in a dim bar; a jam
        session; extended harmony and solos; a crooner with a big band; a hotel lobby pianist; the
        roaring twenties; charlie parker; a film noir detective; louis and ella""",
    "pop": """pop music; a chart hit on the radio; a boy band; a teenage idol; a catchy summer hit;
        top forty; a bubblegum song; a mainstream singer; a number one single; a girl group; a
        eurovision entry; a commercial jingle; a singalong refrain; a hit factory""",
    "rock": """rock music; loud guitars in a garage; a rock band on stage; teenage rebellion;
        amplifiers turned up; stadium guitars; a leather jacket and a motorcycle; grunge and punk;
        riffs and a backbeat; a power chord; headbands and long hair; a festival crowd and guitars;
        seattle in the nineties; a basement show; college radio guitars; surfers and guitars""",
    "bossa nova": """bossa nova; a beach in rio de janeiro; copacabana; brazilian carnival; a
        caipirinha by the pool; jobim and gilberto; samba parade; soft syncopated guitar from
        brazil;
        the girl from ipanema; sao paulo""",
    "blues": """blues music; the mississippi delta; i woke up this morning and my baby left; a juke
        joint in chicago; slide guitar and sorrow; hard times down south; muddy waters; the devil at
        the crossroads; a bottleneck guitar; b.b. king; a freight train and whiskey; memphis""",
    "funk": """funk music; a tight groove with horn stabs; syncopated slap and wah guitar; get up
        and dance; parliament and bootsy; on the one; james brown; a seventies police show theme; a
        chicken scratch guitar; a breakdance battle; blaxploitation""",
    "house": """electronic dance music; a nightclub dance floor; a dj set; an underground warehouse
        rave; ibiza; four to the floor kick; strobe lights and lasers; a berlin club at dawn; a
        festival drop; a techno bunker; a club banger; glow sticks; a turntable and a mixer; detroit
        machines; a pounding kick drum all night; clubbing; sidechained synths; build and drop""",
    "drum and bass": """drum and bass; the amen break; chopped up breakbeats at high speed; a jungle
        rave in london; rolling sub bass and fast breaks; liquid breaks; bristol junglists""",
    "synthwave": """synthwave; neon lights in the eighties; driving a sports car through miami at
        night; an eighties science fiction film; a retro arcade; cyberpunk city; analogue synths
        from 1984; a chrome robot; vhs tapes; blade runner; an eighties police series; sunset
        grid""",
    "lo-fi": """lo-fi beats; crackling old tape; doing homework late; a coffee shop playlist; dusty
        samples; background beats for reading; tape hiss and vinyl dust; a study session; wobbly
        cassette; a cat on a desk at night; mellow boom bap""",
    "folk": """folk music; singing around a campfire; an irish pub; a village dance; shepherds and
        farmers; a wandering minstrel; a sea shanty; a troubadour with a guitar; traditional tunes
        from the old country; sailors hauling ropes; a bonfire in the highlands; woodland and
        meadows; a harvest festival; a hobbit village; protest songs; a coffeehouse singer; a
        market square in the middle ages; appalachian mountains""",
    "country": """country music; cowboys on the prairie; a rodeo in texas; a saloon in the wild
        west;
        pickup trucks and dirt roads; a ranch; nashville and stetsons; a barn dance; spurs and
        tumbleweeds; line dancing in boots; a banjo on the porch; a desert outlaw; horses and
        saddles; tennessee whiskey; pedal steel and twang; johnny cash; a lonesome highway""",
    "waltz": """a waltz; a ballroom in old vienna; couples turning in three; johann strauss; one two
        three; a palace ball with chandeliers; a merry-go-round; oom-pah-pah; gowns and
        tailcoats""",
    "ballad": """a slow emotional song; a power song for holding up lighters; the last slow dance at
        the prom; a tearful slow song; a torch song; a slow piano-led song with a big ending""",
    "ambient": """ambient music; slowly evolving textures; an endless drone; sound without any
        rhythm; glaciers and empty landscapes; background for a planetarium; a wash of sound; tones
        hanging in the air; beatless; static and hum; a long decaying echo; deep space; minimal
        sound washes; field recordings of nature; sound bath; music for airports""",
    "classical": """classical music; a symphony orchestra; a string quartet in a concert hall; a
        royal court in the eighteenth century; a fugue and counterpoint; a piano concerto; a
        conductor with a baton; ballet; an opera house; a chamber orchestra; powdered wigs; four
        violins and a viola; a recital; romantic era composers; a requiem; an overture; vivaldi; a
        film composer with an orchestra; a conservatory""",
    "reggae": """reggae music; kingston jamaica; rastafarians; bob marley; a caribbean island with
        palm trees; offbeat guitar skank; dreadlocks; montego bay; a sound system in jamaica; ganja;
        rude boys; zion and babylon; steel drums""",
    "latin": """latin dance music; havana; a salsa club in cuba; mariachi in mexico; buenos aires;
        timbales and congas; cartagena by night; puerto rico; a tango hall; spanish gypsies
        clapping;
        a fiesta; ay ay ay; perreo; castanets""",
    "metal": """metal music; a mosh pit; heads banging; double kick drums and screaming; satan and
        hell; brutal riffs; growled vocals; thrash; blast beats; norwegian church burners; shredding
        at high gain; chugging low guitars; iron maiden; slayer; spikes and black leather""",
    "soul": """soul music; gospel singers in a church in harlem; aretha franklin; marvin and stevie;
        praise the lord; rhythm and blues singers; hallelujah and choir robes; otis redding; a
        silky voice and a groove; detroit hit factory of the sixties; a preacher and a choir;
        amy winehouse; heartfelt vocals with horns""",
    "disco": """disco music; a mirror ball; flared trousers and roller skates; dance fever in the
        seventies; the bee gees; saturday night fever; studio fifty-four; donna summer; glitter and
        platform shoes; octave bass and string stabs""",
    "trap": """trap music; rapping in the streets; gangsters; atlanta rap; rolling hi-hats and deep
        kicks; a freestyle battle; a rapper with gold chains; bars about money and cars; a cypher in
        brooklyn; hustlers; booming low bass and snares; gang life in the hood""",
}  # fmt: skip

INSTRUMENTS: dict[str, str] = {
    "piano": "tickling the ivories; a steinway; black and white keys; a pianist; a baby grand; "
    "ebony and ivory; a bechstein",
    "acoustic guitar": "strumming; fingerpicked strings; a six string guitarist; plucked steel "
    "strings; a dreadnought; unplugged",
    "distorted guitar": "fuzz and overdrive pedals; a wall of amps; squealing feedback; crunchy "
    "high gain riffing; a guitar through a broken amplifier",
    "electric guitar": "a stratocaster; a les paul through an amplifier; a telecaster; a whammy "
    "bar",
    "strings": "bowed instruments; a section of violinists; sweeping bowed lines",
    "violin": "a stradivarius; a violinist; a fiddler",
    "cello": "a cellist; yo-yo ma",
    "bass": "the low end; a bassist; deep low notes; sub frequencies",
    "drums": "a drummer; percussive hits; tambourine and shaker; hand percussion; cymbals and "
    "sticks; rimshots; bongos and djembe; a shuffling kit; toms; pounding percussion; claps",
    "choir": "people singing together; singing without words; monks chanting; cathedral singers; "
    "angelic voices",
    "brass": "a fanfare; a marching band; tubas and trombones; big brassy hits",
    "trumpet": "a bugle call; a trumpeter; a cornet",
    "saxophone": "a saxophonist; a tenor player",
    "flute": "a wooden pipe; blowing air through a tube; a piccolo; a shakuhachi; panpipes",
    "clarinet": "woodwind section; a reed instrument; a bassoon",
    "organ": "pipes in a cathedral; a drawbar keyboard; a church keyboard",
    "bagpipes": "highland pipers in kilts",
    "harp": "a harpist; celestial plucking; a lyre",
    "synth lead": "a moog; an analogue oscillator; electronic keyboards; analog synthesis; a "
    "modular rig; a buzzing sawtooth",
    "synth pad": "a lush synthetic background; swelling sustained synths",
    "music box": "tinkling chimes; a wind-up toy melody",
}  # fmt: skip

PACES: dict[str, str] = {
    "very slow": "slower than a snail; extremely slow; like a funeral procession; turtle speed; "
    "crawling; glacial pace; barely moving; a sloth",
    "slow": "take your time; a leisurely tempo; unhurried strolling; dragging along; trudging; "
    "lethargic; sluggish; lumbering; ponderous; languid; no rush; a lazy stroll",
    "fast": "a brisk tempo; hurrying along; at a rapid speed; galloping; rushing; in a hurry; "
    "nimble; "
    "swift; hasty; speeding up; pacey; scurrying",
    "very fast": "as fast as possible; breathless speed; breakneck; lightning speed; at the speed "
    "of "
    "sound; warp speed; hectic tempo",
}  # fmt: skip

DENSITIES: dict[str, str] = {
    "sparse": "only a few notes; lots of silence between the notes; hardly anything is played; an "
    "empty arrangement; understated and restrained; a minimal arrangement; room to breathe; bare "
    "bones; less is more; uncluttered; pared back",
    "busy": "a massive wall of sound; a flurry of notes; everything played at once; a crowded "
    "arrangement; complicated and full of detail; cluttered; many layers; dense layers of sound; "
    "ornate; packed with notes; maximalist; overloaded",
}  # fmt: skip

FEELS: dict[str, str] = {
    "swing": "a triplet lilt; long and short eighth notes; bouncing like a big band; swung eighths",
    "laid back": "behind the click; a lazy groove in the pocket; dragging the beat; a bit late; "
    "slightly behind; loose timing",
    "straight": "exactly on the grid; stiff machine timing; ticking like a metronome; locked to "
    "the "
    "grid; mechanical precision; like clockwork",
}  # fmt: skip

NOTHING = """an invoice; a tax form; an insurance contract; a quarterly business report; a
    meeting; a
    parking ticket; a spreadsheet; a computer program; a software update; a database; a web page; an
    email; a file; a password; a phone number; a telephone charger; a sandwich; a recipe;
    vegetables; groceries; cleaning products; household appliances; furniture; a machine part; car
    repair; plumbing; building materials; tools; shoes; stationery; a dentist; a hospital
    appointment; chemistry; mathematics; biology; economics; a law; politics and government; a
    university; a city; a country; a person's name; my brother; a customer; a video; a youtube
    channel; the first version; a second attempt; a project; seven; an option; tomorrow; next
    friday; consequently; in some way; about; no matter what; sadly enough; hello; thanks a lot;
        yes;
    a test; nonsense words; gibberish; a foreign language; a bus stop; a timetable; measurements; a
    unit of weight; paperwork; money in a bank; a shop; office work; a printer; a bathroom; milk and
    eggs; an orange; a plant pot; a chair; a bag; a wire; garden tools; statistics; physics;
    elections; an address; a surname; a company; a deadline; a reply; a page number; a note to self;
    a draft; a copy; the beginning; the end; the middle; version two; the left side; a colour;
        paint;
    a haircut; clothes; medicine; a router; internet settings; a fish; a bird; a dog breed; a tree;
    stones; glass; metal parts; rubber; electricity; fuel; a truck; an aeroplane; a hotel; a street;
    a cup; numbers; letters of the alphabet; grammar; a dictionary; instructions; please; everyone;
    nobody; anything; stuff; things like that; and so on; for example; my friend; a boss; a teacher;
    german words; french words; spanish words; italian words; finnish words; polish words; japanese
    words; random letters; a brand name; a username; a website; homework; an exam; a question"""


def examples() -> dict[tuple[str, str], tuple[str, ...]]:
    """(control, tag) -> its phrases; `("", "")` for nothing."""
    tables = {
        "mood": MOODS, "style": STYLES, "instrument": INSTRUMENTS, "pace": PACES,
        "density": DENSITIES, "feel": FEELS,
    }  # fmt: skip
    found = {
        (control, tag): _phrases(text)
        for control, rows in tables.items()
        for tag, text in rows.items()
    }
    return found | {("", ""): _phrases(NOTHING)}


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(";"))
