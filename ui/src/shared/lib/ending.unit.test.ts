import { expect, test } from "bun:test";
import type { CallResult } from "./call.ts";
import { createEnding } from "./ending.ts";

const refused = (code: string) => ({ ok: false, problem: { code, title: "x", traceId: "t", status: 404 } }) as unknown as CallResult<never>;

test("a second press while it runs ends nothing twice", async () => {
  let asked = 0;
  let done = 0;
  const ending = createEnding(
    async () => {
      asked += 1;
      return { ok: true, value: undefined };
    },
    () => (done += 1),
  );
  await Promise.all([ending.run(), ending.run()]);
  expect([asked, done, ending.busy()]).toEqual([1, 1, false]);
});

test("what was ended elsewhere counts as ended; any other refusal is shown", async () => {
  let done = 0;
  await createEnding(
    async () => refused("not-found"),
    () => (done += 1),
  ).run();
  const late = createEnding(
    async () => refused("wrong-state"),
    () => (done += 1),
  );
  await late.run();
  expect([done, late.problem()?.code]).toEqual([1, "wrong-state"]);
});
