import { type Appointment, type Closure, getClosures, getSchedule, type Schedule } from "@episante/contracts/appointment";
import { listMembers } from "@episante/contracts/auth";
import { listReasons, type Reason } from "@episante/contracts/doctor";
import { listResources, type Resource } from "@episante/contracts/resource";
import { type Accessor, createEffect, createMemo } from "solid-js";
import { createStore } from "solid-js/store";
import { type CallResult, call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { type Minutes, openingsOf } from "./openings.ts";

export type DoctorId = `doc_${string}`;
/** A doctor as the agenda names them. `tone` (1 to 4) is the colour, never without the initials. */
export interface AgendaDoctor {
  readonly id: DoctorId;
  readonly clinicId: `cli_${string}`;
  readonly name: string;
  readonly surname: string;
  readonly initials: string;
  readonly tone: 1 | 2 | 3 | 4;
}
/** Most doctors side by side: as many as there are colours. */
export const mostDoctors = 4;

/** Initials and surname of a display name with or without its title. */
export function shortNames(name: string): { initials: string; surname: string } {
  const words = name.split(/\s+/).filter((word) => word && !/^(dr|pr|prof)\.?$/i.test(word));
  const initials = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => word?.charAt(0) ?? "").join("");
  return { initials: initials.toLocaleUpperCase("fr"), surname: words.length > 1 ? words.slice(1).join(" ") : name };
}

/** Answers by id, each asked for once. */
function createEach<Id extends string, T>(ids: Accessor<readonly Id[]>, ask: (id: Id) => Promise<CallResult<T>>) {
  const [known, setKnown] = createStore<Record<string, { readonly value: T | undefined }>>({});
  const asked = new Set<string>();
  createEffect(() => {
    for (const id of ids()) {
      if (asked.has(id)) continue;
      asked.add(id);
      void ask(id).then((result) => {
        setKnown(id, { value: result.ok ? result.value : undefined });
        // Asked again the next time somebody wants it.
        if (!result.ok) asked.delete(id);
      });
    }
  });
  return {
    get: (id: string): T | undefined => known[id]?.value,
    /** Answered or refused. */
    isKnown: (id: string): boolean => known[id] !== undefined,
  };
}

/** The clinic's doctors, and of those wanted on screen their hours and reasons. */
export function createAgendaDoctors(wanted: (all: readonly AgendaDoctor[]) => readonly string[]) {
  const members = createLoad(
    () => true,
    (_, signal) => call(listMembers, { signal }),
  );
  const all = createMemo((): AgendaDoctor[] =>
    (members.value()?.items ?? [])
      .filter((member) => member.doctorId && member.status === "active")
      .map((member, index) => ({
        id: member.doctorId as DoctorId,
        clinicId: member.clinicId,
        name: member.displayName,
        ...shortNames(member.displayName),
        tone: ((index % mostDoctors) + 1) as AgendaDoctor["tone"],
      })),
  );
  const chosen = createMemo(() => {
    const named = wanted(all()).flatMap((id) => all().find((doctor) => doctor.id === id) ?? []);
    return named.slice(0, mostDoctors);
  });
  const ids = createMemo(() => chosen().map((doctor) => doctor.id));
  const schedules = createEach<DoctorId, Schedule>(ids, (id) => call(getSchedule, { params: { doctorId: id } }));
  const reasons = createEach<DoctorId, { items: Reason[] }>(ids, (id) => call(listReasons, { params: { id } }));
  const closures = createEach<`cli_${string}`, { items: Closure[] }>(
    () => [...new Set(chosen().map((doctor) => doctor.clinicId))],
    (clinicId) => call(getClosures, { query: { clinicId } }),
  );
  const rooms = createEach<`cli_${string}`, { items: Resource[] }>(
    () => [...new Set(chosen().map((doctor) => doctor.clinicId))],
    (clinicId) => call(listResources, { query: { clinicId } }),
  );
  const reasonsOf = (doctorId: string): readonly Reason[] => reasons.get(doctorId)?.items ?? [];
  const closureOf = (doctor: AgendaDoctor, day: string) => closures.get(doctor.clinicId)?.items.find((closure) => closure.day === day);
  return {
    all,
    chosen,
    problem: members.problem,
    isLoaded: () => members.value() !== undefined,
    isReady: () => members.value() !== undefined && chosen().every((doctor) => schedules.isKnown(doctor.id)),
    reload: members.reload,
    reasonsOf,
    reasonOf: (doctorId: string, reasonId: string) => reasonsOf(doctorId).find((reason) => reason.id === reasonId),
    /** Length of a free time: the doctor's shortest reason. */
    stepOf: (doctorId: string) => Math.min(...reasonsOf(doctorId).map((reason) => reason.minutes), 60),
    closureOf,
    /** Rooms and devices booked with a visit, by name; empty when there are none. */
    roomNames: ({ doctorId, resourceIds }: Pick<Appointment, "doctorId" | "resourceIds">): string => {
      const clinicId = all().find((doctor) => doctor.id === doctorId)?.clinicId;
      const known = (clinicId && rooms.get(clinicId)?.items) || [];
      return known
        .filter(({ id }) => resourceIds?.includes(id))
        .map(({ name }) => name)
        .join(", ");
    },
    /** Undefined while the hours are not known, or when none were ever set: then nothing is hatched. */
    openingsOf(doctor: AgendaDoctor, day: string): Minutes[] | undefined {
      const schedule = schedules.get(doctor.id);
      if (!schedule || (schedule.windows.length === 0 && !schedule.overrides?.length)) return undefined;
      return openingsOf(schedule, day, closureOf(doctor, day) !== undefined);
    },
  };
}
export type AgendaDoctors = ReturnType<typeof createAgendaDoctors>;
