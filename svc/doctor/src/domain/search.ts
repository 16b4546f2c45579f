import { type specialties, specialtySchema } from "@episante/contracts/doctor";
import { instantSchema } from "@episante/contracts/time";

export type Specialty = (typeof specialties)[number];

/** Words people type for a speciality, French and English; the everyday ones too. Compared as `plain` makes them. */
const specialtyWords: Record<Specialty, string> = {
  "general-practice": "médecine générale généraliste médecin traitant famille general practice practitioner gp family doctor omnipraticien",
  cardiology: "cardiologie cardiologue cœur tension cardiology cardiologist heart",
  dermatology: "dermatologie dermatologue dermato peau dermatology dermatologist skin",
  endocrinology: "endocrinologie endocrinologue diabète diabétologue diabétologie thyroïde endocrinology endocrinologist diabetes thyroid",
  gynaecology: "gynécologie gynécologue gynéco femme gynaecology gynaecologist gynecology gynecologist women",
  ophthalmology: "ophtalmologie ophtalmologue ophtalmologiste ophtalmo oculiste yeux œil vue ophthalmology ophthalmologist eyes vision",
  paediatrics: "pédiatrie pédiatre enfants bébé paediatrics paediatrician pediatrics pediatrician children child baby",
  pulmonology: "pneumologie pneumologue poumons asthme pulmonology pulmonologist lungs asthma",
  psychiatry: "psychiatrie psychiatre psy psychiatry psychiatrist mental",
  rheumatology: "rhumatologie rhumatologue articulations dos rheumatology rheumatologist joints back",
};

/** Said beside what is meant: dropped from a query unless nothing else is left. */
const fillers = new Set("dr docteur doctor pr professeur mme m le la les l de du des d un une the of a for pour chez medecin".split(" "));

const openedLetters: Readonly<Record<string, string>> = { œ: "oe", æ: "ae", ß: "ss", ø: "o", ł: "l", đ: "d", ı: "i" };

/** Lower case, without accents, ligatures opened, anything but letters and digits a blank. */
export function plain(text: string): string {
  return (
    text
      .toLowerCase()
      .normalize("NFD")
      .replace(/\p{M}/gu, "")
      // Behind the accents: some letters have both (ǣ, ǿ).
      .replace(/[œæßøłđı]/g, (letter) => openedLetters[letter] ?? letter)
      .replace(/[^\p{L}\p{N}]+/gu, " ")
      .trim()
  );
}

const wordsOf = (text: string): string[] => plain(text).split(" ").filter(Boolean);
const bySpecialty = Object.entries(specialtyWords).map(([name, text]) => ({ name: specialtySchema.parse(name), words: wordsOf(text) }));

/** Longest part of a word that is compared, in letters. */
const longestWord = 20;
/** Shortest name, and shortest beginning of a name, in which one typing error is forgiven. */
const shortestName = 4;
const shortestBeginning = 5;
/** Ends a whole word, stands for any one letter, marks a speciality, marks a word of a reason: none of them occurs in plain text. */
const [end, any, specialtyMark, reasonMark] = [".", "?", "#", "~"];

const cutWord = (word: string): string[] => [...word].slice(0, longestWord);
const without = (letters: readonly string[], at: number) => letters.toSpliced(at, 1).join("");
const wild = (letters: readonly string[], at: number) => letters.with(at, any).join("");

/** Every beginning of a word. */
function beginnings(word: string): string[] {
  const letters = cutWord(word);
  return letters.map((_, last) => letters.slice(0, last + 1).join(""));
}

/** Forms of a name under which it is found with one wrong or missing letter: as a whole, and from its beginning. */
function forgivingForms(word: string): string[] {
  const letters = cutWord(word);
  if (letters.length < shortestName) return [];
  const whole = [letters.join("") + end, ...letters.map((_, at) => wild(letters, at) + end)];
  const parts = letters.flatMap((_, last) => {
    const part = letters.slice(0, last + 1);
    return part.length < shortestBeginning ? [] : part.slice(0, -1).map((_, at) => wild(part, at));
  });
  return [...whole, ...parts];
}

