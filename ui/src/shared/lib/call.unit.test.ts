import { afterEach, describe, expect, mock, test } from "bun:test";
import { book, cancel, listSlots } from "@episante/contracts/appointment";
import { parseTraceparent } from "@episante/contracts/traceparent";
import { call, onSessionEnded, urlOf } from "./call.ts";

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});
function answer(response: () => Response | Promise<Response>) {
  const seen: { url: string; init: RequestInit }[] = [];
  globalThis.fetch = (async (url: string, init: RequestInit) => {
    seen.push({ url, init });
    return response();
  }) as unknown as typeof fetch;
  return seen;
}
const hold = `hld_${"0".repeat(32)}` as const;
const visit = `apt_${"0".repeat(32)}` as const;
const doctor = `doc_${"0".repeat(32)}` as const;
const reason = `rea_${"0".repeat(32)}` as const;

describe("call", () => {
  test("fills path and query from the contract", () => {
    expect(urlOf(cancel, { params: { id: visit } })).toBe(`/api/appointments/${visit}/cancel`);
    const query = { doctorId: doctor, reasonId: reason, from: "2026-01-12", to: "2026-01-18" };
    expect(urlOf(listSlots, { query })).toBe(`/api/appointments/slots?${new URLSearchParams(query)}`);
  });
  test("sends JSON and the idempotency key", async () => {
    const seen = answer(() => Response.json({ id: visit }, { status: 201 }));
    const result = await call(book, { body: { holdId: hold }, idempotencyKey: "k" });
    expect(result.ok).toBe(true);
    expect(seen[0]?.init.headers).toMatchObject({ "content-type": "application/json", "idempotency-key": "k" });
    expect(seen[0]?.init.body).toBe(JSON.stringify({ holdId: hold }));
  });
  test("begins a trace of its own, so that the reference a person reads leads through every process", async () => {
    const seen = answer(() => Response.json({ id: visit }));
    await call(cancel, { params: { id: visit } });
    await call(cancel, { params: { id: visit } });
    const traces = seen.map(({ init }) => parseTraceparent((init.headers as Record<string, string>).traceparent));
    expect(traces.map((trace) => trace?.isSampled)).toEqual([false, false]);
    expect(traces[0]?.traceId).not.toBe(traces[1]?.traceId);
  });
  test("a refusal is a value, with its alternatives and its wait", async () => {
    answer(() =>
      Response.json(
        { type: "x", title: "x", status: 409, code: "slot-taken", traceId: "t", alternatives: [{ start: "2026-01-13T08:40:00Z" }] },
        { status: 409, headers: { "retry-after": "90" } },
      ),
    );
    const result = await call(book, { body: { holdId: hold }, idempotencyKey: "k" });
    expect(result).toMatchObject({ ok: false, problem: { code: "slot-taken", traceId: "t", retryAfterSeconds: 90 } });
  });
  test("a dead network is a problem, not an exception", async () => {
    answer(() => Promise.reject(new TypeError("failed")));
    expect(await call(cancel, { params: { id: visit }, body: {} })).toMatchObject({ ok: false, problem: { code: "offline" } });
  });
  test("an answer that is no problem document still becomes a problem", async () => {
    answer(() => new Response("<html>bad gateway</html>", { status: 502 }));
    expect(await call(cancel, { params: { id: visit }, body: {} })).toMatchObject({
      ok: false,
      problem: { code: "upstream-unreachable", status: 502 },
    });
  });
  test("only a missing session ends the session, a wrong password does not", async () => {
    const ended = mock(() => undefined);
    const stop = onSessionEnded(ended);
    const refuse = (code: string) => answer(() => Response.json({ title: "x", status: 401, code, traceId: "t" }, { status: 401 }));
    refuse("login-failed");
    await call(cancel, { params: { id: visit }, body: {} });
    expect(ended).not.toHaveBeenCalled();
    refuse("not-signed-in");
    await call(cancel, { params: { id: visit }, body: {} });
    expect(ended).toHaveBeenCalledTimes(1);
    stop();
  });
});
