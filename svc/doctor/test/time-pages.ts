import { searchDoctors as endpoint } from "@episante/contracts/doctor";
import { isRefusal } from "@episante/contracts/problem";
import { systemClock } from "@episante/service/clock";
import { openDatabase } from "@episante/service/db";
import { bind } from "@episante/service/endpoint";
import { keptConnection } from "@episante/testkit/kept-connection";
import { harness } from "@episante/testkit/service";
import { z } from "zod";
import { searchDoctors } from "../src/actions/search-doctors.ts";

/**
 * `bun time-pages.ts DATABASE-URL`: each line on stdin is a JSON list of searches (the query of `GET /api/doctors`), each line on
 * stdout what they took, milliseconds: `bare` one index range scan of the stored next openings of the doctors found, on a prepared
 * connection, `action` the search in this process, `http` the route over loopback HTTP until the last byte is here.
 */
const [url = ""] = process.argv.slice(2);
const searchesSchema = z.array(z.record(z.string(), z.string()));
const pageSchema = z.object({
  items: z.array(z.object({ id: z.string(), nextSlotAt: z.string().optional() })),
  next: z.string().optional(),
});
const database = openDatabase(url, { name: "time-pages" });
const deps = { db: database, clock: systemClock };
const app = await harness({ service: "doctor", routes: [bind(endpoint, ({ query }) => searchDoctors(deps, query))] });
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
const connection = await keptConnection({ hostname: "127.0.0.1", port: Number(server.port) });
const scan = "select id, next_at from reasons where doctor_id = any (string_to_array($1, ','))";

for await (const line of console) {
  // The end of the input is an empty line, too.
  if (line === "") continue;
  const times: Record<"bare" | "action" | "http", number[]> = { bare: [], action: [], http: [] };
  let doctors = 0;
  for (const search of searchesSchema.parse(JSON.parse(line))) {
    const query = endpoint.query?.parse(search) ?? {};
    const ask = async () => {
      const answer = await searchDoctors(deps, query);
      if (isRefusal(answer)) throw new Error(`${JSON.stringify(search)} is refused: ${answer.refused}`);
      return answer;
    };
    const through = () => connection.get(`/api/doctors?${new URLSearchParams(search)}`);
    const timed = async <T>(into: number[], run: () => Promise<T>) => {
      const startedAt = performance.now();
      const value = await run();
      into.push(performance.now() - startedAt);
      return value;
    };
    // Once unmeasured: nobody pays for pages that are not in memory yet.
    const found = await ask();
    const ids = found.items.map(({ id }) => id).join(",");
    const raw = () => database.bulk.unsafe(scan, [ids], { prepare: true });
    await raw();
    await timed(times.bare, raw);
    await timed(times.action, ask);
    const served = pageSchema.parse(JSON.parse(new TextDecoder().decode(await timed(times.http, through))));
    if (served.items.map(({ id }) => id).join(",") !== ids) throw new Error(`${line}: different doctors`);
    doctors += found.items.length;
  }
  process.stdout.write(`${JSON.stringify({ ...times, doctors })}\n`);
}
connection.close();
await server.stop(true);
await database.close();