/** Words of a name; the parts of a double name also written as one. */
function nameWords(name: string): string[] {
  return name.split(/\s+/).flatMap((token) => {
    const parts = wordsOf(token);
    return parts.length > 1 ? [...parts, parts.join("")] : parts;
  });
}

/**
 * Everything a doctor is found under: beginnings of the words of the name and of the open online reasons, forms of the name with one
 * typing error, the speciality. Compared with a query's words by equality, so that an index answers.
 */
export function searchKeys(doctor: { name: string; specialty: Specialty | null; reasons: readonly string[] }): string[] {
  const names = nameWords(doctor.name);
  return [
    ...new Set([
      ...(doctor.specialty ? [specialtyMark + doctor.specialty] : []),
      ...names.flatMap(beginnings),
      ...names.flatMap(forgivingForms),
      ...doctor.reasons.flatMap(reasonKeys),
    ]),
  ];
}

/** Everything a visit reason is found under: the beginnings of its words. */
export function reasonKeys(name: string): string[] {
  return [...new Set(wordsOf(name).flatMap(beginnings))].map((key) => reasonMark + key);
}

/** A word of a query: who has one of `exact` is meant, who has only one of `close` may be meant. */
export interface WantedWord {
  readonly exact: readonly string[];
  readonly close: readonly string[];
}

/** Words of a query, at most eight; a doctor must be found under all of them. */
export function searchWords(query: string): WantedWord[] {
  return meantWords(query).map((word) => {
    const letters = cutWord(word);
    const typed = letters.join("");
    const exact = [typed, reasonMark + typed, ...specialtiesOf(word).map((name) => specialtyMark + name)];
    return { exact, close: closeKeys(letters).filter((key) => !exact.includes(key)) };
  });
}

/** The same words, meant as names only. */
export function namesOnly(words: readonly WantedWord[]): WantedWord[] {
  const isName = (key: string) => !key.startsWith(specialtyMark) && !key.startsWith(reasonMark);
  return words.map(({ exact, close }) => ({ exact: exact.filter(isName), close: close.filter(isName) }));
}

/** Words without the fillers, unless only fillers were typed. */
function meantWords(query: string): string[] {
  const all = wordsOf(query);
  const meant = all.filter((word) => !fillers.has(word));
  return (meant.length > 0 ? meant : all).slice(0, 8);
}

/** Keys under which a word with one typing error stands: a wrong, missing, added or swapped letter (optimal string alignment distance 1). */
function closeKeys(letters: readonly string[]): string[] {
  const count = letters.length;
  if (count < shortestName - 1) return [];
  const positions = letters.map((_, at) => at);
  const wrong = positions.map((at) => wild(letters, at));
  const missing = [...positions, count].map((at) => letters.toSpliced(at, 0, any).join(""));
  const added = positions.map((at) => without(letters, at));
  const swapped = positions.slice(0, -1).map((at) => letters.toSpliced(at, 2, letters[at + 1] ?? "", letters[at] ?? "").join(""));
  const whole = [...wrong, ...missing, ...added, ...swapped].map((form) => form + end);
  // An error in the last letter of a beginning says no more than the letters before it.
  const parts = [...wrong.slice(0, -1), ...missing.slice(0, -1), ...added.slice(0, -1), ...swapped];
  const similar = letters.length < shortestBeginning ? [] : closeSpecialties(letters.join(""));
  return [...whole, ...parts.filter((part) => [...part].length >= shortestBeginning), ...similar.map((name) => specialtyMark + name)];
}

/** Specialities one of whose words begins so. */
export function specialtiesOf(word: string): Specialty[] {
  return bySpecialty.filter(({ words }) => words.some((known) => known.startsWith(word))).map(({ name }) => name);
}

