import type {
  searchDoctors as endpoint,
  listReasons as reasonsEndpoint,
  suggestDoctors as suggestEndpoint,
} from "@episante/contracts/doctor";
import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { decodeCursor, encodeCursor, namesOnly, parsePlace, searchWords, suggestSpecialties } from "../domain/search.ts";
import { type DirectoryQuery, type DoctorItem, findListed, listDoctors, listReasonNames } from "../storage/directory.ts";
import { findDoctor, listReasons } from "../storage/profiles.ts";

const wrong = (path: string, message: string) => refuse("invalid-input", { errors: [{ path, message }] });

const pageSize = 20;

/** What a query asks of the directory, with one doctor more than the page holds, or why it asks nothing that can be answered. */
export function planSearch(query: QueryOf<typeof endpoint>, nowMs: number): DirectoryQuery | Refusal {
  const near = query.near === undefined ? undefined : parsePlace(query.near);
  if (near === null) return wrong("near", "latitude -90 to 90, longitude -180 to 180");
  if (!near && query.radiusKm !== undefined) return wrong("radiusKm", "needs `near`");
  if (!near && query.sort === "distance") return wrong("sort", "`distance` needs `near`");
  const sort = query.sort ?? "earliest";
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, sort);
  if (after === null) return wrong("cursor", "is not a cursor of this list");
  const { specialty, language, sector, radiusKm, before } = query;
  return {
    nowMs,
    words: searchWords(query.q ?? ""),
    specialty,
    language,
    sector,
    acceptsNew: query.acceptsNew === "true",
    wheelchair: query.wheelchair === "true",
    video: query.video === "true",
    reasonWords: searchWords(query.reason ?? ""),
    near,
    radiusKm,
    before,
    sort,
    after,
    limit: (query.limit ?? pageSize) + 1,
  };
}

/** Published doctors that match every condition. The directory is public: no grant, no audit record. */
export async function searchDoctors(
  deps: Pick<Deps, "db" | "clock">,
  query: QueryOf<typeof endpoint>,
): Promise<ResponseOf<typeof endpoint> | Refusal> {
  const plan = planSearch(query, deps.clock.now());
  if (isRefusal(plan)) return plan;
  const found = await listDoctors(deps.db.drizzle, plan);
  const page = found.slice(0, plan.limit - 1);
  const last = page.at(-1);
  const more = found.length === plan.limit && last ? { next: encodeCursor(plan.sort, last.position) } : {};
  return { items: page.map((listed) => listed.item), ...more };
}

const suggestedSpecialties = 2;
const suggestedDoctors = 5;
const suggestedReasons = 3;

/** What somebody who types this may mean: specialities from our own words, then reasons and doctors of the directory. */
export async function suggestDoctors(
  deps: Pick<Deps, "db" | "clock">,
  { q }: QueryOf<typeof suggestEndpoint>,
): Promise<ResponseOf<typeof suggestEndpoint>> {
  const words = searchWords(q);
  if (words.length === 0) return { items: [] };
  const db = deps.db.drizzle;
  const specialties = suggestSpecialties(q).slice(0, suggestedSpecialties);
  const [doctors, reasons] = await Promise.all([
    listDoctors(db, { nowMs: deps.clock.now(), words: namesOnly(words), sort: "name", limit: suggestedDoctors }),
    listReasonNames(db, words, suggestedReasons),
  ]);
  return {
    items: [
      ...specialties.map((specialty) => ({ kind: "specialty" as const, specialty })),
      ...reasons.map((name) => ({ kind: "reason" as const, name })),
      ...doctors.map(({ item: { id, givenName, familyName, specialty } }) => ({
        kind: "doctor" as const,
        id,
        givenName,
        familyName,
        specialty,
      })),
    ],
  };
}

/** One published doctor. */
export async function showDoctor(deps: Deps, doctorId: string): Promise<DoctorItem | Refusal> {
  return (await findListed(deps.db.drizzle, doctorId, deps.clock.now())) ?? refuse("not-found");
}

/** Open reasons of a published doctor. */
export async function showReasons(deps: Deps, doctorId: string): Promise<ResponseOf<typeof reasonsEndpoint> | Refusal> {
  return deps.db.transaction(grant.public(), async (tx) => {
    const doctor = await findDoctor(tx, doctorId);
    return doctor?.isPublished ? { items: await listReasons(tx, doctorId) } : refuse("not-found");
  });
}
