import { describe, expect, test } from "bun:test";
import { findPlace } from "./places.ts";

describe("a place as people type it", () => {
  test("accents, case and ordinals do not matter", () => {
    for (const typed of ["Lyon 3e", "lyon 3ᵉ", "LYON 3ème", "69003"]) expect(findPlace(typed)?.postcode).toBe("69003");
    expect(findPlace("ecully")?.name).toBe("Écully");
  });
  test("the beginning of a name is enough, two letters are not", () => {
    expect(findPlace("villeur")?.name).toBe("Villeurbanne");
    expect(findPlace("vi")).toBeUndefined();
  });
  test("an unknown postcode falls to its neighbourhood; nonsense is unknown", () => {
    expect(findPlace("69430")).toBeDefined();
    expect(findPlace("xyzzy")).toBeUndefined();
    expect(findPlace("  ")).toBeUndefined();
  });
  test("towns of this installation come first", () => {
    const town = { name: "Lyon", postcode: "", lat: 1, lng: 2 };
    expect(findPlace("lyon", [town])).toBe(town);
  });
});
