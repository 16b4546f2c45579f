import { listMembers } from "@episante/contracts/auth";
import { createMemo } from "solid-js";
import { call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";

/** A doctor of the clinics whose member one is. */
export interface ClinicDoctor {
  readonly id: `doc_${string}`;
  readonly name: string;
  readonly clinicId: string;
}

/** The doctors of the own clinics, while the page is open. */
export function createDoctors() {
  const members = createLoad(
    () => true,
    (_, signal) => call(listMembers, { signal }),
  );
  const doctors = createMemo<readonly ClinicDoctor[]>(() =>
    (members.value()?.items ?? []).flatMap(({ doctorId, status, displayName, clinicId }) =>
      doctorId && status === "active" ? [{ id: doctorId, name: displayName, clinicId }] : [],
    ),
  );
  return { doctors, isLoaded: () => members.value() !== undefined, problem: members.problem, reload: members.reload };
}
export type Doctors = ReturnType<typeof createDoctors>;