/** Specialities one of whose words is written so but for one typing error. */
function closeSpecialties(word: string): Specialty[] {
  return bySpecialty
    .filter(({ words }) => words.some((known) => known.length >= shortestBeginning && isOneEditApart(known, word)))
    .map(({ name }) => name);
}

/** True for words that differ by one wrong, missing, added or swapped letter. */
function isOneEditApart(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  let from = 0;
  while (from < short.length && short[from] === long[from]) from++;
  if (long.length > short.length) return short.slice(from) === long.slice(from + 1);
  const isSwapped = short[from] === long[from + 1] && short[from + 1] === long[from] && short.slice(from + 2) === long.slice(from + 2);
  return from < short.length && (isSwapped || short.slice(from + 1) === long.slice(from + 1));
}

/** Specialities a query speaks of, all words considered; those written right before those with a typing error. */
export function suggestSpecialties(query: string): Specialty[] {
  const perWord = meantWords(query).map((word) => [
    ...specialtiesOf(word),
    ...(word.length < shortestBeginning ? [] : closeSpecialties(word)),
  ]);
  const [first = [], ...others] = perWord;
  return [...new Set(first)].filter((name) => others.every((names) => names.includes(name)));
}

/** `LAT,LNG` in degrees, or null when it lies off the globe. */
export function parsePlace(near: string): { lat: number; lng: number } | null {
  const [lat = Number.NaN, lng = Number.NaN] = near.split(",").map(Number);
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? { lat, lng } : null;
}

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/**
 * Smallest box of latitudes and longitudes around everything within a radius, degrees. Around a pole, or across the date line, it has all
 * longitudes. @param radius as an angle of the globe, degrees
 */
export function boxAround({ lat, lng }: { lat: number; lng: number }, radius: number) {
  // A hair more than computed: whether somebody exactly on the edge is meant is not for the box to say.
  const reach = radius + 1e-9;
  const [south, north] = [lat - reach, lat + reach];
  const around = { south, north, west: -180, east: 180 };
  if (south <= -90 || north >= 90) return around;
  // Meridians come closer towards the pole: the widest place of the circle lies there.
  const width = (Math.asin(Math.min(1, Math.sin(radians(reach)) / Math.cos(radians(lat)))) * 180) / Math.PI + 1e-9;
  return lng - width < -180 || lng + width > 180 ? around : { ...around, west: lng - width, east: lng + width };
}

export type Sort = "earliest" | "distance" | "name";
/** A place in a sorted list: doctors found exactly (0) come before those found with a typing error (1), then the order asked for. */
export interface Position {
  readonly tier: 0 | 1;
  /** `earliest`: an instant, or `infinity` for no opening; `distance`: whole metres; `name`: the plain name. */
  readonly key: string;
  readonly doctorId: string;
}

const isKeyOf: Record<Sort, (key: string) => boolean> = {
  earliest: (key) => key === "infinity" || instantSchema.safeParse(key).success,
  distance: (key) => /^\d{1,9}$/.test(key),
  name: (key) => key.length <= 200,
};

/** A place in the sorted list as an opaque cursor. */
export function encodeCursor(sort: Sort, { tier, key, doctorId }: Position): string {
  return btoa(encodeURIComponent([sort, tier, key, doctorId].join("\n"))).replaceAll("=", "");
}

/** The place of a cursor made for the same order, or null. */
export function decodeCursor(cursor: string, sort: Sort): Position | null {
  try {
    const [made, tier, key = "", doctorId = ""] = decodeURIComponent(atob(cursor)).split("\n");
    const isWhole = made === sort && (tier === "0" || tier === "1") && isKeyOf[sort](key) && /^doc_[0-9a-f]{32}$/.test(doctorId);
    return isWhole ? { tier: tier === "0" ? 0 : 1, key, doctorId } : null;
  } catch {
    return null;
  }
}
