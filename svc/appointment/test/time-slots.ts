import { listSlots } from "@episante/contracts/appointment";
import { systemClock } from "@episante/service/clock";
import { openDatabase } from "@episante/service/db";
import { keptConnection } from "@episante/testkit/kept-connection";
import { harness, testDeps } from "@episante/testkit/service";
import { z } from "zod";
import { slotRoutes } from "../src/routes/slots.ts";

/**
 * `bun time-slots.ts DATABASE-URL`: each line on stdin is a JSON list of questions `{doctorId, reasonId, from, to}`, each line
 * on stdout what they took, milliseconds: `bare` one index range scan of the same rows of `busy` on a prepared connection, `first` the action in
 * this process when it has not read the doctor yet, `again` when it has, `http` the service's app over loopback HTTP until the last byte is here. For measuring, and for profiling the action.
 */
const [url = ""] = process.argv.slice(2);
const questionsSchema = z.array(z.object({ doctorId: z.string(), reasonId: z.string(), from: z.string(), to: z.string() }));
const answerSchema = z.object({ items: z.array(z.object({ start: z.string() })) });
const database = openDatabase(url, { name: "time-slots" });
const routes = () => slotRoutes(testDeps("appointment", database, systemClock));
const app = await harness({ service: "appointment", routes: routes() });
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
const connection = await keptConnection({ hostname: "127.0.0.1", port: Number(server.port) });
const scan = `select during from busy where doctor_id = $1 and upper(during) > $2::text::timestamptz and upper(during) < $3::text::timestamptz
  and state <> 'released' order by upper(during)`;

for await (const line of console) {
  // The end of the input is an empty line, too.
  if (line === "") continue;
  const route = routes().find(({ endpoint }) => endpoint === listSlots);
  const ask = async (query: object) => answerSchema.parse(await route?.handle({ actor: { kind: "anonymous" }, query } as never));
  const times: Record<"bare" | "first" | "again" | "http", number[]> = { bare: [], first: [], again: [], http: [] };
  let [rows, slots] = [0, 0];
  for (const question of questionsSchema.parse(JSON.parse(line))) {
    const { doctorId, from, to } = question;
    const raw = async () => (await database.bulk.unsafe(scan, [doctorId, from, `${to}T23:59:59Z`], { prepare: true })).length;
    const through = () => connection.get(`/api/appointments/slots?${new URLSearchParams(question)}`);
    const timed = async <T>(into: number[], run: () => Promise<T>) => {
      const startedAt = performance.now();
      const value = await run();
      into.push(performance.now() - startedAt);
      return value;
    };
    // Once unmeasured: nobody pays for pages that are not in memory yet, nor the service for a doctor it has not read.
    await raw();
    await through();
    rows += await timed(times.bare, raw);
    const { items } = await timed(times.first, () => ask(question));
    const again = await timed(times.again, () => ask(question));
    const served = answerSchema.parse(JSON.parse(new TextDecoder().decode(await timed(times.http, through))));
    slots += items.length;
    if (again.items.length !== items.length || served.items.length !== items.length) throw new Error(`${line}: different answers`);
  }
  process.stdout.write(`${JSON.stringify({ ...times, rows, slots })}\n`);
}
connection.close();
await server.stop(true);
await database.close();
