import type { ProxyBasis, ProxyScope } from "@episante/contracts/patient";
import { type BirthParts, birthDateOf, birthFaults, type RegisterErrorKey } from "./register-form.ts";

/** Why somebody asks to act for somebody, as the form offers it. */
export const minorBases = ["parent", "guardian"] as const satisfies readonly ProxyBasis[];
export const grownUpBases = ["spouse-consent", "carer-mandate", "guardian", "patient-consent"] as const satisfies readonly ProxyBasis[];

export interface RelativeValues extends BirthParts {
  givenName: string;
  familyName: string;
  basis: ProxyBasis | "";
  scopes: readonly ProxyScope[];
  fileNumber: string;
  /** `YYYY-MM-DD` or empty. */
  until: string;
}
type Field = keyof RelativeValues;
type Key =
  | Extract<RegisterErrorKey, `error.birth${string}`>
  | `relatives.error.${"givenName" | "familyName" | "basis" | "scopes" | "until"}`;
export interface RelativeFault {
  readonly field: Field;
  readonly key: Key;
}

/** The bases that fit the age: none before the birth date is complete. @param today `YYYY-MM-DD` */
export function basesFor(values: BirthParts, today: string): readonly ProxyBasis[] {
  const birthDate = birthFaults(values, today).length === 0 ? birthDateOf(values) : undefined;
  if (birthDate === undefined) return [];
  const majority = `${Number(birthDate.slice(0, 4)) + 18}${birthDate.slice(4)}`;
  return today < majority ? minorBases : grownUpBases;
}

/** Faults in the order of the fields; the server checks the same. @param today `YYYY-MM-DD` */
export function relativeFaults(values: RelativeValues, today: string): RelativeFault[] {
  const faults: RelativeFault[] = [];
  if (values.givenName.trim() === "") faults.push({ field: "givenName", key: "relatives.error.givenName" });
  if (values.familyName.trim() === "") faults.push({ field: "familyName", key: "relatives.error.familyName" });
  const birth = birthFaults(values, today);
  faults.push(...birth);
  const isFit = values.basis !== "" && basesFor(values, today).includes(values.basis);
  if (birth.length === 0 && !isFit) faults.push({ field: "basis", key: "relatives.error.basis" });
  if (values.scopes.length === 0) faults.push({ field: "scopes", key: "relatives.error.scopes" });
  if (values.until !== "" && values.until < today) faults.push({ field: "until", key: "relatives.error.until" });
  return faults;
}
