import { describe, expect, test } from "bun:test";
import { basesFor, type RelativeValues, relativeFaults } from "./relative-form.ts";

const today = "2026-11-22";
const good: RelativeValues = {
  givenName: "Léo",
  familyName: "Fontaine",
  birthDay: "1",
  birthMonth: "6",
  birthYear: "2015",
  basis: "parent",
  scopes: ["book"],
  fileNumber: "",
  until: "",
};
const faults = (change: Partial<RelativeValues>) => relativeFaults({ ...good, ...change }, today).map(({ field, key }) => [field, key]);

describe("asking to act for a relative", () => {
  test("complete values have no fault, with and without an end", () => {
    expect(faults({})).toEqual([]);
    expect(faults({ until: today })).toEqual([]);
  });
  test("what is missing is named in the order of the fields", () => {
    expect(faults({ givenName: " ", birthYear: "", scopes: [], basis: "" })).toEqual([
      ["givenName", "relatives.error.givenName"],
      ["birthYear", "error.birthYear"],
      ["scopes", "relatives.error.scopes"],
    ]);
  });
  test("the basis must fit the age on the day", () => {
    expect(faults({ birthYear: "1980" })).toEqual([["basis", "relatives.error.basis"]]);
    expect(faults({ birthYear: "1980", basis: "spouse-consent" })).toEqual([]);
    expect(faults({ basis: "carer-mandate" })).toEqual([["basis", "relatives.error.basis"]]);
    expect(basesFor({ birthDay: "23", birthMonth: "11", birthYear: "2008" }, today)).toContain("parent");
    expect(basesFor({ birthDay: "22", birthMonth: "11", birthYear: "2008" }, today)).not.toContain("parent");
    expect(basesFor({ birthDay: "", birthMonth: "11", birthYear: "2008" }, today)).toEqual([]);
  });
  test("an end in the past is refused", () => expect(faults({ until: "2026-11-21" })).toEqual([["until", "relatives.error.until"]]));
});
