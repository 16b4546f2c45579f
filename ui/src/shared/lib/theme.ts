import { createSignal } from "solid-js";
import { readStored, writeStored } from "./storage.ts";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];
export const textSizes = ["normal", "large", "larger"] as const;
export type TextSize = (typeof textSizes)[number];
export type Density = "large" | "comfortable" | "compact";

const isTheme = (value: string | null): value is Theme => themes.some((theme) => theme === value);
const isTextSize = (value: string | null): value is TextSize => textSizes.some((size) => size === value);

const storedTheme = readStored("es.theme");
const storedSize = readStored("es.text-size");
const [theme, setThemeSignal] = createSignal<Theme>(isTheme(storedTheme) ? storedTheme : "system");
const [textSize, setTextSizeSignal] = createSignal<TextSize>(isTextSize(storedSize) ? storedSize : "normal");

/** The chosen theme; `system` follows the operating system. */
export { textSize, theme };

/** Applies and remembers a theme. Charts re-read their colours through `onThemeChange`. */
export function setTheme(next: Theme): void {
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  writeStored("es.theme", next === "system" ? null : next);
  setThemeSignal(next);
}

/** Applies and remembers the text size (100 %, 112.5 %, 131.25 % of the browser's). */
export function setTextSize(next: TextSize): void {
  if (next === "normal") delete document.documentElement.dataset.textSize;
  else document.documentElement.dataset.textSize = next;
  writeStored("es.text-size", next === "normal" ? null : next);
  setTextSizeSignal(next);
}

/** Sets the density of controls on this page: patients large, console comfortable or compact. */
export function setDensity(next: Density): void {
  document.documentElement.dataset.density = next;
}

/** Calls back when the resolved colours change: by choice here or by the operating system. Returns the unsubscriber. */
export function onThemeChange(react: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(react);
  system.addEventListener("change", react);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => {
    system.removeEventListener("change", react);
    observer.disconnect();
  };
}
