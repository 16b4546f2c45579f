/** A place people type, with the centre the directory measures from. Source of coordinates: town halls, rounded to 3 decimals. */
export interface Place {
  readonly name: string;
  readonly postcode: string;
  readonly lat: number;
  readonly lng: number;
}

const lyon: readonly (readonly [string, number, number])[] = [
  ["69001", 45.77, 4.83],
  ["69002", 45.752, 4.827],
  ["69003", 45.759, 4.855],
  ["69004", 45.779, 4.827],
  ["69005", 45.758, 4.803],
  ["69006", 45.77, 4.851],
  ["69007", 45.734, 4.841],
  ["69008", 45.735, 4.869],
  ["69009", 45.779, 4.805],
];

/** Towns known without any outside service: nobody is told where people look. */
export const places: readonly Place[] = [
  { name: "Lyon", postcode: "69000", lat: 45.764, lng: 4.836 },
  ...lyon.map(([postcode, lat, lng], index) => ({ name: `Lyon ${index + 1}${index === 0 ? "er" : "e"}`, postcode, lat, lng })),
  { name: "Villeurbanne", postcode: "69100", lat: 45.767, lng: 4.88 },
  { name: "Bron", postcode: "69500", lat: 45.739, lng: 4.911 },
  { name: "Vénissieux", postcode: "69200", lat: 45.698, lng: 4.887 },
  { name: "Caluire-et-Cuire", postcode: "69300", lat: 45.797, lng: 4.848 },
  { name: "Vaulx-en-Velin", postcode: "69120", lat: 45.779, lng: 4.92 },
  { name: "Écully", postcode: "69130", lat: 45.774, lng: 4.777 },
  { name: "Oullins-Pierre-Bénite", postcode: "69600", lat: 45.714, lng: 4.808 },
  { name: "Paris", postcode: "75000", lat: 48.857, lng: 2.352 },
  { name: "Marseille", postcode: "13000", lat: 43.296, lng: 5.37 },
  { name: "Toulouse", postcode: "31000", lat: 43.604, lng: 1.444 },
  { name: "Nice", postcode: "06000", lat: 43.697, lng: 7.27 },
  { name: "Nantes", postcode: "44000", lat: 47.218, lng: -1.554 },
  { name: "Montpellier", postcode: "34000", lat: 43.61, lng: 3.877 },
  { name: "Strasbourg", postcode: "67000", lat: 48.573, lng: 7.752 },
  { name: "Bordeaux", postcode: "33000", lat: 44.838, lng: -0.579 },
  { name: "Lille", postcode: "59000", lat: 50.637, lng: 3.063 },
  { name: "Rennes", postcode: "35000", lat: 48.112, lng: -1.68 },
  { name: "Grenoble", postcode: "38000", lat: 45.188, lng: 5.724 },
  { name: "Saint-Étienne", postcode: "42000", lat: 45.44, lng: 4.387 },
  { name: "Villefranche-sur-Saône", postcode: "69400", lat: 45.99, lng: 4.719 },
  { name: "Vienne", postcode: "38200", lat: 45.525, lng: 4.875 },
  { name: "Bourgoin-Jallieu", postcode: "38300", lat: 45.586, lng: 5.274 },
];

/** Lower case without accents, marks or repeated spaces; `3ᵉ`, `3ème` and `3e` are the same. */
export function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/(\d+)\s*(?:er|eme|e|nd|rd|st|th)\b/g, "$1")
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
}

/** The place meant by what was typed: a postcode, or the beginning of a name. `extra` are the towns of this installation's clinics. */
export function findPlace(typed: string, extra: readonly Place[] = []): Place | undefined {
  const wanted = plain(typed);
  if (wanted === "") return undefined;
  const all = [...extra, ...places];
  const digits = wanted.match(/\b\d{5}\b/)?.[0];
  if (digits) {
    const exact = all.find((place) => place.postcode === digits) ?? all.find((place) => place.postcode.slice(0, 3) === digits.slice(0, 3));
    if (exact) return exact;
  }
  return (
    all.find((place) => plain(place.name) === wanted) ?? all.find((place) => wanted.length >= 3 && plain(place.name).startsWith(wanted))
  );
}
