import { afterAll, beforeAll, expect, test } from "bun:test";
import { waitFor } from "@episante/testkit/wait-for";
import { type Fixture, makeFixture, reading } from "../../test/fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(() => fixture.close());

test("while the broker's disk stands still the full buffer takes nothing more: 429 with a time to wait, credit 0; then all is as before and nothing acknowledged is lost", async () => {
  const gateway = await fixture.start({ MAX_UNFLUSHED_BYTES: String(1024 * 1024) });
  const device = await fixture.pair();
  const authorization = `Bearer ${device.token}`;
  const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/api/devices/stream`, {
    headers: { authorization },
  } as unknown as string[]);
  const credits: number[] = [];
  socket.onmessage = ({ data }) => credits.push((JSON.parse(String(data)) as { credit: number }).credit);
  await waitFor(() => credits.length === 1, { what: "the first credit" });
  expect(credits[0]).toBeGreaterThan(0);

  const at = Date.now();
  const send = async (seq: number) => {
    const readings = Array.from({ length: 1000 }, (_, index) => reading(97, new Date(at - (seq * 1000 + index))));
    const answer = await fetch(`${gateway.url}/api/devices/readings`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: JSON.stringify({ boot: "b", seq, readings }),
    });
    return {
      seq,
      status: answer.status,
      retryAfter: answer.headers.get("retry-after"),
      code: ((await answer.json()) as { code?: string }).code,
    };
  };
  process.kill(fixture.broker.server.pid(), "SIGSTOP");
  let sent: ReturnType<typeof send>[];
  try {
    // More than fits; what is refused is refused at once.
    sent = Array.from({ length: 40 }, (_, seq) => send(seq));
    const refused = await Promise.race(sent);
    expect(refused).toMatchObject({ status: 429, retryAfter: "1", code: "back-pressure" });
    await waitFor(() => credits.at(-1) === 0, { what: "credit 0" });
  } finally {
    process.kill(fixture.broker.server.pid(), "SIGCONT");
  }
  const answers = await Promise.all(sent);
  const acknowledged = answers.filter(({ status }) => status === 202).map(({ seq }) => seq);
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(answers.filter(({ status }) => status !== 202 && status !== 429)).toEqual([]);
  const stored = new Set((await fixture.envelopes()).flatMap(({ frames }) => frames.map(({ seq }) => seq)));
  expect(acknowledged.filter((seq) => !stored.has(seq))).toEqual([]);
  await waitFor(() => (credits.at(-1) ?? 0) > 0, { what: "credit again" });
  expect((await send(99)).status).toBe(202);
  socket.close();
}, 60_000);
