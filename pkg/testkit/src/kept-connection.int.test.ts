import { afterEach, describe, expect, test } from "bun:test";
import { type KeptConnection, keptConnection } from "./kept-connection.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server that answers the nth request it hears with the nth list of pieces, a write each; after `null` it closes. */
async function asked(
  ...answers: readonly (string | Uint8Array | null)[][]
): Promise<{ connection: KeptConnection; heard: string[]; opened(): number }> {
  const heard: string[] = [];
  let opened = 0;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.setNoDelay(true);
        opened++;
      },
      async data(socket, bytes) {
        const answer = answers[heard.push(bytes.toString()) - 1] ?? [];
        for (const piece of answer) {
          if (piece === null) socket.end();
          else socket.write(piece);
          await Bun.sleep(5);
        }
      },
    },
  });
  const connection = await keptConnection({ hostname: "127.0.0.1", port: server.port });
  ends.push(
    () => connection.close(),
    () => server.stop(true),
  );
  return { connection, heard, opened: () => opened };
}
const ok = (length: number, more = "") => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n${more}\r\n`;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("a kept connection", () => {
  test("asks again and again over one socket", async () => {
    const { connection, heard, opened } = await asked([`${ok(3)}one`], [`${ok(0)}`], [`${ok(5)}three`]);
    const bodies = [await connection.get("/a"), await connection.get("/b?c=d"), await connection.get("/e")];
    expect(bodies.map(text)).toEqual(["one", "", "three"]);
    expect(heard.map((request) => request.split("\r\n")[0])).toEqual(["GET /a HTTP/1.1", "GET /b?c=d HTTP/1.1", "GET /e HTTP/1.1"]);
    expect(opened()).toBe(1);
  });

  test("puts an answer together that arrives in pieces, cut in its head, behind it, and within a letter", async () => {
    const body = Buffer.from("Zoé Lefèvre");
    const headPieces = ["HTTP/1.1 200 OK\r\ncontent-le", `ngth: ${body.length}\r\n`, "\r\n"];
    const { connection } = await asked([...headPieces, body.subarray(0, 3), body.subarray(3)], [`${ok(2)}ok`]);
    expect(text(await connection.get("/"))).toBe("Zoé Lefèvre");
    expect(text(await connection.get("/"))).toBe("ok");
  });

  test("gives the bytes of a long answer as they were sent", async () => {
    const sent = crypto.getRandomValues(new Uint8Array(60_000));
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(sent) });
    const connection = await keptConnection({ hostname: "127.0.0.1", port: Number(server.port) });
    ends.push(
      () => connection.close(),
      () => void server.stop(true),
    );
    for (let nth = 0; nth < 3; nth++) expect(Buffer.compare(await connection.get("/"), sent)).toBe(0);
  });

  test("refuses an answer in chunks, and takes none of them for the next answer", async () => {
    const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const { connection, heard } = await asked([chunked, "3\r\none\r\n", "0\r\n\r\n"], [`${ok(3)}two`]);
    await expect(connection.get("/")).rejects.toThrow("Transfer-Encoding: chunked");
    await expect(connection.get("/")).rejects.toThrow("Transfer-Encoding: chunked");
    expect(heard).toHaveLength(1);
  });

  test("refuses an answer that is no 200, naming its status", async () => {
    const { connection } = await asked(["HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n", "none"]);
    await expect(connection.get("/")).rejects.toThrow("404 Not Found");
  });

  test("that the server closes says so, to who waits and to who asks later", async () => {
    const { connection } = await asked([`${ok(3)}one`], [`${ok(10)}hal`, null]);
    expect(text(await connection.get("/"))).toBe("one");
    await expect(connection.get("/")).rejects.toThrow("was closed");
    await expect(connection.get("/")).rejects.toThrow("was closed");
  });

  test("that the server closes between two questions says so to the second", async () => {
    const { connection } = await asked([`${ok(3)}one`, null]);
    expect(text(await connection.get("/"))).toBe("one");
    await expect(connection.get("/")).rejects.toThrow("was closed");
  });
});
