import { expect, test } from "bun:test";
import type { Reason } from "@episante/contracts/doctor";
import { parseBirth, reasonChoices } from "./booking-choices.ts";

const reason = (id: string, fr: string, minutes = 20) => ({ id, name: { fr, en: fr }, minutes }) as unknown as Reason;

test("reasons of several doctors are one list; the same words with another length are another choice", () => {
  const choices = reasonChoices([
    { doctorId: "doc_a", reasons: [reason("rea_1", "Suivi"), reason("rea_2", "ECG", 30)] },
    { doctorId: "doc_b", reasons: [reason("rea_3", "ECG", 40), reason("rea_4", "Suivi")] },
  ]);
  expect(choices.map(({ name, minutes, offers }) => [name.fr, minutes, offers.map((offer) => offer.reasonId)])).toEqual([
    ["Suivi", 20, ["rea_1", "rea_4"]],
    ["ECG", 30, ["rea_2"]],
    ["ECG", 40, ["rea_3"]],
  ]);
});

test.each([
  ["3/4/1943", "1943-04-03"],
  [" 03.04.1943 ", "1943-04-03"],
  ["03 04 1943", "1943-04-03"],
  ["03041943", "1943-04-03"],
  ["1943-04-03", "1943-04-03"],
  ["29/2/2024", "2024-02-29"],
  ["29/2/2023", undefined],
  ["3/13/1943", undefined],
  ["3/4/43", undefined],
  ["3 avril 1943", undefined],
  ["1/1/2027", undefined],
  ["1/1/1850", undefined],
  ["", undefined],
])("a date of birth said as %p is %p", (text, day) => {
  expect(parseBirth(text, "2026-11-22")).toBe(day);
});
