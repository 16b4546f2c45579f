import type { Alert } from "@episante/contracts/alert";
import type { AccountId, DoctorId } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import type { AlertDeps } from "../deps.ts";
import { assign } from "../domain/lifecycle.ts";
import { findAlertSubject } from "../storage/alerts.ts";
import { assigneesOf } from "../storage/doctors.ts";
import { grantAlert } from "./get-alert.ts";
import { eventOf } from "./record-transitions.ts";
import { takeStep } from "./take-step.ts";

/** Gives an alert to a doctor of its clinic who treats the patient now; whoever else is named is refused like somebody unknown. */
export const assignAlert = defineAction<AlertDeps, { id: string; to: DoctorId }, Alert>({
  name: "alert.assign",
  access: grantAlert,
  run: (context) =>
    takeStep(
      context,
      async (alert) => {
        const to = (await assigneesOf(context.tx, alert, context.now)).find(({ doctorId }) => doctorId === context.input.to);
        if (!to) return refuse("invalid-input", { errors: [{ path: "to", message: "not a doctor to whom this alert may be given" }] });
        return assign(alert, to.accountId);
      },
      (after) => context.emit("alert.assigned", eventOf(after)),
    ),
});

interface Assignees {
  items: { doctorId: DoctorId; accountId: AccountId; name: string }[];
}

/** Doctors an alert may be given to. */
export const listAssignees = defineAction<AlertDeps, { id: string }, Assignees>({
  name: "alert.list-assignees",
  access: grantAlert,
  run: async ({ input, tx, now, audit }) => {
    audit({ entity: { type: "alert", id: input.id } });
    const subject = await findAlertSubject(tx, input.id);
    if (!subject) return refuse("not-found");
    const doctors = await assigneesOf(tx, subject, now);
    return { items: doctors.map(({ doctorId, accountId, name }) => ({ doctorId, accountId, name: name ?? "" })) };
  },
});
