import type { Locale } from "@episante/contracts/auth";
import { type Composed, escapeHtml, writtenTime } from "./templates.ts";

/** Names of a page's message in events and in the inbox. */
export const pageTemplates = { page: "alert-page", digest: "alert-digest" } as const;
export type PageKind = keyof typeof pageTemplates;
const severities = ["critical", "warning", "notice"] as const;
type Severity = (typeof severities)[number];

/** How long a page that is not critical may grow before its one mail leaves, in milliseconds of business time. */
export const gatherPageMs = 30_000;

/** When the mail of a page leaves: a critical one at once, others once they had time to grow. @param calledMs when it first called */
export function mailDueAt(severity: Severity, kind: PageKind, calledMs: number): number {
  return severity === "critical" || kind === "digest" ? calledMs : calledMs + gatherPageMs;
}

/** What the mail of a page says: how many alerts of which severity, since when, where. No name, no value, no signal. */
export interface PageFacts {
  readonly kind: PageKind;
  readonly givenName: string;
  readonly alerts: readonly { readonly severity: Severity }[];
  readonly since: string;
  readonly zone: string;
  /** Place in the clinic's chain, from 0; absent of a digest. */
  readonly step?: number | undefined;
  readonly isLate: boolean;
  readonly link: string;
}

/** Subjects hold no severity and no number: they show on locked screens. */
const subjects: Record<PageKind, Record<Locale, string>> = {
  page: { fr: "Des alertes vous attendent", en: "Alerts are waiting for you" },
  digest: { fr: "Résumé des alertes", en: "Summary of alerts" },
};
const words = {
  fr: {
    hello: "Bonjour",
    one: "Une alerte attend dans la console.",
    many: (n: number) => `${n} alertes attendent dans la console.`,
    digestOne: "Une alerte a été retenue pendant les heures calmes.",
    digestMany: (n: number) => `${n} alertes ont été retenues pendant les heures calmes.`,
    step: (n: number) => `Étape ${n} de la chaîne d’appel.`,
    late: "Cet appel vient en retard : l’installation était à l’arrêt, ou les mesures sont arrivées tard.",
    critical: "Critique",
    warning: "Vigilance",
    notice: "Information",
    since: "Depuis",
    open: "Ouvrir la console",
  },
  en: {
    hello: "Hello",
    one: "One alert is waiting in the console.",
    many: (n: number) => `${n} alerts are waiting in the console.`,
    digestOne: "One alert was held back during quiet hours.",
    digestMany: (n: number) => `${n} alerts were held back during quiet hours.`,
    step: (n: number) => `Step ${n} of the call chain.`,
    late: "This call is late: the installation was down, or readings arrived late.",
    critical: "Critical",
    warning: "Warning",
    notice: "Notice",
    since: "Since",
    open: "Open the console",
  },
} as const;

/** Subject of a page's mail in a language. */
export function pageSubject(kind: PageKind, locale: Locale): string {
  return subjects[kind][locale];
}

/** Writes the mail of a page in its recipient's language, as plain text and as HTML. */
export function composePage(locale: Locale, facts: PageFacts): Composed {
  const said = words[locale];
  const count = facts.alerts.length;
  const lead =
    facts.kind === "digest" ? (count === 1 ? said.digestOne : said.digestMany(count)) : count === 1 ? said.one : said.many(count);
  const sentences = [lead, ...(facts.step ? [said.step(facts.step + 1)] : []), ...(facts.isLate ? [said.late] : [])].join(" ");
  const lines: [string, string][] = severities.flatMap((severity) => {
    const of = facts.alerts.filter((alert) => alert.severity === severity).length;
    return of > 0 ? [[said[severity], String(of)] as [string, string]] : [];
  });
  // A digest speaks of a whole night: when it was written says nothing about its alerts.
  if (facts.kind === "page") lines.push([said.since, writtenTime(facts.since, facts.zone, locale)]);
  const hello = `${said.hello} ${facts.givenName},`;
  const subject = pageSubject(facts.kind, locale);
  const colon = locale === "fr" ? " : " : ": ";
  const told = lines.map(([name, value]) => `${name}${colon}${value}`);
  const text = [hello, "", sentences, "", ...told, "", `${said.open}${colon}${facts.link}`, "", "EpiSanté", ""].join("\n");
  const rows = lines.map(([name, value]) => `<tr><th align="left">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`).join("");
  const html = `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>
<p>${escapeHtml(hello)}</p><p>${escapeHtml(sentences)}</p><table cellpadding="4">${rows}</table>
<p><a href="${escapeHtml(facts.link)}">${escapeHtml(said.open)}</a></p><p>EpiSanté</p></body></html>`;
  return { subject, text, html };
}
