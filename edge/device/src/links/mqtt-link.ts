import { connect, ErrorWithReasonCode, type MqttClient } from "mqtt";
import { deviceIdOf, type OpenLink } from "./link.ts";

const credit = 16;
const connectMs = 10_000;
const keepAliveSeconds = 30;
/** CONNACK of a wrong user or token (MQTT 3.1.1, table 3.1). */
const badLogin = 4;

/**
 * MQTT 3.1.1 over WebSocket at `/mqtt`, QoS 1. A PUBACK says "on disk, or refused for good", which cannot be told apart: refused readings stay unknown.
 * The library's own reconnecting and store are off: the outbox is what resends until the PUBACK.
 */
export const openMqttLink: OpenLink = ({ url, token, ca }, events) => {
  const deviceId = deviceIdOf(token);
  const address = new URL("/mqtt", url);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  let isClosed = false;
  const client: MqttClient = connect(address.href, {
    protocolVersion: 4,
    username: deviceId,
    password: token,
    clientId: deviceId,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: connectMs,
    keepalive: keepAliveSeconds,
    queueQoSZero: false,
    forceNativeWebSocket: true,
    createWebsocket: (where, protocols) => new WebSocket(where, { protocols, ...(ca ? { tls: { ca } } : {}) } as unknown as string[]),
  });
  const lost = (why: "gone" | "rejected") => {
    if (isClosed) return;
    isClosed = true;
    client.end(true);
    events.lost(why);
  };
  client.on("connect", () => {
    if (!isClosed) events.credit(credit);
  });
  client.on("error", (error) => lost(error instanceof ErrorWithReasonCode && error.code === badLogin ? "rejected" : "gone"));
  client.on("close", () => lost("gone"));
  return {
    send: (batch) =>
      void client.publish(`dev/${deviceId}/readings`, JSON.stringify(batch), { qos: 1 }, (error) => {
        if (error) lost("gone");
        else if (!isClosed) events.acked(batch.boot, batch.seq, []);
      }),
    close() {
      isClosed = true;
      client.end(true);
    },
  };
};
