import { describe, expect, test } from "bun:test";
import { putMyReasons, reasonSchema } from "@episante/contracts/doctor";
import { emptyLine, faultOf, hasRuleFault, isRight, type Line, lineOf, toReason } from "./reason-form.ts";

const id = `rea_${"a".repeat(32)}`;
const named: Line = { ...emptyLine, fr: "Suivi", en: "Follow-up" };
const saved = (line: Line) => reasonSchema.parse({ id, ...putMyReasons.body?.parse({ reasons: [toReason(line)] }).reasons[0] });

describe("a visit reason in the form", () => {
  test("comes back as it was stored, with every rule and with none", () => {
    for (const rules of [
      {},
      {
        moveHours: 0,
        bufferBeforeMinutes: 5,
        bufferAfterMinutes: 10,
        noticeMinutes: 0,
        horizonDays: 30,
        minAge: 0,
        maxAge: 15,
        dailyCap: 3,
      },
      { visitors: "known", mode: "video", resourceTypes: ["ecg", "echo-room"], bring: { fr: "Carnet", en: "Record" } },
    ]) {
      const reason = reasonSchema.parse({ id, name: { fr: "A", en: "B" }, minutes: 20, online: false, cancelHours: 4, ...rules });
      expect(saved(lineOf(reason))).toEqual(reason);
    }
  });

  test("leaves what is empty to its default", () => {
    expect(isRight(named)).toBe(true);
    expect(toReason(named)).not.toHaveProperty("moveHours");
    expect(saved(named)).toMatchObject({ visitors: "all", mode: "in-person", resourceTypes: [], bufferAfterMinutes: 0 });
  });

  test("names each fault at its field, and opens the rules for one of theirs", () => {
    for (const [part, key, fault] of [
      [{ minutes: "" }, "minutes", "range"],
      [{ minutes: "4" }, "minutes", "range"],
      [{ bufferAfterMinutes: "121" }, "bufferAfterMinutes", "range"],
      [{ dailyCap: "1.5" }, "dailyCap", "range"],
      [{ minAge: "16", maxAge: "15" }, "maxAge", "ages"],
      [{ resourceTypes: ["Echo!"] }, "resourceTypes", "resources"],
      [{ resourceTypes: [..."abcdef"] }, "resourceTypes", "resources"],
      [{ instructionsFr: "À jeun" }, "instructionsEn", "both"],
    ] as const) {
      const line = { ...named, ...part };
      expect(faultOf(line, key)).toBe(fault);
      expect(isRight(line)).toBe(false);
      expect(hasRuleFault(line)).toBe(key !== "minutes");
    }
    expect(faultOf({ ...named, fr: " " }, "fr")).toBe("name");
  });
});
