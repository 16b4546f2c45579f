import { z } from "zod";

/** Query part shared by lists: an opaque cursor and a page size. */
export const pageQuery = { cursor: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(200).optional() };

/** A list answer: `{items, next?}`. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().optional() });
}
