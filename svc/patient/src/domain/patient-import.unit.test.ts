import { expect, test } from "bun:test";
import { readTable } from "@episante/service/csv";
import type { KnownPatient, ListedPerson } from "./patient-import.ts";
import { judgePeople, patientTable, readPeople } from "./patient-import.ts";

const empty = { familyName: "", givenName: "", birthDate: "", gender: "", phone: "", email: "", locale: "", externalId: "" };
const read = (cells: Partial<typeof empty>) => readPeople([{ row: 2, cells: { ...empty, ...cells } }], "2026-11-23");
const faultsOf = (cells: Partial<typeof empty>) =>
  read({ familyName: "Durand", givenName: "Zoé", birthDate: "1990-02-01", ...cells }).faults.map(({ column, code }) => [column, code]);

test("the column names that the screen and the manual show are read, in both languages", () => {
  for (const names of [
    "nom;prénom;date de naissance;sexe;téléphone;e-mail;langue;identifiant",
    "family name;given name;birth date;gender;phone;email;locale;external id",
  ]) {
    const table = readTable(`${names}\n1;2;3;4;5;6;7;8`, patientTable, 1);
    expect(table).toMatchObject({ faults: [], ignored: [] });
    expect(Object.values(table.rows[0]?.cells ?? {})).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  }
});

test("days in both spellings, words in both languages and addresses in any case are read", () => {
  const cells = {
    familyName: "Durand",
    givenName: "Zoé",
    birthDate: "1/2/1990",
    gender: "Femme",
    email: "Zoe@Exemple.FR",
    locale: "English",
  };
  expect(read(cells).people).toEqual([
    {
      row: 2,
      familyName: "Durand",
      givenName: "Zoé",
      searchName: "durand zoe",
      birthDate: "1990-02-01",
      gender: "female",
      phone: null,
      email: "zoe@exemple.fr",
      locale: "en",
      externalId: null,
    },
  ]);
  expect(read({ familyName: "Durand", givenName: "Zoé", birthDate: "01.02.1990" }).people[0]).toMatchObject({
    gender: "unknown",
    locale: "fr",
  });
});

test("every faulty cell of a row is named with its column and why", () => {
  expect(faultsOf({})).toEqual([]);
  expect(faultsOf({ familyName: "", givenName: "x".repeat(101), birthDate: "" })).toEqual([
    ["familyName", "required"],
    ["givenName", "too-long"],
    ["birthDate", "required"],
  ]);
  expect(faultsOf({ givenName: "Zoé\nAnne", birthDate: "30/02/1990" })).toEqual([
    ["givenName", "not-one-line"],
    ["birthDate", "bad-day"],
  ]);
  expect(faultsOf({ birthDate: "2026-11-24", phone: "12345", email: "zoe", gender: "x", locale: "de" })).toEqual([
    ["birthDate", "in-future"],
    ["phone", "bad-phone"],
    ["email", "bad-email"],
    ["gender", "bad-choice"],
    ["locale", "bad-choice"],
  ]);
});

const person = (row: number, externalId: string | null, searchName = "durand zoe"): ListedPerson => ({
  ...({ familyName: "Durand", givenName: "Zoé", gender: "unknown", phone: null, email: null, locale: "fr" } as const),
  row,
  searchName,
  birthDate: "1990-02-01",
  externalId,
});
const known = (id: string, externalId: string | null, searchName = "durand zoe"): KnownPatient => ({
  id,
  searchName,
  birthDate: "1990-02-01",
  externalId,
});
const judge = (people: ListedPerson[], patients: KnownPatient[]) => {
  const { judged, faults } = judgePeople(people, patients);
  return [
    ...judged.map(({ person: { row }, known: found, warning, otherRow }) => [row, found?.id ?? "new", warning, otherRow]),
    ...faults.map(({ row, code, otherRow }) => [row, code, otherRow]),
  ];
};

test("the external number decides whatever the name, and an own id is one", () => {
  expect(judge([person(2, "7", "martin leo"), person(3, "b")], [known("a", "7"), known("b", null, "petit ana")])).toEqual([
    [2, "a", undefined, undefined],
    [3, "b", undefined, undefined],
  ]);
});

test("without an answer from the number, name and date of birth decide; two people with two numbers are two people", () => {
  expect(judge([person(2, null)], [known("a", "7")])).toEqual([[2, "a", "same-person", undefined]]);
  expect(judge([person(2, "8")], [known("a", null)])).toEqual([[2, "a", "same-person", undefined]]);
  expect(judge([person(2, "8")], [known("a", "7")])).toEqual([[2, "new", "namesake", undefined]]);
  expect(judge([person(2, "8"), person(3, "9")], [known("a", null)])).toEqual([
    [2, "a", "same-person", undefined],
    [3, "new", "namesake", 2],
  ]);
  expect(judge([person(2, null)], [known("a", null), known("b", "7")])).toEqual([[2, "several-files", undefined]]);
});

test("the same number twice, or the same person once without a number, is told with the other row", () => {
  expect(judge([person(2, "7"), person(3, "7", "martin leo")], [])).toEqual([
    [2, "new", undefined, undefined],
    [3, "stands-twice", 2],
  ]);
  expect(judge([person(2, "7"), person(3, null)], [])).toEqual([
    [2, "new", undefined, undefined],
    [3, "stands-twice", 2],
  ]);
});
