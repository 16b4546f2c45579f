/** A signed-in person at the public API, as a browser is one: a cookie and nothing else. */
export interface Session {
  readonly cookie: string;
  /** @returns the answer's body @throws Error for anything but success, after patience with what is still on its way */
  call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
}

const patienceMs = 20_000;
/** Statuses that pass by themselves: an event is on its way, a limit refills, a mirror is not fresh. */
const passing = new Set([403, 404, 429, 502, 503]);

/** Signs in, or registers: whatever gives a session. @param path of the endpoint that sets the cookie */
export async function openSession(
  url: string,
  path: string,
  body: unknown,
): Promise<{ session: Session; answer: Record<string, unknown> }> {
  const answered = await patiently(() => send(url, "POST", path, body));
  const cookie = answered.headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .join("; ");
  const session: Session = {
    cookie,
    call: async (method, at, given) => {
      const answer = await patiently(() => send(url, method, at, given, cookie));
      return answer.status === 204 ? {} : ((await answer.json()) as Record<string, unknown>);
    },
  };
  return { session, answer: (await answered.json()) as Record<string, unknown> };
}

/** One call without a login. @throws Error for anything but success, as `Session.call` */
export async function callAsNobody(url: string, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  return (await (await patiently(() => send(url, method, path, body))).json()) as Record<string, unknown>;
}

function send(url: string, method: string, path: string, body: unknown, cookie?: string): Promise<Response> {
  return fetch(`${url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...(cookie ? { cookie } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
}

async function patiently(ask: () => Promise<Response>): Promise<Response> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer.ok) return answer;
    if (!passing.has(answer.status) || performance.now() > deadline)
      throw new Error(`${new URL(answer.url).pathname} answered ${answer.status}: ${await answer.text()}`);
    await Bun.sleep(200);
  }
}
