import { getDoctor, listReasons } from "@episante/contracts/doctor";
import type { ClinicId, DoctorId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import type { ClinicDirectory, ListedDoctor } from "../domain/directory.ts";
import { findClinic, listDoctorsWithReasons } from "../storage/doctors.ts";
import { accessClinic } from "./clinic-access.ts";

const accessTransfer = accessClinic("staff", "admin");

/** What this service knows itself; no patient data, so no record. */
const readFacts = defineAction<Deps, { readonly clinicId: ClinicId }, ClinicDirectory>({
  name: "appointment.read-directory",
  access: async (asking) => {
    const granted = await accessTransfer(asking);
    return isRefusal(granted) ? granted : grant.public();
  },
  run: async ({ input, tx }) => {
    const [clinic, doctors] = [await findClinic(tx, input.clinicId), await listDoctorsWithReasons(tx, input.clinicId)];
    if (!clinic) return refuse("not-found");
    return {
      zone: clinic.zone,
      doctors: doctors.map(({ reasons, ...doctor }) => ({
        ...doctor,
        givenName: "",
        familyName: "",
        reasons: reasons.map((reason) => ({ ...reason, names: [] })),
      })),
    };
  },
});

/**
 * Whom and what the tables of a clinic can name, for its staff and administrators. Names are asked of the directory, where everybody can read them;
 * doctors that it does not show are named by id only. Runs outside of any transaction.
 */
export async function readDirectory(
  deps: Deps,
  actor: Actor,
  input: { readonly clinicId: ClinicId },
  meta: ActionMeta,
): Promise<ClinicDirectory | Refusal> {
  const facts = await readFacts(deps, actor, input, meta);
  if (isRefusal(facts)) return facts;
  const { callInternal: call } = deps;
  if (!call) return refuse("upstream-unreachable");
  const named = await Promise.all(
    facts.doctors.map(async (doctor): Promise<ListedDoctor | Refusal> => {
      const params = { id: doctor.doctorId as DoctorId };
      const [profile, reasons] = await Promise.all([call(getDoctor, { params }), call(listReasons, { params })]);
      for (const answer of [profile, reasons]) if (isRefusal(answer) && answer.refused !== "not-found") return answer;
      const names = new Map(isRefusal(reasons) ? [] : reasons.items.map(({ id, name }) => [String(id), [name.fr, name.en]]));
      return {
        ...doctor,
        ...(isRefusal(profile) ? {} : { givenName: profile.givenName, familyName: profile.familyName }),
        reasons: doctor.reasons.map((reason) => ({ ...reason, names: names.get(reason.reasonId) ?? [] })),
      };
    }),
  );
  const failed = named.find((doctor) => isRefusal(doctor));
  return failed ?? { zone: facts.zone, doctors: named.flatMap((doctor) => (isRefusal(doctor) ? [] : doctor)) };
}
