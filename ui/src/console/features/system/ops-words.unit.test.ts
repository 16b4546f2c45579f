import { describe, expect, test } from "bun:test";
import { attentionCodes, type Ops } from "@episante/contracts/ops";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { bytes, originOf, type Point, pointAdvice, pointsOf, pointText } from "./ops-words.ts";

const ops = (...attention: Ops["attention"]) => ({ attention }) as unknown as Ops;

test("what this page alone knows is put among what the gateway found, worst first", () => {
  const found = ops({ code: "disk-full", level: "critical", name: "data", value: 3 }, { code: "demo", level: "notice" });
  expect(pointsOf(found, 2, "plain").map(({ code }) => code)).toEqual(["insecure", "disk-full", "dead-letters", "demo"]);
  expect(pointsOf(found, 0, "https").map(({ code }) => code)).toEqual(["disk-full", "demo"]);
  expect(pointsOf(undefined, 0, "localhost")).toEqual([]);
});

describe.each(["fr", "en"] as const)("in %s", (language) => {
  test("every point is a sentence with nothing left to fill in, and says what to do", () => {
    setLocale(language);
    const codes: Point["code"][] = [...attentionCodes, "dead-letters", "insecure"];
    for (const code of codes) {
      for (const value of [1, 4]) {
        const point: Point = { code, level: "warning", name: "alert", value };
        const texts = [pointText(point), pointAdvice(point)];
        for (const text of texts) expect([code, /\.$/.test(text), /[{}]|ops\./.test(text)]).toEqual([code, true, false]);
      }
    }
  });
});

test("a process that is down is told with what people notice of it; an unknown one without", () => {
  setLocale("en");
  expect(pointAdvice({ code: "process-down", level: "critical", name: "alert" })).toStartWith("Alerts are no longer decided. It starts");
  expect(pointAdvice({ code: "process-down", level: "critical", name: "other" })).toStartWith("It starts again");
  expect(pointAdvice({ code: "disk-low", level: "warning", name: "alert" })).toStartWith("Free some room");
});

test("sizes are read by people, in either language", () => {
  setLocale("en");
  expect([0, 999, 1_000, 93_454_336, 44_914_929_664, 2e15].map(bytes)).toEqual(["0 B", "999 B", "1 kB", "93.5 MB", "44.9 GB", "2,000 TB"]);
  setLocale("fr");
  expect(bytes(44_914_929_664)).toBe("44,9 Go");
});

test("the way to the page: encrypted, on this machine, or neither", () => {
  const at = (href: string) => originOf(new URL(href) as unknown as Location);
  expect(at("https://clinic.example/console")).toBe("https");
  expect(at("http://localhost:8080/console")).toBe("localhost");
  expect(at("http://127.0.0.1:8080")).toBe("localhost");
  expect(at("http://192.168.1.4:8080")).toBe("plain");
  expect(at("http://localhost.evil.example")).toBe("plain");
});
