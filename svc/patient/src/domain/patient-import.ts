import { emailSchema } from "@episante/contracts/auth";
import { type patientColumns, type TransferFault, type TransferFaultCode, transferFault, writtenDay } from "@episante/contracts/transfer";
import { foldName } from "./search.ts";

type Column = (typeof patientColumns)[number];
/** What the columns of a patients' table may be called besides their key. */
export const patientTable = {
  familyName: { names: ["last name", "surname", "nom", "nom de famille"], isRequired: true },
  givenName: { names: ["first name", "prénom"], isRequired: true },
  birthDate: { names: ["date of birth", "date de naissance", "né le", "née le", "né(e) le"], isRequired: true },
  gender: { names: ["sex", "sexe", "genre"] },
  phone: { names: ["telephone", "phone number", "mobile", "portable", "tél."] },
  email: { names: ["mail", "courriel", "adresse e-mail"] },
  locale: { names: ["language", "langue"] },
  externalId: { names: ["external number", "number", "numéro", "numéro externe", "identifiant", "identifiant externe"] },
} as const satisfies Record<Column, { names: readonly string[]; isRequired?: boolean }>;

const genders = {
  female: ["f", "femme", "woman"],
  male: ["m", "h", "homme", "man"],
  other: ["o", "autre"],
  unknown: ["", "u", "inconnu"],
} as const;
const locales = { fr: ["", "français", "french"], en: ["anglais", "english"] } as const;
const longestName = 100;
const longestPhone = 30;
const longestExternalId = 100;

/** A row that can be read. */
export interface ListedPerson {
  readonly row: number;
  readonly familyName: string;
  readonly givenName: string;
  readonly searchName: string;
  readonly birthDate: string;
  readonly gender: keyof typeof genders;
  readonly phone: string | null;
  readonly email: string | null;
  readonly locale: keyof typeof locales;
  /** What the clinic's former software calls this person. */
  readonly externalId: string | null;
}
interface Row {
  readonly row: number;
  readonly cells: Readonly<Record<Column, string>>;
}

/** Reads every row of a patients' table. @param today in the clinic's zone: nobody is born later */
export function readPeople(rows: readonly Row[], today: string): { people: ListedPerson[]; faults: TransferFault[] } {
  const faults: TransferFault[] = [];
  const people = rows.flatMap(({ row, cells }) => {
    const before = faults.length;
    const fault = (column: Column, code: TransferFaultCode) => void faults.push(transferFault({ row, column, code }));
    const text = (column: Column, longest: number, isRequired = false) => {
      const value = cells[column];
      if (value === "" && isRequired) fault(column, "required");
      else if (value.length > longest) fault(column, "too-long");
      else if (/[\r\n]/.test(value)) fault(column, "not-one-line");
      return value;
    };
    const choice = <K extends string>(column: Column, choices: Readonly<Record<K, readonly string[]>>): K | undefined => {
      const wanted = cells[column].toLowerCase();
      const found = (Object.keys(choices) as K[]).find((key) => key === wanted || choices[key].includes(wanted));
      if (found === undefined) fault(column, "bad-choice");
      return found;
    };
    const familyName = text("familyName", longestName, true);
    const givenName = text("givenName", longestName, true);
    const birthDate = writtenDay(cells.birthDate);
    if (cells.birthDate === "") fault("birthDate", "required");
    else if (birthDate === undefined) fault("birthDate", "bad-day");
    else if (birthDate > today) fault("birthDate", "in-future");
    const phone = text("phone", longestPhone);
    if (phone !== "" && phone.replace(/\D/g, "").length < 6) fault("phone", "bad-phone");
    const email = emailSchema.safeParse(cells.email);
    if (cells.email !== "" && !email.success) fault("email", "bad-email");
    const gender = choice("gender", genders);
    const locale = choice("locale", locales);
    const externalId = text("externalId", longestExternalId) || null;
    if (faults.length > before || birthDate === undefined || !gender || !locale) return [];
    const searchName = foldName(`${familyName} ${givenName}`);
    return {
      row,
      familyName,
      givenName,
      searchName,
      birthDate,
      gender,
      phone: phone || null,
      email: email.data ?? null,
      locale,
      externalId,
    };
  });
  return { people, faults };
}

/** A patient whom the clinic knows. */
export interface KnownPatient {
  readonly id: string;
  readonly searchName: string;
  readonly birthDate: string;
  readonly externalId: string | null;
}
/** What a row means: a new file, or one there is. */
export interface JudgedPerson {
  readonly person: ListedPerson;
  readonly known?: KnownPatient;
  readonly warning?: "same-person" | "namesake";
  readonly otherRow?: number;
}

/**
 * Tells new people from known ones. The external number decides (an own id is one, as exports write it where there is none); without an answer from
 * it, name and date of birth do, but for two people with different numbers.
 */
export function judgePeople(
  people: readonly ListedPerson[],
  patients: readonly KnownPatient[],
): { judged: JudgedPerson[]; faults: TransferFault[] } {
  const byNumber = new Map(patients.flatMap((one) => (one.externalId === null ? [] : [[one.externalId, one]])));
  const byId = new Map(patients.map((one) => [one.id, one]));
  const byPerson = Map.groupBy(patients, keyOf);
  const [seenNumbers, seenPeople] = [new Map<string, ListedPerson>(), new Map<string, ListedPerson[]>()];
  const linked = new Set<string>();
  const faults: TransferFault[] = [];
  const judged = people.flatMap((person): JudgedPerson[] => {
    const { row, externalId } = person;
    const twin = externalId === null ? undefined : seenNumbers.get(externalId);
    if (twin) {
      faults.push(transferFault({ row, column: "externalId", code: "stands-twice", otherRow: twin.row }));
      return [];
    }
    if (externalId !== null) seenNumbers.set(externalId, person);
    const twins = seenPeople.get(keyOf(person)) ?? [];
    seenPeople.set(keyOf(person), [...twins, person]);
    const unnumbered = twins.find((other) => externalId === null || other.externalId === null);
    if (unnumbered) {
      faults.push(transferFault({ row, code: "stands-twice", otherRow: unnumbered.row }));
      return [];
    }
    const named = externalId === null ? undefined : (byNumber.get(externalId) ?? byId.get(externalId));
    if (named) return [{ person, known: named }];
    const namesakes = byPerson.get(keyOf(person)) ?? [];
    const same = namesakes.filter(({ id, externalId: theirs }) => (externalId === null || theirs === null) && !linked.has(id));
    if (same.length > 1) {
      faults.push(transferFault({ row, code: "several-files" }));
      return [];
    }
    const [known] = same;
    if (known) {
      linked.add(known.id);
      return [{ person, known, warning: "same-person" }];
    }
    const [other] = twins;
    if (namesakes.length === 0 && !other) return [{ person }];
    return [{ person, warning: "namesake", ...(other ? { otherRow: other.row } : {}) }];
  });
  return { judged, faults };
}

function keyOf({ searchName, birthDate }: Pick<KnownPatient, "searchName" | "birthDate">): string {
  return `${birthDate} ${searchName}`;
}
