import { login } from "@episante/contracts/auth";
import type { Role } from "@episante/contracts/session";
import { type Caller, type Heard, makeCaller } from "./calls.ts";
import type { Demo, Place } from "./instance.ts";

export type Account = Demo["accounts"][number];

/** The nth account of a role in the demo clinic; doctors in the order of `demo.doctors`. */
export function accountOf({ demo }: Place, role: Role, nth = 0): Account {
  const found = demo.accounts.filter((account) => account.role === role)[nth];
  if (!found) throw new Error(`the demo clinic has no ${role} number ${nth}`);
  return found;
}

/** Patient id of the nth patient of the demo clinic. */
export function patientIdOf(instance: Place, nth = 0): `pat_${string}` {
  const { patientId } = accountOf(instance, "patient", nth);
  if (!patientId) throw new Error("a patient without a patient id");
  return patientId as `pat_${string}`;
}

/** The nth doctor and the reasons they offer. */
export function doctorOf({ demo }: Place, nth = 0) {
  const doctor = demo.doctors[nth];
  const [reason] = doctor?.reasons ?? [];
  if (!doctor || !reason) throw new Error(`the demo clinic has no doctor number ${nth}`);
  return { doctorId: doctor.id as `doc_${string}`, reasonId: reason.id as `rea_${string}`, minutes: reason.minutes };
}

/** The nth device; the first two are replay devices of the first two patients. */
export function deviceOf({ demo }: Place, nth = 0): Demo["devices"][number] {
  const device = demo.devices[nth];
  if (!device) throw new Error(`the demo clinic has no device number ${nth}`);
  return device;
}

/** A session of its own for an account. */
export async function signIn({ url, ca }: Place, { email, password }: Account, heard?: Heard[]): Promise<Caller> {
  const caller = makeCaller(url, heard, ca);
  await caller.call(login, { body: { email, password } });
  return caller;
}
