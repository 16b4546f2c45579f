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

/**
 * Opens one live feed per cookie, each on a connection of its own, and waits for the first heartbeat on each. Plain sockets: a hundred HTTP
 * clients in one process would be measured instead of the product. @throws Error when one is refused or silent for 20 s
 */
export async function openConsoles(url: string, cookies: readonly string[]): Promise<Consoles> {
  const { hostname, port, host } = new URL(url);
  const sockets: { end(): void }[] = [];
  const consoles: Consoles = { onFrame: () => {}, close: () => sockets.splice(0).map((socket) => socket.end()) };
  const { promise: late, reject } = Promise.withResolvers<never>();
  const opened = cookies.map(async (cookie, console) => {
    const { promise: beaten, resolve } = Promise.withResolvers<void>();
    const decoder = new TextDecoder();
    let rest = "";
    const socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data(_, part) {
          const at = performance.now();
          const text = rest + decoder.decode(part, { stream: true });
          if (text.startsWith("HTTP/1.1") && !text.startsWith("HTTP/1.1 200 "))
            return reject(new Error(`the feed answered ${text.slice(9, 12)}`));
          const events = text.split("\n\n");
          rest = events.pop() ?? "";
          for (const event of events) {
            if (event.includes("event: heartbeat")) resolve();
            if (event.includes("event: alert")) consoles.onFrame({ console, at, ...told(event) });
          }
        },
        open: (self) => void self.write(`GET /api/alerts/feed HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\n\r\n`),
        error: (_, error) => reject(error),
      },
    });
    sockets.push(socket);
    await beaten;
  });
  const timer = setTimeout(() => reject(new Error("a console heard no heartbeat within 20 s")), 20_000);
  await Promise.race([Promise.all(opened), late]).finally(() => clearTimeout(timer));
  return consoles;
}

/** Whom and when an event is about: cut out, not parsed. The lengths between the parts of a chunked answer are left out; JSON has no line ends. */
function told(event: string): { patientId: string; onsetAt: string } {
  const json = event.replace(/\r\n[0-9a-f]+\r\n/g, "");
  return { patientId: field(json, "patientId"), onsetAt: field(json, "onsetAt") };
}

/** Value of the first text field of this name. */
function field(json: string, name: string): string {
  const start = json.indexOf(`"${name}":"`) + name.length + 4;
  return json.slice(start, json.indexOf('"', start));
}
