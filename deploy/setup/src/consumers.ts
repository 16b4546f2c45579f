import { serviceNames } from "@episante/contracts/session";
import { databaseMonitorPassword, databaseOf, databaseServices } from "./databases.ts";
import { natsAdmin, natsPasswordName } from "./nats-config.ts";

/** The user all containers run as, but Postgres, whose image has one of its own. */
export const containerUser = 10_001;
/** User `postgres` of the public image (Debian flavour). */
const postgresUser = 999;

/** What one container may read: `/run/secrets/NAME` there, from which secret of the installation. */
export interface Consumer {
  /** Name of its folder, and of its volume. */
  readonly name: string;
  readonly uid: number;
  /** Name it is read under → name among all secrets. */
  readonly files: Readonly<Record<string, string>>;
}

/** File names under which the administrator's password of a database, and the settings, are kept. */
export const databaseAdminPassword = (service: keyof typeof databaseOf) => `${databaseOf[service]}-admin.password`;
const settings = { mode: "mode", mail: "mail" };
const s3 = { "s3.user": "s3.user", "s3.password": "s3.password" };

/** Every container that reads secrets, with exactly those it needs. */
export const consumers: readonly Consumer[] = [
  ...serviceNames.map((name) => ({
    name,
    uid: containerUser,
    files: {
      "nats.password": natsPasswordName(name),
      "signing.jwk": `${name}.jwk`,
      "jwks.json": "jwks.json",
      ...settings,
      ...(name === "gateway" ? {} : { "database.url": `${databaseOf[name]}-app.url` }),
      ...(name === "doctor" ? { "gold.url": "gold-reader.url" } : {}),
      ...(name === "ingest" ? { "callout.seed": "callout.seed" } : {}),
      ...(name === "notification" ? { "smtp.url": "smtp.url" } : {}),
      ...(name === "pipeline" ? s3 : {}),
    },
  })),
  ...databaseServices.map((service) => ({
    name: `${service}-db`,
    uid: postgresUser,
    files: { "admin.password": databaseAdminPassword(service) },
  })),
  { name: "nats", uid: containerUser, files: { "nats.conf": "nats.conf" } },
  { name: "minio", uid: containerUser, files: s3 },
  {
    name: "migrate",
    uid: containerUser,
    files: Object.fromEntries(
      [
        natsPasswordName(natsAdmin),
        "gold-reader.password",
        databaseMonitorPassword,
        ...databaseServices.flatMap((service) => [
          databaseAdminPassword(service),
          `${databaseOf[service]}-owner.password`,
          `${databaseOf[service]}-app.password`,
        ]),
      ].map((name) => [name, name]),
    ),
  },
  { name: "operator", uid: containerUser, files: { "operator.jwk": "operator.jwk", ...settings } },
  {
    name: "monitoring",
    uid: containerUser,
    files: { "grafana-admin.password": "grafana-admin.password", "postgres-exporter.yml": "postgres-exporter.yml" },
  },
];
