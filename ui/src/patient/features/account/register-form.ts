export interface BirthParts {
  birthDay: string;
  birthMonth: string;
  birthYear: string;
}
export interface RegisterValues extends BirthParts {
  givenName: string;
  familyName: string;
  email: string;
  password: string;
}

export type RegisterErrorKey =
  | "error.givenName"
  | "error.familyName"
  | "error.birthDay"
  | "error.birthMonth"
  | "error.birthYear"
  | "error.birthWrong"
  | "error.birthFuture"
  | "error.email"
  | "error.password"
  | "error.passwordShort";
export interface FieldFault {
  field: keyof RegisterValues;
  key: RegisterErrorKey;
}
type BirthErrorKey = Extract<RegisterErrorKey, `error.birth${string}`>;

/** Shape only: whether mail arrives there is for the mail to show. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text.trim());
}

/** Faults in the order of the fields. `today` is `YYYY-MM-DD`. The same rules are checked again by the server. */
export function registerFaults(values: RegisterValues, today: string): FieldFault[] {
  const faults: FieldFault[] = [];
  if (values.givenName.trim() === "") faults.push({ field: "givenName", key: "error.givenName" });
  if (values.familyName.trim() === "") faults.push({ field: "familyName", key: "error.familyName" });
  faults.push(...birthFaults(values, today));
  if (!isEmail(values.email)) faults.push({ field: "email", key: "error.email" });
  if (values.password === "") faults.push({ field: "password", key: "error.password" });
  else if ([...values.password].length < 15) faults.push({ field: "password", key: "error.passwordShort" });
  return faults;
}

/** Faults of a birth date in three parts, by the part they belong to. */
export function birthFaults(values: BirthParts, today: string): { field: keyof BirthParts; key: BirthErrorKey }[] {
  const missing: ReturnType<typeof birthFaults> = [];
  if (!/^\d{1,2}$/.test(values.birthDay.trim())) missing.push({ field: "birthDay", key: "error.birthDay" });
  if (!/^\d{1,2}$/.test(values.birthMonth.trim())) missing.push({ field: "birthMonth", key: "error.birthMonth" });
  if (!/^\d{4}$/.test(values.birthYear.trim())) missing.push({ field: "birthYear", key: "error.birthYear" });
  if (missing.length > 0) return missing;
  const date = birthDateOf(values);
  if (date === undefined || date < "1900-01-01") return [{ field: "birthDay", key: "error.birthWrong" }];
  return date > today ? [{ field: "birthYear", key: "error.birthFuture" }] : [];
}

/** `YYYY-MM-DD`, or undefined for a day that does not exist. */
export function birthDateOf(values: BirthParts): string | undefined {
  const pad = (text: string) => text.trim().padStart(2, "0");
  const date = `${values.birthYear.trim()}-${pad(values.birthMonth)}-${pad(values.birthDay)}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== date ? undefined : date;
}
