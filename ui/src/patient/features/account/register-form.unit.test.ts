import { describe, expect, test } from "bun:test";
import { birthDateOf, type RegisterValues, registerFaults } from "./register-form.ts";

const good: RegisterValues = {
  givenName: "Jeanne",
  familyName: "Perrin",
  birthDay: "3",
  birthMonth: "4",
  birthYear: "1943",
  email: "jeanne@exemple.fr",
  password: "quatre mots faciles",
};
const faults = (change: Partial<RegisterValues>) => registerFaults({ ...good, ...change }, "2026-01-12").map((fault) => fault.key);

describe("registration", () => {
  test("complete values have no fault", () => expect(faults({})).toEqual([]));
  test("each missing part of the birth date is named", () => {
    expect(faults({ birthYear: "" })).toEqual(["error.birthYear"]);
    expect(faults({ birthDay: "", birthMonth: "" })).toEqual(["error.birthDay", "error.birthMonth"]);
    expect(faults({ birthYear: "43" })).toEqual(["error.birthYear"]);
  });
  test("a day that does not exist, or lies ahead, is said", () => {
    expect(faults({ birthDay: "31", birthMonth: "2" })).toEqual(["error.birthWrong"]);
    expect(faults({ birthYear: "2027" })).toEqual(["error.birthFuture"]);
    expect(birthDateOf({ birthDay: "29", birthMonth: "02", birthYear: "2024" })).toBe("2024-02-29");
  });
  test("a password under 15 characters is short; characters are counted as people do", () => {
    expect(faults({ password: "quatorze lettr" })).toEqual(["error.passwordShort"]);
    expect(faults({ password: "é".repeat(15) })).toEqual([]);
    expect(faults({ password: "" })).toEqual(["error.password"]);
  });
  test("an e-mail needs a complete address", () => {
    for (const email of ["", "jeanne", "jeanne@exemple", "a b@c.fr"]) expect(faults({ email })).toEqual(["error.email"]);
  });
  test("faults come in the order of the fields", () => {
    const all = registerFaults(
      { givenName: "", familyName: "", birthDay: "", birthMonth: "", birthYear: "", email: "", password: "" },
      "2026-01-12",
    );
    expect(all.map((fault) => fault.field)).toEqual([
      "givenName",
      "familyName",
      "birthDay",
      "birthMonth",
      "birthYear",
      "email",
      "password",
    ]);
  });
});
