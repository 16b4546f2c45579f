/** Asks a server over one connection, one request after the other. */
export interface KeptConnection {
  /** The body of the answer, whole. @throws Error when it is no 200, tells no length, or the connection ends; from then on every time */
  get(path: string): Promise<Uint8Array>;
  close(): void;
}

const head = "\r\n\r\n";

/**
 * Opens a plain socket to a server that tells the length of its answers. For measuring: an HTTP client in the asking process takes as long as
 * the service itself, and would be measured with it.
 */
export async function keptConnection({ hostname, port }: { hostname: string; port: number }): Promise<KeptConnection> {
  let waiting: PromiseWithResolvers<Uint8Array> | undefined;
  let parts: Uint8Array[] = [];
  let missing = -1;
  let broken: Error | undefined;
  /** What else arrives would be taken for the next answer, so the first fault is the end. */
  const fail = (error: Error) => {
    broken ??= error;
    waiting?.reject(broken);
    waiting = undefined;
  };
  const socket = await Bun.connect({
    hostname,
    port,
    socket: {
      data(socket, chunk) {
        if (broken) return;
        // The receiver's buffer is used again for the next chunk.
        let body = new Uint8Array(chunk);
        if (missing < 0) {
          const text = Buffer.concat([...parts, body]).toString("latin1");
          const end = text.indexOf(head);
          if (end < 0) return void parts.push(body);
          const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1];
          if (!text.startsWith("HTTP/1.1 200 ") || length === undefined) {
            fail(new Error(text.slice(0, end)));
            return void socket.end();
          }
          body = Buffer.from(text.slice(end + head.length), "latin1");
          [parts, missing] = [[], Number(length)];
        }
        parts.push(body);
        missing -= body.length;
        if (missing > 0) return;
        const whole = Buffer.concat(parts);
        [parts, missing] = [[], -1];
        waiting?.resolve(whole);
        waiting = undefined;
      },
      close: () => fail(new Error("the connection was closed")),
      error: (_, error) => fail(error),
    },
  });
  socket.setNoDelay(true);
  return {
    get(path) {
      if (broken) return Promise.reject(broken);
      waiting = Promise.withResolvers<Uint8Array>();
      socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
      return waiting.promise;
    },
    close: () => void socket.end(),
  };
}
