import type { specialties } from "@episante/contracts/doctor";

type Specialty = (typeof specialties)[number];

/** The demo clinic. Everybody in it is invented. */
export const demoClinic = {
  name: "Clinique des Deux Fleuves",
  zone: "Europe/Paris",
  city: "Lyon",
  address: "12 quai des Tilleuls, 69002 Lyon",
  phone: "+33 4 00 00 00 00",
  lat: 45.7578,
  lng: 4.832,
};

export interface DemoDoctor {
  readonly givenName: string;
  readonly familyName: string;
  readonly specialty: Specialty;
  readonly languages: readonly string[];
  readonly sector: "1" | "2";
  readonly address: string;
  readonly lat: number;
  readonly lng: number;
  readonly about: { readonly fr: string; readonly en: string };
}

function doctor(
  name: readonly [string, string],
  specialty: Specialty,
  languages: readonly string[],
  sector: "1" | "2",
  place: readonly [string, number, number],
  about: readonly [string, string],
): DemoDoctor {
  const [givenName, familyName] = name;
  const [address, lat, lng] = place;
  return { givenName, familyName, specialty, languages, sector, address, lat, lng, about: { fr: about[0], en: about[1] } };
}

const clinicPlace = [demoClinic.address, demoClinic.lat, demoClinic.lng] as const;
const croixRousse = ["4 place des Canuts, 69004 Lyon", 45.7749, 4.8317] as const;
const partDieu = ["88 rue de la Villette, 69003 Lyon", 45.7605, 4.8606] as const;
const villeurbanne = ["31 cours des Gratte-Ciel, 69100 Villeurbanne", 45.7669, 4.8796] as const;

export const demoDoctors: readonly DemoDoctor[] = [
  doctor(["Hélène", "Marchetti"], "cardiology", ["fr", "en", "it"], "1", clinicPlace, [
    "Rythmologie, suivi à distance des patients équipés.",
    "Heart rhythm, remote monitoring of patients with wearables.",
  ]),
  doctor(["Antoine", "Belkacem"], "pulmonology", ["fr", "en", "ar"], "1", clinicPlace, [
    "Apnée du sommeil, oxygénothérapie à domicile.",
    "Sleep apnoea, oxygen therapy at home.",
  ]),
  doctor(["Claire", "Fontanel"], "general-practice", ["fr", "en"], "1", croixRousse, [
    "Médecine de famille, du nourrisson au grand âge.",
    "Family medicine for every age.",
  ]),
  doctor(["Youssef", "Amrani"], "general-practice", ["fr", "ar", "en"], "1", villeurbanne, [
    "Médecine générale, suivi des maladies chroniques.",
    "General medicine, chronic conditions.",
  ]),
  doctor(["Mathilde", "Roussel"], "general-practice", ["fr", "es"], "1", partDieu, [
    "Médecine générale et du voyage.",
    "General and travel medicine.",
  ]),
  doctor(["Karim", "Delorme"], "dermatology", ["fr", "en"], "2", partDieu, [
    "Dépistage, dermatologie de l’enfant et de l’adulte.",
    "Skin checks for children and adults.",
  ]),
  doctor(["Sophie", "Nguyen"], "endocrinology", ["fr", "en", "vi"], "1", clinicPlace, [
    "Diabète, glucose en continu, thyroïde.",
    "Diabetes, continuous glucose monitoring, thyroid.",
  ]),
  doctor(["Lucie", "Garnier"], "gynaecology", ["fr", "en"], "2", croixRousse, [
    "Suivi gynécologique et de grossesse.",
    "Gynaecology and pregnancy care.",
  ]),
  doctor(["Paul", "Verdier"], "ophthalmology", ["fr"], "2", partDieu, ["Bilan visuel, glaucome, rétine.", "Eye tests, glaucoma, retina."]),
  doctor(["Inès", "Carvalho"], "paediatrics", ["fr", "pt", "en"], "1", villeurbanne, [
    "Pédiatrie, vaccinations, asthme de l’enfant.",
    "Children, vaccinations, childhood asthma.",
  ]),
  doctor(["Étienne", "Lacombe"], "psychiatry", ["fr", "en"], "1", croixRousse, [
    "Troubles anxieux et du sommeil.",
    "Anxiety and sleep disorders.",
  ]),
  doctor(["Naïma", "Perret"], "rheumatology", ["fr", "de"], "2", villeurbanne, [
    "Dos, articulations, ostéoporose.",
    "Back, joints, osteoporosis.",
  ]),
];

/** Weekly hours by pattern: morning and afternoon windows, ISO weekdays (1 Monday). */
const weeks = [
  { mornings: [1, 2, 3, 4, 5], afternoons: [1, 2, 4, 5], from: "08:30", noon: "12:30", again: "14:00", to: "18:00" },
  { mornings: [1, 2, 4, 5], afternoons: [1, 3, 4], from: "09:00", noon: "12:00", again: "13:30", to: "19:00" },
  { mornings: [1, 3, 5], afternoons: [1, 2, 3, 4, 5], from: "08:00", noon: "12:00", again: "14:00", to: "17:30" },
] as const;

/** Hours of the nth doctor. */
export function weeklyWindows(index: number): { day: number; from: string; to: string }[] {
  const week = weeks[index % weeks.length] ?? weeks[0];
  return [
    ...week.mornings.map((day) => ({ day, from: week.from, to: week.noon })),
    ...week.afternoons.map((day) => ({ day, from: week.again, to: week.to })),
  ];
}

/** Visit reasons: every doctor has the first two; some offer a third. */
export function visitReasons(index: number) {
  const common = [
    { name: { fr: "Consultation", en: "Consultation" }, minutes: 20, online: true, cancelHours: 24 },
    { name: { fr: "Première consultation", en: "First visit" }, minutes: 40, online: true, cancelHours: 24 },
  ];
  const third = {
    name: { fr: "Suivi des mesures à distance", en: "Review of remote readings" },
    minutes: 15,
    online: true,
    cancelHours: 4,
  };
  return index % 3 === 0 ? [...common, third] : common;
}

export const demoAdmin = { givenName: "Nadège", familyName: "Tissot" };
export const demoStaff = [
  { givenName: "Julien", familyName: "Mercier" },
  { givenName: "Salomé", familyName: "Haddad" },
] as const;

/** The first two have a replay device each; the others wear a simulated one. */
export const demoPatients = [
  { givenName: "Camille", familyName: "Aubert", birthDate: "1961-04-18" },
  { givenName: "Rachid", familyName: "Lemoine", birthDate: "1954-11-02" },
  { givenName: "Odile", familyName: "Charpentier", birthDate: "1947-07-26" },
  { givenName: "Thomas", familyName: "Vidal", birthDate: "1988-01-09" },
  { givenName: "Aïcha", familyName: "Poncet", birthDate: "1973-09-30" },
  { givenName: "Bruno", familyName: "Salvetti", birthDate: "1966-12-12" },
] as const;

/** `Hélène Marchetti` → `helene.marchetti@<domain>`. */
export function mailOf(person: { readonly givenName: string; readonly familyName: string }, domain: string): string {
  const plain = (text: string) =>
    text
      .normalize("NFD")
      .replace(/[^A-Za-z]/g, "")
      .toLowerCase();
  return `${plain(person.givenName)}.${plain(person.familyName)}@${domain}`;
}
