/** Asks a server over one connection, one request after the other. */
export interface KeptConnection {
  /** The body of the answer, whole. @throws Error when it is no 200 */
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
  const settle = (bytes: Uint8Array | Error) => {
    const asked = waiting;
    [waiting, parts, missing] = [undefined, [], -1];
    if (bytes instanceof Error) asked?.reject(bytes);
    else asked?.resolve(bytes);
  };
  const socket = await Bun.connect({
    hostname,
    port,
    socket: {
      data(_, chunk) {
        // The receiver's buffer is used again for the next chunk.
        let body = new Uint8Array(chunk);
        if (missing < 0) {
          const text = Buffer.concat([...parts, body]).toString("latin1");
          const end = text.indexOf(head);
          if (end < 0) return void parts.push(body);
          const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1];
          if (!text.startsWith("HTTP/1.1 200 ") || length === undefined) return settle(new Error(text.slice(0, end)));
          body = Buffer.from(text.slice(end + head.length), "latin1");
          [parts, missing] = [[], Number(length)];
        }
        parts.push(body);
        missing -= body.length;
        if (missing === 0) settle(Buffer.concat(parts));
      },
      close: () => settle(new Error("the server closed the connection")),
      error: (_, error) => settle(error),
    },
  });
  socket.setNoDelay(true);
  return {
    get(path) {
      waiting = Promise.withResolvers<Uint8Array>();
      socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
      return waiting.promise;
    },
    close: () => void socket.end(),
  };
}
