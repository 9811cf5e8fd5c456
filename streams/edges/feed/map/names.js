// What things are called and how they look: parties, kinds of events, words of the contract.

const PARTIES = {
  "syrian-government": { letter: "G", colour: "#b3372c", ink: "#fff" },
  "rebels": { letter: "R", colour: "#2f7d54", ink: "#fff" },
  "islamic-state": { letter: "I", colour: "#33363b", ink: "#fff", line: "#a3acb6" },
  "sdf": { letter: "S", colour: "#e3b21c", ink: "#1b1b1b" },
  "hts": { letter: "H", colour: "#7f5aa8", ink: "#fff" },
  "nusra": { letter: "N", colour: "#9b6bc4", ink: "#fff" },
  "turkey": { letter: "T", colour: "#1d8590", ink: "#fff" },
  "us-coalition": { letter: "U", colour: "#3f68c9", ink: "#fff" },
  "russia": { letter: "Ru", colour: "#8c4a6e", ink: "#fff" },
  "hezbollah": { letter: "Z", colour: "#a0712a", ink: "#fff" },
  "iran-militias": { letter: "M", colour: "#7a6a2a", ink: "#fff" },
  "israel": { letter: "L", colour: "#5d7fb8", ink: "#fff" },
};
const OTHER = { letter: "O", colour: "#737a85", ink: "#fff" };

const actors = new Map();
const outlets = new Map();

/** Takes in the theatre's own names. */
export function learn(theatre) {
  for (const actor of theatre.actors) actors.set(actor.id, actor);
  for (const outlet of theatre.outlets) outlets.set(outlet.id, outlet);
}

export const look = (party) => PARTIES[party] ?? OTHER;

/** The colour of a party's outlines, which must show on the theme's ground. */
export const line = (party, { edge, paper }) => (edge === paper ? look(party).colour : look(party).line ?? look(party).colour);
const SHORT = {
  "syrian-government": "Syrian government", "rebels": "Rebels", "islamic-state": "Islamic State", "sdf": "SDF (Kurdish-led)",
  "hts": "Tahrir al-Sham (HTS)", "nusra": "Nusra Front", "turkey": "Turkey and its allies", "us-coalition": "US-led coalition", "unknown": "an unnamed party",
};

/** A party as readers of the news know it. */
export const party = (id) => SHORT[id] ?? actors.get(id)?.name ?? words(id);
/** An outlet; collections write its id with hyphens or underscores. */
export const outlet = (id) => (outlets.get(id) ?? outlets.get(id.replaceAll("-", "_")))?.name ?? words(id);

/** Who is quoted, in the words of the mentions that quote it; or the outlet itself where it speaks in its own voice. */
export function source(root, quoted = []) {
  const label = quoted.find((mention) => mention.root_source === root)?.source;
  if (label) return label;
  if (root.startsWith("outlet:")) return `${outlet(root.slice(7))} (own reporting)`;
  return outlets.get(root)?.name ?? actors.get(root)?.name ?? words(root.slice(root.indexOf(":") + 1));
}

export const words = (id) => id.replace(/[-_]/g, " ").replace(/^./, (first) => first.toUpperCase());

export const list = (parts) => new Intl.ListFormat("en-GB").format(parts);

const TYPES = {
  air_strike: "Air strike", shelling: "Shelling", suicide_bomb: "Suicide bombing", explosion: "Explosion",
  chemical_attack: "Chemical attack", armed_clash: "Fighting", territory_captured: "Capture",
  territory_transferred: "Handover", siege: "Siege", attack_on_civilians: "Attack on civilians", abduction: "Abduction",
  agreement: "Agreement", displacement: "Displacement", property_destruction: "Destruction", arrest: "Arrests",
  protest: "Protest",
};
export const TYPE_NAMES = TYPES;
export const type = (id) => TYPES[id] ?? words(id);

const CHANGES = {
  captured: "Captured", lost: "Lost by its holder", transferred: "Handed over", contested: "Contested",
  divided: "Divided", besieged: "Besieged", relieved: "Siege ended", corrected: "Corrected",
};
export const change = (id) => CHANGES[id] ?? words(id);

const SCOPES = { whole: "", part: " part of", surroundings: " the surroundings of" };
const RELATIONS = {
  holds: "holds", captured: "captured", lost: "lost", contests: "fights for", besieges: "besieges",
  advances: "advances on", entered: "entered", withdrew: "withdrew from",
};

/** A claim in words: "Syrian government captured Palmyra". */
export function claim(record, place) {
  const who = record.actors.length ? list(record.actors.map(party)) : "Somebody";
  return `${who} ${RELATIONS[record.relation] ?? words(record.relation)}${SCOPES[record.scope] ?? ""} ${place}`;
}

/** How many, in words: "63 to 90 killed", "at least 12 killed". */
export function toll(figures, what) {
  if (!figures) return null;
  const { min, max } = figures;
  if (max === null) return `at least ${count(min)} ${what}`;
  return min === max ? `${count(min)} ${what}` : `${count(min)} to ${count(max)} ${what}`;
}

export const count = (number) => number.toLocaleString("en-GB");

export const some = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

export const percent = (share) => `${Math.round(share * 100)} %`;
