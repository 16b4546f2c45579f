import type { OnCall } from "@episante/contracts/on-call";
import type { OnCallDraft } from "./on-call-form.ts";

/** True for a member to whom a page opens nothing: no doctor of the clinic. */
export function opensNothing(people: OnCall["people"], accountId: string): boolean {
  return people.some((person) => person.accountId === accountId && !person.canOpenAlerts);
}

/**
 * True when a critical alert would call only people who cannot open alerts, whatever the hour: every step names such a person, or whoever is on
 * call where only such people take turns. A step that is nobody leaves the alert to the next, the last one to doctors.
 */
export function reachesNoDoctor({ chains, weekly, exceptions }: OnCallDraft, people: OnCall["people"]): boolean {
  const turns = [...weekly, ...exceptions].map(({ accountId }) => accountId);
  const steps = chains.critical.length > 0 ? chains.critical.map(({ to }) => to) : ["on-call"];
  return steps.every((to) => {
    const who = to === "on-call" ? turns : [to];
    return who.length > 0 && who.every((accountId) => opensNothing(people, accountId));
  });
}
