import { type Doctor, getDoctor } from "@episante/contracts/doctor";
import { call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";

/** The own public profile; `profile` is absent while it is not published, and patients cannot find the doctor. */
export function createPublished(doctorId: () => string | undefined) {
  return createLoad(doctorId, async (id, signal) => {
    const result = await call(getDoctor, { params: { id: id as Doctor["id"] }, signal });
    if (result.ok) return { ok: true as const, value: { profile: result.value as Doctor | undefined } };
    return result.problem.code === "not-found" ? { ok: true as const, value: { profile: undefined } } : result;
  });
}
