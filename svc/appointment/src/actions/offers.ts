import type { Deps } from "../deps.ts";
import { findOffer } from "../storage/doctors.ts";

/** A doctor's hours with one of the doctor's reasons (null: not this doctor's), and the version of these facts. */
export type Offer = NonNullable<Awaited<ReturnType<typeof findOffer>>>;

export interface Offers {
  /** The offer, or null for an unknown doctor. From memory unless `isFresh`: what is written on it names its version. */
  find(doctorId: string, reasonId: string, options: { isFresh: boolean }): Promise<Offer | null>;
}

const mostOffers = 20_000;

const madeFor = new WeakMap<object, Offers>();

/** Offers of one process, kept in memory for all its verbs: whoever books was mostly shown the doctor's times before. */
export function offersOf(deps: Pick<Deps, "db">): Offers {
  const made = madeFor.get(deps) ?? makeOffers(deps);
  madeFor.set(deps, made);
  return made;
}

/** What was read of an old version is found out where it is used: `book_visits` refuses it, a list of times reads it anew. */
function makeOffers(deps: Pick<Deps, "db">): Offers {
  const known = new Map<string, Promise<Offer | null>>();
  return {
    find(doctorId, reasonId, { isFresh }) {
      const key = `${doctorId} ${reasonId}`;
      const found = isFresh ? undefined : known.get(key);
      if (found) return found;
      if (known.size >= mostOffers) known.clear();
      const loading = findOffer(deps.db.drizzle, doctorId, reasonId);
      known.set(key, loading);
      const forget = () => void (known.get(key) === loading && known.delete(key));
      // What does not exist is not remembered: anybody can name it.
      loading.then((offer) => void (offer?.reason || forget()), forget);
      return loading;
    },
  };
}
