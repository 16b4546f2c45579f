import type { specialties } from "@episante/contracts/doctor";

type Specialty = (typeof specialties)[number];

/** Words people type for a speciality, French and English. */
const words: Record<Specialty, string> = {
  "general-practice": "médecine générale médecin généraliste de famille general practice practitioner gp family doctor",
  cardiology: "cardiologie cardiologue cœur cardiology cardiologist heart",
  dermatology: "dermatologie dermatologue peau dermatology dermatologist skin",
  endocrinology: "endocrinologie endocrinologue diabète diabétologue endocrinology endocrinologist diabetes",
  gynaecology: "gynécologie gynécologue gynaecology gynaecologist gynecology gynecologist",
  ophthalmology: "ophtalmologie ophtalmologue ophtalmologiste yeux ophthalmology ophthalmologist eye",
  paediatrics: "pédiatrie pédiatre enfant paediatrics paediatrician pediatrics pediatrician child",
  pulmonology: "pneumologie pneumologue poumon pulmonology pulmonologist lung",
  psychiatry: "psychiatrie psychiatre psychiatry psychiatrist",
  rheumatology: "rhumatologie rhumatologue rheumatology rheumatologist",
};

/** Lower case, without accents, ligatures opened, anything but letters and digits a blank. */
export function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("œ", "oe")
    .replaceAll("æ", "ae")
    .replaceAll("ß", "ss")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** What a search looks through: name and speciality words, each preceded by a blank. */
export function searchText(name: string, specialty: Specialty | null): string {
  return ` ${plain(`${name} ${specialty ? words[specialty] : ""}`)}`;
}

/** Words of a query; all of them must begin some word of the doctor's text. */
export function searchWords(query: string): string[] {
  return plain(query).split(" ").filter(Boolean).slice(0, 8);
}

/** `LAT,LNG` in degrees, or null when it lies off the globe. */
export function parsePlace(near: string): { lat: number; lng: number } | null {
  const [lat = Number.NaN, lng = Number.NaN] = near.split(",").map(Number);
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? { lat, lng } : null;
}

/** A place in the sorted list as an opaque cursor. */
export function encodeCursor(sort: string, key: string, doctorId: string): string {
  return btoa(encodeURIComponent([sort, key, doctorId].join("\n"))).replaceAll("=", "");
}

/** The place of a cursor made for the same order, or null. */
export function decodeCursor(cursor: string, sort: string): { key: string; doctorId: string } | null {
  try {
    const [made = "", key = "", doctorId = ""] = decodeURIComponent(atob(cursor)).split("\n");
    return made === sort && /^doc_[0-9a-f]{32}$/.test(doctorId) ? { key, doctorId } : null;
  } catch {
    return null;
  }
}
