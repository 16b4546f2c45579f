import { capital } from "../../shared/lib/format.ts";

/** A kind of room or device as people read it: `echo-room` → `Echo room`. */
export function typeWords(type: string): string {
  return capital(type.replaceAll("-", " "));
}

/** What somebody typed as a kind that the API takes: `Salle d’échographie` → `salle-d-echographie`; empty when nothing is left. */
export function typeOf(typed: string): string {
  return typed
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
