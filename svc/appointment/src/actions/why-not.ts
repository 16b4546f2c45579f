import type { Blocker, whyNot as endpoint } from "@episante/contracts/appointment";
import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import { isRefusal, refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { minutesOf, startOfDay } from "../domain/calendar.ts";
import { judgeOf, type Question, whyNotAt } from "../domain/rules.ts";
import { findDoctor, findOffer } from "../storage/doctors.ts";
import { listResourceTimes } from "../storage/resources.ts";
import { listCappedStarts, listTaken } from "../storage/taken.ts";
import { bookableOf, needsOf } from "./bookable.ts";
import { accountOf, worksAt } from "./viewpoint.ts";

/** Buffers and a day either side of the time asked about. */
const reachMs = 2 * 86_400_000;

/** Which rules forbid a visit at a time, for members of the doctor's clinic. They see the clinic's visits, so a taken time names its visit. */
export const whyNot = defineAction<Deps, QueryOf<typeof endpoint>, ResponseOf<typeof endpoint>>({
  name: "appointment.why",
  access: async ({ actor, input, tx }) => {
    const doctor = await findDoctor(tx, input.doctorId);
    return doctor && worksAt(actor, doctor.clinicId) ? grant.clinics([doctor.clinicId]) : refuse("not-found");
  },
  run: async ({ actor, input: { doctorId, reasonId, at }, tx, now }) => {
    const offer = bookableOf(await findOffer(tx, doctorId, reasonId));
    if (isRefusal(offer)) return offer;
    const { schedule } = offer;
    const wall = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})$/.exec(at);
    const nearMs = wall ? startOfDay(schedule.zone, wall[1] ?? "") : Date.parse(at);
    const near = { startMs: nearMs - reachMs, endMs: nearMs + reachMs };
    const [taken, sameReasonStarts, resources] = await Promise.all([
      listTaken(tx, { doctorId, nowMs: now, ...near }),
      listCappedStarts(tx, { doctorId, reasonId, own: { accountId: accountOf(actor), nowMs: now }, ...near }),
      listResourceTimes(tx, needsOf(offer), { nowMs: now, ...near }),
    ]);
    const question: Question = { ...offer, nowMs: now, taken, sameReasonStarts, resources };
    const why = (byMember: boolean): Blocker[] => {
      const asked = { ...question, byMember };
      return wall ? whyNotAt(asked, wall[1] ?? "", minutesOf(wall[2] ?? "")) : judgeOf(asked).all(Date.parse(at));
    };
    const [patients, members] = [why(false), why(true)];
    // A rule may bind both but tell them other facts (the horizon): what patients are told comes first.
    const blockers = [...patients, ...members.filter(({ code }) => !patients.some((one) => one.code === code))];
    const binds = ({ code }: Blocker) => (members.some((one) => one.code === code) ? ("everybody" as const) : ("patients" as const));
    return {
      online: patients.length === 0,
      staff: members.length === 0,
      zone: schedule.zone,
      blockers: blockers.map((blocker) => ({ ...blocker, binds: binds(blocker) })),
    };
  },
});
