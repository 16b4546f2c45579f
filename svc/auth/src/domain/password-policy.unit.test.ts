import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { findWeakness } from "./password-policy.ts";

describe("a password is refused when it", () => {
  test.each([
    ["short-one-14ch", "too-short"],
    ["               ", "too-short"],
    [`   ten chars   `, "too-short"],
    ["aaaaaaaaaaaaaaaaaaaa", "too-uniform"],
    ["ababababababababab", "too-uniform"],
    ["passwordpassword", "common"],
    ["P@ssw0rd-P@ssw0rd", "common"],
    ["motdepasse-2026!!", "common"],
    ["iloveyouiloveyou", "common"],
    ["1234567890123456", "common"],
    ["qwertyuiopasdfgh", "common"],
    ["abcdefghijklmnop", "common"],
    ["19841984-05-05-1984", "common"],
    ["clinique-medical-lyon", "common"],
    ["Épisanté Docteur 1", "common"],
    ["xk7!pxk7!pxk7!pxk7!p", "common"],
  ] as const)("%p → %p", (password, weakness) => {
    expect(findWeakness(password, [])).toBe(weakness);
  });

  test("is nothing but the person's e-mail or name", () => {
    const personal = ["claire.fontaine@exemple.fr", "Claire", "Fontaine"];
    expect(findWeakness("claire.fontaine@exemple.fr", personal)).toBe("personal");
    expect(findWeakness("ClaireFontaine1984", personal)).toBe("personal");
    expect(findWeakness("fontaine sous la neige violette", personal)).toBeNull();
  });

  test("has more than 256 characters, counted in code points", () => {
    const long = "tilleul violet marche lentement ".repeat(20);
    expect(findWeakness([...long].slice(0, 256).join(""), [])).toBeNull();
    expect(findWeakness([...long].slice(0, 257).join(""), [])).toBe("too-long");
  });
});

test("ordinary passphrases in any script are accepted", () => {
  for (const password of [
    "correct horse battery staple",
    "le tilleul sent bon ce soir",
    "Kz8#vQ1!mW4$eR7",
    "桜の木の下で本を読む静かな春の日",
  ]) {
    expect(findWeakness(password, [])).toBeNull();
  }
});

test("the answer never depends on anything but the text, and never throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (password) => {
      expect(findWeakness(password, ["a@b.fr"])).toBe(findWeakness(password, ["a@b.fr"]));
    }),
  );
});
