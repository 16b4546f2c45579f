import { expect, test } from "bun:test";
import { compose, subjectOf, templates, writtenTime } from "./templates.ts";

const facts = {
  givenName: "Zoé <b>",
  start: "2026-11-24T08:00:00.000Z",
  zone: "Europe/Paris",
  doctor: { name: "Dr Jean Martin", clinic: "Clinique & Co", address: "1 rue A, Lyon", phone: "04 00" },
  link: "http://localhost:8080/appointments/apt_1",
};

test("the time is written in the clinic's zone, before and after a clock change", () => {
  expect(writtenTime("2026-11-24T08:00:00Z", "Europe/Paris", "fr")).toBe("mardi 24 novembre 2026 à 09:00 (Europe/Paris)");
  expect(writtenTime("2026-07-01T07:00:00Z", "Europe/Paris", "en")).toContain("09:00");
});

test("both languages say the same facts; what people typed is escaped in HTML", () => {
  for (const locale of ["fr", "en"] as const) {
    const { text, html, subject } = compose("appointment-booked", locale, facts);
    for (const part of ["09:00", "Dr Jean Martin", facts.link]) {
      expect(text).toContain(part);
      expect(html).toContain(part);
    }
    expect(html).toContain("Zoé &lt;b&gt;");
    expect(html).toContain("Clinique &amp; Co");
    expect(html).not.toContain("<b>");
    expect(subject).toBe(subjectOf("appointment-booked", locale));
  }
});

test("subjects are fixed words: nothing of the visit can reach them", () => {
  for (const template of templates) {
    for (const locale of ["fr", "en"] as const) expect(compose(template, locale, facts).subject).not.toMatch(/Martin|Zo|\d/);
  }
});

test("a relative is told whom the visit is for, in the text and not in the subject", () => {
  const { text, html, subject } = compose("appointment-booked", "fr", { ...facts, relative: "Léo" });
  expect(text).toContain("Pour : Léo");
  expect(html).toContain("Léo");
  expect(subject).not.toContain("Léo");
  expect(compose("appointment-booked", "fr", facts).text).not.toContain("Pour");
});

test("a doctor who is no longer listed is left out, not written as undefined", () => {
  const { doctor: _, ...rest } = facts;
  expect(compose("appointment-cancelled", "fr", rest).text).not.toContain("undefined");
});
