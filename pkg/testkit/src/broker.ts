import { connectNats, type JetStreamClient, jetStreamOf, type NatsConnection } from "@episante/service/nats";
import { ensureStreams } from "@episante/service/streams";
import { type NatsServer, startNats } from "./servers.ts";

export interface TestBroker {
  readonly server: NatsServer;
  readonly url: string;
  readonly nats: NatsConnection;
  readonly js: JetStreamClient;
  close(): Promise<void>;
}

/** A nats-server of its own with the product's streams and buckets. */
export async function testBroker(): Promise<TestBroker> {
  const server = await startNats();
  const nats = await connectNats({ url: server.url, user: server.user, password: server.password, name: "test" });
  await ensureStreams(nats);
  return {
    server,
    url: server.url,
    nats,
    js: jetStreamOf(nats),
    async close() {
      await nats.close();
      await server.stop();
    },
  };
}
