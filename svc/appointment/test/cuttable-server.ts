import { connect, createServer, type Socket } from "node:net";

/** A way to the database that can lose an answer. */
export interface CuttableServer {
  readonly url: string;
  /** The next answer of the database is thrown away, and its connection with it: what was asked has been done. */
  loseNextAnswer(): void;
  /** Answers lost so far. */
  lost(): number;
  close(): void;
}

/** Stands between a client and Postgres. */
export async function cuttableServer(url: string): Promise<CuttableServer> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isArmed = false;
  let lost = 0;
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        database.destroy();
      });
    }
    client.on("data", (data) => database.write(data));
    database.on("data", (data) => {
      if (!isArmed) return client.write(data);
      isArmed = false;
      lost++;
      return client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const through = new URL(url);
  through.port = String(typeof address === "object" && address ? address.port : 0);
  return {
    url: through.href,
    loseNextAnswer: () => {
      isArmed = true;
    },
    lost: () => lost,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
