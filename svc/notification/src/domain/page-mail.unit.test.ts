import { expect, test } from "bun:test";
import { composePage, mailDueAt, type PageFacts, pageSubject } from "./page-mail.ts";

const facts: PageFacts = {
  kind: "page",
  givenName: "Zoé <b>",
  alerts: [{ severity: "warning" }, { severity: "critical" }, { severity: "warning" }],
  since: "2026-11-24T08:00:00.000Z",
  zone: "Europe/Paris",
  step: 0,
  isLate: false,
  link: "http://localhost:8080/console/alerts",
};

test("the mail says how many alerts of which severity wait, since when and where, in both languages", () => {
  const french = composePage("fr", facts);
  expect(french.text).toContain("3 alertes attendent dans la console.");
  expect(french.text).toContain("Critique : 1\nVigilance : 2\nDepuis : mardi 24 novembre 2026 à 09:00 (Europe/Paris)");
  const english = composePage("en", facts);
  expect(english.text).toContain("3 alerts are waiting in the console.");
  expect(english.text).toContain("Critical: 1\nWarning: 2\nSince: Tuesday, 24 November 2026 at 09:00 (Europe/Paris)");
  for (const { text, html } of [french, english]) {
    for (const part of ["Zoé", facts.link, "09:00"]) expect([text.includes(part), html.includes(part)]).toEqual([true, true]);
    expect(html).not.toContain("<b>");
    expect(text).not.toMatch(/Notice|Information|Step|Étape|retard|late/);
  }
});

test("one alert is one, a later step and a late call say so, a digest speaks of the night", () => {
  const { text } = composePage("fr", { ...facts, alerts: [{ severity: "critical" }], step: 1, isLate: true });
  expect(text).toContain("Une alerte attend dans la console. Étape 2 de la chaîne d’appel. Cet appel vient en retard");
  const digest = composePage("en", { ...facts, kind: "digest", alerts: [{ severity: "notice" }], step: undefined });
  expect(digest.text).toContain("One alert was held back during quiet hours.");
  expect(digest.text).toContain("Notice: 1");
  expect(digest.text).not.toContain("Since");
});

test("subjects are fixed words: neither severity nor number shows on a locked screen", () => {
  for (const kind of ["page", "digest"] as const)
    for (const locale of ["fr", "en"] as const) {
      const { subject } = composePage(locale, { ...facts, kind });
      expect(subject).toBe(pageSubject(kind, locale));
      expect(subject).not.toMatch(/\d|criti|vigil|warn/i);
    }
});

test("critical pages and digests leave at once, others after half a minute in which they may grow", () => {
  expect(mailDueAt("critical", "page", 1_000)).toBe(1_000);
  expect(mailDueAt("warning", "digest", 1_000)).toBe(1_000);
  expect(mailDueAt("warning", "page", 1_000)).toBe(31_000);
  expect(mailDueAt("notice", "page", 1_000)).toBe(31_000);
});
