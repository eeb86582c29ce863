"""Our own 2048 short English words, told apart by their first four letters; their order is permanent."""

from __future__ import annotations

WORDS: tuple[str, ...] = tuple(
    """
abacus able above absent acacia academy accent account achieve acid acorn across action address adjust admit
adopt adult advance adverb advice affair affect afford afraid after again agent agree ahead airport aisle
alarm album alcove alert algebra alike alive allow ally almond alone aloud alpha alpine also alter always
amaze amber ambush amount ample anchor angle angry animal ankle answer antenna anthem antler anvil apart
appeal apple approve apricot apron arcade arch arctic area arena argue arise armour around arrange arrive
arrow aside asleep aspen aspire assist assume athlete atlas atom attach attend attic attract auction aunt
author autumn avenue avocado avoid awake award away awful axle baboon baby back badge bagel bake balance
balcony ball bamboo band bangle banjo bank banner banquet barber barge bark barley baron barrel base basic
basket batch bath battle bazaar beach bead beak beam bean bear beast beat beauty beaver beckon become
bedroom beehive beetle before begin behave behind being belief bell below belt bench bend beneath beret
berry beside best betray better beyond bicycle bidder bike bill bind biology birch bird birth biscuit bison
bite black blade blame blank blaze blend bless blind block blond blossom blouse blow blue bluff blunt blush
board boat body boil bold bolt bone bonfire bonnet bonus book boot border borrow boss botany both bottom
boulder bounce bouquet bowl bracket braid branch brass brave bread breeze brewery brick bridge brief bright
bring brisk brittle broad broken bronze brook brother brown bruise brush bubble bucket budget buffet bugle
build bulb bull bumper bunch bundle bunny buoy bureau burn burst bush butcher button buzzer bypass cabbage
cabin cable cactus cadet cage cake calf call calm camel camp canary candy cannot canoe canteen canvas canyon
capital captain caramel carbon cargo carpet carry cart carve cascade case cash castle casual catalog catch
caution cave cavity cedar ceiling celery cell cement centre ceramic cereal certain chain chalk chamber
chance chapel charm chase cheap check cheek chef chemist cherry chess chew chicken chief child chimney chin
chip chisel choice choose chorus cider cinema circle citizen citrus city civil claim clap class clause claw
clay clean clerk clever client cliff climb clinic cloak clock close cloth cloud clown club clue cluster
clutch coach coal coast coat cobra cobweb cockpit cocoa code coffee coin cold collect colony colt column
comb comet comfort comic common compact concept conduct cone confirm connect consent contact cook cool
copilot copper copy coral cord core cork corn correct cosmic cost cotton couch cough count couple court
cousin cover coyote crab crackle cradle craft crane crater crawl crayon cream credit creek crevice crew
cricket crisp critic crocus crop cross crouch crow cruise crumb crunch crust crystal cube cuckoo cuddle
cuisine culture cure curfew curious curl curry curtain curve cushion customs cutlery cycle cymbal cypress
daily daisy damage damp dance danger dare daring dark darling dart data date dawn dazzle deal debate debut
decade decimal deck declare deep deer default defend define degree delay delight delta demand dense dentist
depart depot depth derive desert design desk destiny detail detect develop device devote diagram dial
diamond diary dice diesel diet differ digest digital dignity dilute dingo dinner diploma direct dirt disc
dish display distant ditch dive divide dizzy dock doctor doll dolphin domain dome donate donkey door dormant
dosage double dough dove down dozen draft dragon drain drama draw dream dress drift drill drink drive
drizzle drop drought drum duck duet dugout dune dungeon durable dusk dust duty dwell dynamic each eager
eagle earring earth easel east easy echo eclipse ecology economy edge edible edit educate effort either
elapse elastic elbow elder elect elegant element eleven else embark ember embrace emerge emotion emperor
employ empty enable enamel enclose encore endless endure energy engage engine engrave enjoy enlarge enough
enrich enter entire entry envy episode epoch equal equip erase erosion errand error escape essay essence
estate ethics event ever evolve exact exam exceed excite excuse exhaust exhibit exile exit exotic expand
expect explain express extend extinct extra eyebrow fable fabric facet fact faculty fade fair falcon fall
false falter family famous fancy farm fashion fast father faucet fawn fear feast feather federal feed feet
fellow fence fern ferry fertile fetch fever fibre fiction fiddle fidget field fiery fifteen fight figure
file fill film final finch find fine finger finish firefly firm first fish five fixture flag flame flannel
flap flash flat flavour flea fleet flicker flight flint flipper float flock flood flour flow fluent fluffy
flute foam focus foil fold folk food foot forbid force forest forge fork formal fort forward fossil foster
found four fowl frame free fresh friday friend frog front frost frown frozen fruit fuel fulfil full funny
furrow fusion future gadget galaxy gallop gamble game garage garden garlic garnet gate gear gecko genius
genre gentle gerbil geyser giant gift giggle give glad glance glass gleam glide globe gloom glory glossy
glove glow glue goal goat goblet gold good goose govern gown grab grace grain grand grape grasp gravy great
green grey grid grill grin grip groom group grove grow guard guess guide guitar gulf gull gypsum habit hail
hair half hall hamlet hammer hand hang happy hard harp harsh hatch have havoc hawk hazel head heal heap
heart heath heavy hedge height helm help hemp herb herd here hermit hero hidden high hill hinge hint hippo
hire hobby hockey hoist hold holly home honey honour hood hoof hook horn horse hose host hotel hour house
hover huddle human humble hump hunger hurry husky hybrid hyena ibex icicle icon ideal idle igloo ignite
iguana image immune impact import inch income index indigo inform inland inner input insect inside insure
intend into invent invite iris iron item itself ivory jackal jade jaguar jazz jeans jeep jelly jersey jewel
jigsaw jingle join joke jolly jostle judge juggle juice july jump june junior just kale karate kayak keen
keep kennel kettle kick kidney kilo kilt kind king kiosk kitten kiwi knee knife knight knit knob knock knot
know koala label lace ladder lady lagoon lake lamb lamp land larch large lark last latch late laugh launch
laurel lava lawyer layer lazy lead leaf league lean learn ledge leek left legend legume lemon lemur lend
length lens lesson letter level life lift light like lilac lily limb lime limit line linger link lion liquid
list litre little live lizard llama load loaf loan lobby local lock locust lodge loft logic lonely long look
loop loose lorry lotion lotus loud lounge love loyal luck lumber lunar lunch lung lupin luxury lynx lyric
macaw magic magma magnet magpie maiden mail main maize major make mallet mammal mango manor mantle manual
many maple marble march mare margin marine mark marmot marrow marsh marvel mask master match mature mayor
meadow meal mean meet mellow melon melt member memoir mend mentor menu mercy merge merit merry metal meteor
method metre midday might mild mile milk mill mimic mimosa mind mine mint minute mirror miss mist mitten
mobile model mole moment monday money monkey month mood moon moose moral more mortar mosaic moss motel moth
motor motto mount mouse mouth move movie much muffin mule muscle museum music must mutual myth nail name
napkin nasal nation navy near neat nebula neck nectar need nephew nerve nest nettle never next nibble nice
nickel niece nimbus nine noble nobody noise none noodle noon normal north nose note notice noun novel nuance
nugget number nurse nutmeg nylon oasis obey object oblong obtain occupy ocean offer office often okra olive
omelet once onion only onward opaque open opera oppose optic oracle orange orbit orchid order organ orient
origin oryx osprey other otter ounce outfit outlaw output oval oven over oxbow oxygen oyster ozone pace pack
paddle page paint pair palace pale palm panda panel panic pantry papaya paper parade parcel pardon parent
park parole parrot part pass pasta patch path patio patrol pause pave peace peak peanut pearl pebble pecan
pedal peel pelvis pencil pepper perch period permit person petal phone photo phrase piano pick picnic pigeon
pile pill pilot pink pint pipe piston pitch pivot pizza place plain plank plate play please pledge plenty
pliers plot plough plover pluck plug plump plunge plural plus podium poem poet point polar pole police
pollen pond pony poppy porch port possum post potato pouch pound powder power praise prawn prefer press
pretty price pride print prism prize profit prompt proof propel proud prove public puddle puffin pull pulp
pulse puma pupil puppy pure purple purse push puzzle python quail quarry queen quench query quest quick
quiet quill quit quiver quiz quota rabbit race rack radar radio raft rail rain raise rake rally ramp ranch
random range rapid rare rascal rate ration rattle raven razor reach read real reason recall recent recipe
record reduce reed reef reel refill reform refuge regal region regret reject relax relief rely remain remedy
remind remote renew rent repair repeat reply report rescue resin rest result retail retire return reveal
review rhino rhyme rhythm ribbon rice rich riddle ride ridge right rigid ring rinse ripe ripple rise river
road roar roast robe robin robot rock roll roof room root rope rose rotate rotor rough round royal rubber
rugby ruin rule rumble runner runway rural rush rust sabre sack saddle safari safe sail salad salmon salon
salt salute samba same sample sand satin sauce save savour scale scan scarf scene school scoop score scout
scrap screw script scroll seal search season seat second secret secure seed seek seem seldom select self
senate send senior sense sequel serene series sermon serve settle seven shade shake shape share shave shawl
shed sheet shelf shield shift shine ship shirt shiver shock shoe shop shore shout shovel show shrewd shrimp
shrub shut sick side siege sight sign silent silk silly silver since sing sink siren sister size skate
sketch skill skip skirt skull slab slate sleep slice slide slim slip slogan slope slow small smart smell
smile smoke smooth snack snail snake snap sneeze snow soap soccer social sock soda sofa soft soil solar sole
solid solo solve some sonata song soon sorry sort sound soup sour south space spade spare speak speed spell
spend sphere spice spider spike spin spiral splash spoil sponge spoon sport spot spray spread spring sprout
spruce squad squeak squid stable stack staff stage stair stake stamp stand start state stay steak steep stem
step stereo stew stick still sting stir stitch stock stone stool stop store stove straw streak strip study
stuff stump style submit suburb subway such sudden suffix sugar suit summer sunday sunny sunset super supper
sure surf survey swamp swan swarm sweep swerve swift swim swing sword syrup system table tackle tactic tail
take talent talk tall tame tango tank tapir target tart task tassel taste tavern taxi teach team teapot
tease tell tempo tenant tender tennis tent tepid term test text thank theme then theory thick thing third
thorn three thrive throw thumb tick tide tidy tiger tight tile till timber time tinsel tired tissue title
toad toast today toffee toga tomato tone tongue tool tooth topaz topic topple torch total touch tough tour
toward towel town trace trade trail trap travel tray treat tree trek trend tribe trick trifle trim trip
troop trophy trot trout trowel true trunk trust truth tulip tumble tuna tundra tune tunic tunnel turban
turkey turnip turtle tusk tutor tuxedo twelve twenty twice twig twin twist type tyre ugly unable uncle under
uneven unfold union unique unit unlock unpack until unveil upbeat update uphill uplift upon upper upset
upside upward urban urge usher usual utter vacant vacuum vague valley value valve vanish vapour vase vast
vault veil velvet vendor verb verge verify verse vessel vest victor video view vigour villa vine viola
virtue visit visual vital vivid vocal voice volume vote vowel voyage wafer waffle wage wagon waist wait wake
walk wall walnut walrus waltz want warm warn wash wasp watch water wave wealth wear weasel weave wedge weed
week west whale wharf wheat wheel when white whole wicker wide width wigwam wild will window wing winner
wipe wire wisdom wise wish wizard wolf wombat wonder wood wool word work world worry worth wrap wreath wreck
wren wrist wrong yacht yard yarn year yeast yellow yodel yoga yogurt yolk young youth zebra zenith zephyr
zero zest zigzag zinc zipper zodiac zone zoom
""".split()  # noqa: SIM905 - a page of words
)
"""Eleven bits a word. Sheets that were printed and words that were compared stand on this very list."""
