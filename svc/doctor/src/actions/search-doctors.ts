import type { searchDoctors as endpoint, listReasons as reasonsEndpoint } from "@episante/contracts/doctor";
import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { decodeCursor, encodeCursor, parsePlace, searchWords } from "../domain/search.ts";
import { type DoctorItem, listDoctors } from "../storage/directory.ts";
import { findDoctor, listReasons } from "../storage/profiles.ts";

const wrong = (path: string, message: string) => refuse("invalid-input", { errors: [{ path, message }] });

/** Published doctors that match every condition. The directory is public: no grant, no audit record. */
export async function searchDoctors(deps: Deps, query: QueryOf<typeof endpoint>): Promise<ResponseOf<typeof endpoint> | Refusal> {
  const near = query.near === undefined ? undefined : parsePlace(query.near);
  if (near === null) return wrong("near", "latitude -90 to 90, longitude -180 to 180");
  if (!near && query.radiusKm !== undefined) return wrong("radiusKm", "needs `near`");
  if (!near && query.sort === "distance") return wrong("sort", "`distance` needs `near`");
  const sort = query.sort ?? "earliest";
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, sort);
  if (after === null) return wrong("cursor", "is not a cursor of this list");
  const limit = query.limit ?? 20;
  const { specialty, language, radiusKm } = query;
  const words = searchWords(query.q ?? "");
  const found = await deps.db.transaction(grant.public(), (tx) =>
    listDoctors(tx, { nowMs: deps.clock.now(), words, specialty, language, near, radiusKm, sort, after, limit: limit + 1 }),
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = found.length > limit && last ? { next: encodeCursor(sort, last.sortKey, last.item.id) } : {};
  return { items: page.map((listed) => listed.item), ...more };
}

/** One published doctor. */
export async function showDoctor(deps: Deps, doctorId: string): Promise<DoctorItem | Refusal> {
  const [found] = await deps.db.transaction(grant.public(), (tx) => listDoctors(tx, { nowMs: deps.clock.now(), doctorId, limit: 1 }));
  return found?.item ?? refuse("not-found");
}

/** Open reasons of a published doctor. */
export async function showReasons(deps: Deps, doctorId: string): Promise<ResponseOf<typeof reasonsEndpoint> | Refusal> {
  return deps.db.transaction(grant.public(), async (tx) => {
    const doctor = await findDoctor(tx, doctorId);
    return doctor?.isPublished ? { items: await listReasons(tx, doctorId) } : refuse("not-found");
  });
}
