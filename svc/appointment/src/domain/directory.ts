import type { TransferFaultCode } from "@episante/contracts/transfer";

/** A reason as a table may name it: by id, or in one of the languages. */
export interface ListedReason {
  readonly reasonId: string;
  readonly names: readonly string[];
  readonly minutes: number;
  readonly bufferBeforeMinutes: number;
  readonly bufferAfterMinutes: number;
  readonly cancelHours: number;
  readonly resourceTypes: readonly string[];
  readonly isRetired: boolean;
}
/** A doctor of the clinic; names are missing where the directory shows none. */
export interface ListedDoctor {
  readonly doctorId: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly isActive: boolean;
  readonly reasons: readonly ListedReason[];
}
/** Whom and what a clinic's tables can name. */
export interface ClinicDirectory {
  readonly zone: string;
  readonly doctors: readonly ListedDoctor[];
}

/** A doctor's name as a table shows it; empty where the directory shows none. */
export function nameOf(doctor: Pick<ListedDoctor, "givenName" | "familyName"> | undefined): string {
  return `${doctor?.givenName ?? ""} ${doctor?.familyName ?? ""}`.trim();
}

/** The doctor a cell names, by id or by a name that only one has (`Camille Durand`, `Durand Camille`, `Dr Durand`), or why there is none. */
export function findDoctorIn({ doctors }: ClinicDirectory, cell: string): ListedDoctor | TransferFaultCode {
  const byId = doctors.find(({ doctorId }) => doctorId === cell);
  if (byId) return byId;
  const wanted = plain(cell).replace(/^(dr|docteur|doctor|pr|prof) /, "");
  const named = doctors.filter(
    ({ givenName, familyName }) =>
      wanted !== "" && [`${givenName} ${familyName}`, `${familyName} ${givenName}`, familyName].some((name) => plain(name) === wanted),
  );
  return onlyOf(named, "unknown-doctor", "several-doctors");
}

/** The doctor's reason a cell names, by id or by a name that only one has; open ones before retired ones. */
export function findReasonIn({ reasons }: ListedDoctor, cell: string): ListedReason | TransferFaultCode {
  const byId = reasons.find(({ reasonId }) => reasonId === cell);
  if (byId) return byId;
  const named = reasons.filter(({ names }) => plain(cell) !== "" && names.some((name) => plain(name) === plain(cell)));
  const open = named.filter(({ isRetired }) => !isRetired);
  return onlyOf(open.length > 0 ? open : named, "unknown-reason", "several-reasons");
}

function onlyOf<T>(found: readonly T[], none: TransferFaultCode, several: TransferFaultCode): T | TransferFaultCode {
  const [only] = found;
  if (only === undefined) return none;
  return found.length > 1 ? several : only;
}

/** A name as it is compared: lower case, without accents and signs. */
export function plain(name: string): string {
  return name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** What the first cell that is filled finds, else the next: ids of another installation say nothing here, names may. */
export function firstFound<T extends object>(
  cells: readonly string[],
  find: (cell: string) => T | TransferFaultCode,
): T | TransferFaultCode {
  const filled = cells.filter((cell) => cell !== "");
  const found = filled.map(find);
  return found.find((one) => typeof one !== "string") ?? found.at(-1) ?? "required";
}
