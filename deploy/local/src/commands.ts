import type { CommandSpec } from "./args.ts";

const data = { value: "DIR", about: "data folder (default: .data in the repository)" };
const port = { value: "N", about: "port of the pages and the API (default: 8080)" };
const testClock = { about: "business time can be set through POST /api/_test/clock" };
const monitoring = { about: "also starts Prometheus, when it is installed, to watch everything" };
const verbose = { about: "show every log line of every process" };
const url = { value: "URL", about: "address of the installation (default: from the data folder)" };
const door = { value: "NAME", about: "how to send: ws (default), http, nats or mqtt" };
const nats = { value: "URL", about: "the broker's address for --door nats (default: from the data folder, or /nats of an https address)" };
const ca = { value: "FILE", about: "certificate authority to trust (PEM)" };

/** Every command of the launcher; the help text is made from it. */
export const commands = {
  demo: {
    name: "demo",
    about: "Starts everything with a demo clinic and simulated devices, and prints the address and logins. Ctrl-C stops all.",
    positional: [],
    options: { data, port, monitoring, "test-clock": testClock, verbose },
  },
  up: {
    name: "up",
    about: "Starts everything, without simulated devices. A new data folder gets the demo clinic unless --no-demo-data is given.",
    positional: [],
    options: {
      data,
      port,
      detach: { about: "return when ready; stop later with ./episante down" },
      "no-demo-data": { about: "an empty installation in production mode; prints an invitation for the first administrator" },
      admin: { value: "EMAIL", about: "with --no-demo-data: e-mail of the first administrator (default: admin@clinic.local)" },
      monitoring,
      "test-clock": testClock,
      verbose,
    },
  },
  down: { name: "down", about: "Stops everything that runs on a data folder.", positional: [], options: { data } },
  status: {
    name: "status",
    about: "Shows the processes. Exit status 0 when all are ready, 1 when not.",
    positional: [],
    options: { data, json: { about: "as JSON: {ready, url, processes:[{name,pid,port,ready,rssMiB}]}" } },
  },
  test: {
    name: "test",
    about: "Runs the tests: all, or those of one size (unit, int, e2e), or those whose file name contains FILTER.",
    positional: ["[unit|int|e2e]", "[FILTER]"],
    options: {},
  },
  bench: {
    name: "bench",
    about:
      "Measures speed as ratios to what this machine can do at all: every bench, or the one named. Fails only when a run breaks.\nEach starts servers of its own and takes minutes; run it on a quiet machine. docs/performance.md explains the figures.",
    positional: ["[NAME]"],
    options: {
      json: { about: "one JSON object per bench instead of tables" },
      rounds: { value: "N", about: "rounds of each measurement, 5 to 50 (default: 5)" },
      soak: { about: "booking only: lets many want the same times and counts who got them" },
      attempts: { value: "N", about: "attempts of the soak (default: 10000000)" },
    },
  },
  replay: {
    name: "replay",
    about: "Streams a CSV of readings (first column: seconds) through the real path; fails if anything was not acknowledged.",
    positional: ["FILE.csv"],
    options: {
      device: { value: "TOKEN", about: "token of a paired device of kind replay" },
      url,
      data,
      ca,
      door,
      nats,
      speed: { value: "N|max", about: "times real time (default: 1)" },
      start: { value: "INSTANT", about: "time of the first reading (default: now minus the duration)" },
      map: { value: "COLUMN=CODE,UNIT", about: 'what a column means, for example "HR=8867-4,/min"; may be repeated', many: true },
    },
  },
  simulate: {
    name: "simulate",
    about: "Streams simulated readings from the wearables of a demo clinic until Ctrl-C.",
    positional: [],
    options: {
      devices: { value: "N", about: "how many of the demo clinic's wearables (default: all)" },
      rate: { value: "HZ", about: "readings per second and device (default: 1)" },
      door,
      nats,
      data,
    },
  },
  etl: {
    name: "etl",
    about: "Runs the pipeline: bronze, silver and gold. Running it twice changes nothing.",
    positional: [],
    options: { data, day: { value: "YYYY-MM-DD", about: "one day only (default: every day with new data)" } },
  },
  "user add": {
    name: "user add",
    about: "Invites an administrator, to an existing clinic or to a new one, and prints the invitation link.",
    positional: [],
    options: {
      email: { value: "ADDRESS", about: "e-mail of the administrator" },
      given: { value: "NAME", about: "given name" },
      family: { value: "NAME", about: "family name" },
      clinic: { value: "ID", about: "an existing clinic (default: the only one, if there is one)" },
      "new-clinic": { value: "NAME", about: "creates a clinic with this name" },
      city: { value: "NAME", about: "city of the new clinic" },
      zone: { value: "ZONE", about: "time zone of the new clinic (default: Europe/Paris)" },
      locale: { value: "fr|en", about: "language (default: fr)" },
      data,
    },
  },
} as const satisfies Record<string, CommandSpec>;
export type CommandName = keyof typeof commands;

/** The text of `./episante --help`. */
export function overview(): string {
  const rows = Object.values(commands).map(({ name, about }) => [name, about.split(/(?<=\.)\s/)[0] ?? about] as const);
  return [
    "EpiSanté: booking, wearables and alerts for a clinic.\n",
    "Usage: ./episante COMMAND [OPTIONS]\n",
    ...rows.map(([name, about]) => `  ${name.padEnd(9)} ${about}`),
    "\n./episante COMMAND --help explains one.\n",
  ].join("\n");
}
