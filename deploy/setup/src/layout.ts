/** Where things are inside the containers. */
export const layout = {
  allSecrets: "/secrets/all",
  perConsumer: "/secrets",
  /** One-shots that act for the operator. */
  ownSecrets: "/run/secrets",
  install: "/install",
  demo: "/demo",
} as const;

/** Ports of the broker: clients, monitoring, WebSocket (behind the TLS proxy). */
export const natsPort = { port: 4222, monitorPort: 8222, websocketPort: 8443 } as const;
export const natsStore = "/data";

/** A demo clinic or a real one, for good. */
export type InstallKind = "demo" | "production";
