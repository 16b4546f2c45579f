/** An alert as a console got it. `at` is when, in `performance.now()`. */
export interface ConsoleFrame {
  /** Which console, by its place. */
  readonly console: number;
  readonly patientId: string;
  readonly onsetAt: string;
  readonly at: number;
}

export interface Consoles {
  /** Told of every alert frame on every console. */
  onFrame: (frame: ConsoleFrame) => void;
  close(): void;
}

/** Opens one live feed per cookie and waits for the first heartbeat on each. @throws Error when one is refused or silent for 20 s */
export async function openConsoles(url: string, cookies: readonly string[]): Promise<Consoles> {
  const abort = new AbortController();
  const consoles: Consoles = { onFrame: () => {}, close: () => abort.abort() };
  const opened = cookies.map(async (cookie, console) => {
    const answer = await fetch(`${url}/api/alerts/feed`, { headers: { cookie }, signal: abort.signal });
    if (!answer.ok || !answer.body) throw new Error(`the feed answered ${answer.status}`);
    const { promise: beaten, resolve } = Promise.withResolvers<void>();
    void follow(answer.body, resolve, (frame) => consoles.onFrame({ ...frame, console })).catch(() => {});
    await beaten;
  });
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("a console heard no heartbeat within 20 s")), 20_000);
  await Promise.race([Promise.all(opened), late]).finally(() => clearTimeout(timer));
  return consoles;
}

async function follow(
  body: ReadableStream<Uint8Array>,
  onBeat: () => void,
  onFrame: (frame: Omit<ConsoleFrame, "console">) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of body) {
    const at = performance.now();
    const blocks = (rest + decoder.decode(part, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      if (block.startsWith("event: heartbeat")) onBeat();
      // Fields are cut out: a hundred parsers would be measured instead of the product.
      if (block.startsWith("event: alert")) onFrame({ patientId: field(block, "patientId"), onsetAt: field(block, "onsetAt"), at });
    }
  }
}

/** Value of the first text field of this name. */
function field(json: string, name: string): string {
  const start = json.indexOf(`"${name}":"`) + name.length + 4;
  return json.slice(start, json.indexOf('"', start));
}
