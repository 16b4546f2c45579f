import { createSignal } from "solid-js";
import { readStored, writeStored } from "../lib/storage.ts";
import { frenchSpacing } from "./spacing.ts";

export const locales = ["fr", "en"] as const;
export type Locale = (typeof locales)[number];
/** A sentence with `{x}` placeholders; with `one`/`other` when it depends on the placeholder `{n}`. */
export type Message = string | { readonly one: string; readonly other: string };
export type Dictionary = Readonly<Record<string, Message>>;
/** English has exactly the French keys. */
export type Translation<D extends Dictionary> = { readonly [K in keyof D]: Message };

type TextOf<M> = M extends { readonly one: infer O; readonly other: infer T } ? O | T : M;
type NamesIn<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type ParamsOf<M> = NamesIn<TextOf<M>> | (M extends string ? never : "n");
type Arguments<M> = [ParamsOf<M>] extends [never] ? [] : [params: Readonly<Record<ParamsOf<M>, string | number>>];

export const isLocale = (value: unknown): value is Locale => locales.some((locale) => locale === value);

function initialLocale(): Locale {
  const stored = readStored("es.locale");
  if (isLocale(stored)) return stored;
  return typeof navigator !== "undefined" && navigator.language.startsWith("fr") ? "fr" : "en";
}

const [locale, setLocaleSignal] = createSignal<Locale>(initialLocale());
if (typeof document !== "undefined") document.documentElement.lang = locale();

/** The language on screen. */
export { locale };

/** Switches the language in place: the page, its scroll and its forms stay. */
export function setLocale(next: Locale): void {
  writeStored("es.locale", next);
  document.documentElement.lang = next;
  setLocaleSignal(next);
}

const plurals: Record<Locale, Intl.PluralRules> = { fr: new Intl.PluralRules("fr"), en: new Intl.PluralRules("en") };

/** Fills a message for a language. Exported for tests; screens use a translator. */
export function fill(message: Message, language: Locale, params: Readonly<Record<string, string | number>> = {}): string {
  let text: string;
  if (typeof message === "string") text = message;
  else text = plurals[language].select(Math.abs(Number(params.n))) === "one" ? message.one : message.other;
  const spaced = language === "fr" ? frenchSpacing(text) : text;
  return spaced.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(language === "fr" ? "fr-FR" : "en-GB") : value;
  });
}

/**
 * A typed `t` over a pair of dictionaries. Keys and placeholders are checked against the French texts;
 * reading it inside JSX follows the language.
 */
export function translator<const D extends Dictionary>(dictionaries: { fr: D; en: Translation<D> }) {
  return function t<K extends keyof D & string>(key: K, ...[params]: Arguments<D[K]>): string {
    return fill(dictionaries[locale()][key] as Message, locale(), params);
  };
}
