import { getDoctor, listReasons } from "@episante/contracts/doctor";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { CallInternal } from "@episante/service/call";
import type { CalendarEntry } from "./appointment-ics.ts";
import type { FeedContent } from "./calendar-feeds.ts";

const plain = { fr: "Rendez-vous", en: "Visit" } as const;

interface Names {
  readonly doctor: string;
  readonly reasons: ReadonlyMap<string, Readonly<Record<"fr" | "en", string>>>;
}

/**
 * Titles of a private calendar. Without details every title is the same word. With them names are asked of the directory, where everybody can
 * read them; when it does not answer the calendar is refused for now, since a program would take plain titles for a change.
 */
export async function titleVisits({ feed, visits }: FeedContent, call: CallInternal | undefined): Promise<CalendarEntry[] | Refusal> {
  const names = new Map<string, Names>();
  if (feed.details) {
    if (!call) return refuse("upstream-unreachable");
    for (const doctorId of new Set(visits.map(({ visit }) => visit.doctorId))) {
      const [doctor, reasons] = await Promise.all([
        call(getDoctor, { params: { id: doctorId } }),
        call(listReasons, { params: { id: doctorId } }),
      ]);
      for (const answer of [doctor, reasons]) if (isRefusal(answer) && answer.refused !== "not-found") return answer;
      names.set(doctorId, {
        doctor: isRefusal(doctor) ? "" : `Dr ${doctor.givenName} ${doctor.familyName}`,
        reasons: new Map(isRefusal(reasons) ? [] : reasons.items.map(({ id, name }) => [id, name])),
      });
    }
  }
  return visits.map((entry) => {
    const known = names.get(entry.visit.doctorId);
    const reason = known?.reasons.get(entry.visit.reasonId)?.[feed.locale];
    const told = feed.kind === "patient" ? [known?.doctor, reason] : [reason];
    return { ...entry, title: told.filter(Boolean).join(" · ") || plain[feed.locale] };
  });
}
