import { afterAll, beforeAll, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { alertData, frame, makeWorld, noonMs, visit, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
  for (let seq = 0; seq < 40; seq++) {
    await world.publishReadings([
      frame(seq, [
        ["8867-4", 60 + seq, noonMs + seq * 1000],
        ["59408-5", 95, noonMs - 86_400_000 + seq * 1000],
      ]),
    ]);
  }
  await world.publish("alert.raised", alertData("2026-11-18T12:00:30.000Z"));
  await world.publish("appointment.booked", visit("2026-11-19T09:00:00.000Z"));
  await world.run("all");
});
afterAll(() => world.close());

/** Names and hashes of what stands in a lake; a temporary file that a kill left is not an object. */
const standing = (files: Awaited<ReturnType<World["files"]>>) =>
  Object.fromEntries(Object.entries(files).flatMap(([key, { sha256 }]) => (key.endsWith(".tmp") ? [] : [[key, sha256]])));

test("a run killed at any write of the lake leaves whole objects, and the next run ends in the same lake and the same gold", async () => {
  const undisturbed = standing(await world.files());
  const gold = (owner: World["database"]["owner"]) =>
    owner`select day::text as day, patient_id, signal, n::int as n, mean from mart.vitals_daily order by 1, 2, 3`;
  const expected = [...(await gold(world.database.owner))];
  const moments = ["before", "during", "after"] as const;
  let killed = 0;
  // Six kills spread from the first write to the last; each round costs two whole runs.
  const writes = Object.keys(undisturbed).length;
  for (let round = 0; round < 6; round++) {
    const dieAt = 1 + Math.round((round * (writes - 1)) / 5);
    const other = await makeWorld({ broker: world.broker });
    const plan = {
      databaseUrl: other.database.url,
      nats: { url: world.broker.server.url, user: world.broker.server.user, password: world.broker.server.password },
      folder: other.folder,
      nowMs: noonMs,
      dieAt,
      moment: moments[round % 3],
    };
    const child = Bun.spawn([process.execPath, fileURLToPath(new URL("run-and-die.ts", import.meta.url)), JSON.stringify(plan)], {
      stderr: "ignore",
    });
    await child.exited;
    if (child.signalCode === "SIGKILL") killed++;
    for (const [key, hash] of Object.entries(standing(await other.files())))
      if (!key.startsWith("manifest/")) expect({ key, hash }).toEqual({ key, hash: undisturbed[key] ?? "never written" });
    expect(await other.run("all")).toMatchObject({ status: "done" });
    expect(standing(await other.files())).toEqual(undisturbed);
    expect([...(await gold(other.database.owner))]).toEqual(expected);
    const interrupted = await other.database.owner`select status, error from runs where status <> 'done'`;
    expect([...interrupted]).toEqual([{ status: "failed", error: "interrupted" }]);
    await other.close();
  }
  expect(killed).toBeGreaterThan(4);
}, 240_000);
