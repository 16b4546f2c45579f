import { getDoctor, listReasons } from "@episante/contracts/doctor";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { locale } from "../../shared/i18n/i18n.ts";
import { type CallResult, call } from "../../shared/lib/call.ts";
import { t } from "../i18n/t.ts";

export type DoctorItem = AnswerOf<typeof getDoctor>;
export type VisitReason = AnswerOf<typeof listReasons>["items"][number];

/** Public facts, the same for everybody: kept for the life of the page, whoever is signed in. */
const doctors = new Map<string, Promise<CallResult<DoctorItem>>>();
const reasons = new Map<string, Promise<CallResult<VisitReason[]>>>();

function remembered<T>(known: Map<string, Promise<CallResult<T>>>, id: string, ask: () => Promise<CallResult<T>>): Promise<CallResult<T>> {
  const found = known.get(id);
  if (found) return found;
  const asked = ask().then((result) => {
    if (!result.ok) known.delete(id);
    return result;
  });
  known.set(id, asked);
  return asked;
}

/** A doctor's public profile, asked once. */
export function doctorOf(id: DoctorItem["id"]): Promise<CallResult<DoctorItem>> {
  return remembered(doctors, id, () => call(getDoctor, { params: { id } }));
}

/** Visit reasons of a doctor, asked once. */
export function reasonsOf(id: DoctorItem["id"]): Promise<CallResult<VisitReason[]>> {
  return remembered(reasons, id, async () => {
    const result = await call(listReasons, { params: { id } });
    return result.ok ? { ok: true, value: result.value.items } : result;
  });
}

/** `Dr Claire Morel`. */
export function doctorName(doctor: Pick<DoctorItem, "givenName" | "familyName">): string {
  return t("doctor.name", { name: `${doctor.givenName} ${doctor.familyName}` });
}

/** `CM`. */
export function initials(doctor: Pick<DoctorItem, "givenName" | "familyName">): string {
  return `${doctor.givenName.charAt(0)}${doctor.familyName.charAt(0)}`.toLocaleUpperCase();
}

/** One of the four identity colours, stable for a doctor. Always shown with the initials. */
export function hueOf(id: string): "1" | "2" | "3" | "4" {
  let sum = 0;
  for (const character of id.slice(-8)) sum = (sum * 31 + character.charCodeAt(0)) % 997;
  return (["1", "2", "3", "4"] as const)[sum % 4] ?? "1";
}

/** Name of a reason in the language on screen. */
export function reasonName(reason: Pick<VisitReason, "name"> | undefined): string {
  return reason ? reason.name[locale()] : t("visit.defaultReason");
}

/** A number people can press: digits and a leading plus. */
export function telLink(phone: string): string {
  return `tel:${phone.replace(/[^+\d]/g, "")}`;
}

/** A phone number that never breaks over two lines. */
export function phoneText(phone: string): string {
  return phone.replaceAll(" ", "\u00a0");
}

/** Street and town; some addresses already name the town. */
export function addressOf(doctor: Pick<DoctorItem, "address" | "city">): string {
  return doctor.address.includes(doctor.city) ? doctor.address : [doctor.address, doctor.city].filter(Boolean).join(" ");
}
