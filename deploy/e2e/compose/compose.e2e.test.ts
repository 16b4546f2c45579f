import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { listAlerts } from "@episante/contracts/alert";
import { listAppointments, listSlots } from "@episante/contracts/appointment";
import { acceptInvitation, login, me, register } from "@episante/contracts/auth";
import { createPairing, pair } from "@episante/contracts/device";
import { analyticsAlerts, analyticsOverview, analyticsVitals, searchDoctors } from "@episante/contracts/doctor";
import { captured, inbox } from "@episante/contracts/notification";
import { getOps, opsSchema } from "@episante/contracts/ops";
import { getMyProfile } from "@episante/contracts/patient";
import { listRuns, quality, startRun } from "@episante/contracts/pipeline";
import { listReadings, postReadings } from "@episante/contracts/reading";
import { testClockPath } from "@episante/contracts/system";
import { runReplay } from "@episante/device/replay";
import type { Browser } from "playwright-core";
import { type Caller, jsonOf, makeCaller, pathOf, until } from "../src/calls.ts";
import { type Device, natsDoor } from "../src/doors.ts";
import { chromium, chromiumPath, eventually, type Place } from "../src/instance.ts";
import { accountOf, deviceOf, doctorOf, patientIdOf, signIn } from "../src/people.ts";
import { record, writeCsv } from "../src/recordings.ts";
import { containersOf, crash, docker, dockerOut, inside, isHealthy, whyNoContainers } from "./engine.ts";
import { type Bookings, heartRate, type Probes, type Stream, startBookings, startProbes, startStream } from "./load.ts";
import { secretsOf, visibleOf } from "./secrets.ts";
import { makeStack, removeImages, type Stack, stackSettings } from "./stack.ts";

/*
 * The composed product from outside, through its TLS door: the main job, what a container may do, a crash of every container,
 * an upgrade under load. Each test goes on where the one before it ended; the first that fails tells most.
 */
const run = randomBytes(3).toString("hex");
const versions = [`0.1.0-test.${run}.1`, `0.1.0-test.${run}.2`] as const;
const [firstVersion, secondVersion] = versions;
/** `./episante test` shows these lines. */
const note = (text: string) => process.stdout.write(`note: ${text}\n`);
const seconds = (ms: number) => (ms / 1000).toFixed(1);

const why = await whyNoContainers(stackSettings(firstVersion, { http: 80, https: 443 }, true));
if (why) note(`containers were not tried: ${why}`);
afterAll(async () => {
  if (!why) await removeImages(versions);
}, 60_000);

/** How long a container may take to be healthy after a crash, and everything to answer again. It takes seconds; a busy machine takes more. */
const backWithinMs = 60_000;

/** Services of docker-compose.yml that keep running in a demo clinic. */
const databases = ["alert", "appointment", "audit", "auth", "doctor", "ingest", "notification", "patient", "pipeline"].map(
  (name) => `${name}-db`,
);
const processes = ["alert", "appointment", "audit", "auth", "doctor", "gateway", "ingest", "notification", "patient", "pipeline"];
const servers = ["caddy", "minio", "nats"];

async function pairWearable(patient: Caller, patientId: `pat_${string}`, place: Pick<Place, "url" | "ca">): Promise<Device> {
  const { code } = await patient.call(createPairing, { body: { patientId } });
  const body = { code, model: "Test", serial: randomBytes(5).toString("hex"), kind: "wearable" as const };
  const device = makeCaller(place.url, [], place.ca);
  const { deviceId, token, nats } = await device.call(pair, { body });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const nothing = () => device.send("POST", postReadings.path, { body: "{}", headers });
  await until(nothing, ({ status }) => status === 422 || status === 400, "the gateway knows the new device");
  return { id: deviceId, token, nats };
}

describe.skipIf(why !== null)("a demo clinic in containers", () => {
  let stack: Stack;
  let place: Place;
  let browser: Browser | undefined;
  beforeAll(async () => {
    stack = await makeStack({ demo: true, version: firstVersion });
    const startedAt = performance.now();
    await stack.build(firstVersion);
    const builtAt = performance.now();
    const took = await stack.up();
    place = await stack.demo();
    const size = Number(await dockerOut(["image", "inspect", "--format", "{{.Size}}", `episante:${firstVersion}`]));
    note(`image built in ${seconds(builtAt - startedAt)} s (${Math.round(size / 1e6)} MB); everything healthy after ${seconds(took)} s`);
  }, 900_000);
  afterAll(async () => {
    await browser?.close();
    await stack?.down();
  }, 150_000);

  const openBrowser = async () => {
    browser ??= await chromium([`--ignore-certificate-errors-spki-list=${stack.spki()}`]);
    return browser;
  };
  const curl = async (...words: string[]) => {
    const ran = Bun.spawn(["curl", "-sS", "--cacert", stack.caFile(), ...words], { stdout: "pipe", stderr: "pipe" });
    const [out, err] = await Promise.all([new Response(ran.stdout).text(), new Response(ran.stderr).text()]);
    if ((await ran.exited) !== 0) throw new Error(`curl ${words.join(" ")}: ${err}`);
    return out;
  };

  test("the door: TLS by its own authority, HTTP/2, compression, security headers; plain HTTP leads to HTTPS", async () => {
    await expect(fetch(stack.url)).rejects.toThrow(/certificate/i);
    const page = await curl("--http2", "--compressed", "-D", "-", "-o", "/dev/null", "-H", "accept-encoding: zstd, gzip", `${stack.url}/`);
    expect(page).toStartWith("HTTP/2 200");
    expect(page).toMatch(/^content-encoding: (zstd|gzip)\r$/m);
    expect(page).toMatch(/^strict-transport-security: max-age=\d{8}/m);
    expect(page).toMatch(/^content-security-policy: .*frame-ancestors 'none'/m);
    expect(page).toMatch(/^x-content-type-options: nosniff\r$/m);
    expect(page).toMatch(/^referrer-policy: /m);
    expect(page).toMatch(/^alt-svc: h3=/m);
    expect(page).not.toMatch(/^(server|via|x-powered-by):/im);
    const plain = `http://localhost:${stack.httpPort}`;
    const moved = await fetch(`${plain}/doctors?q=x`, { redirect: "manual" });
    expect([moved.status, moved.headers.get("location")]).toEqual([308, `${stack.url}/doctors?q=x`]);
    const told = await fetch(`${plain}/api/auth/login`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
    expect([told.status, ((await told.json()) as { code: string }).code]).toEqual([400, "https-required"]);
  }, 30_000);

  test("only Caddy's ports are published", async () => {
    const published = (await stack.containers()).flatMap(({ service, HostConfig }) =>
      Object.entries(HostConfig.PortBindings ?? {}).flatMap(([port, hosts]) =>
        (hosts ?? []).map(({ HostPort }) => `${service} ${port} ${HostPort}`),
      ),
    );
    const [http, https] = [stack.httpPort, new URL(stack.url).port];
    expect(published.sort()).toEqual([`caddy 443/tcp ${https}`, `caddy 443/udp ${https}`, `caddy 80/tcp ${http}`]);
  });

  test.skipIf(!chromiumPath)(
    "a patient books in the browser and reads the confirmation in the capture inbox",
    async () => {
      const context = await (await openBrowser()).newContext({ locale: "en-GB", timezoneId: "Europe/Paris", reducedMotion: "reduce" });
      await context.addInitScript('localStorage.setItem("es.locale", "en")');
      const page = await context.newPage();
      const { email, password } = accountOf(place, "patient");
      await page.goto(`${stack.url}/sign-in?next=/appointments`);
      await page.getByLabel("Email").fill(email);
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "My appointments" }).waitFor();
      await page.goto(`${stack.url}/doctors/${doctorOf(place, 2).doctorId}`);
      const slot = page.locator(".slots .slot").first();
      const time = (await slot.locator(".t").textContent()) ?? "no time";
      await slot.click();
      await page.getByRole("button", { name: "Continue" }).click();
      await page.locator(".hold [role=timer]").waitFor();
      await page.getByRole("button", { name: "Confirm the appointment" }).click();
      await page.getByRole("heading", { level: 1, name: /Appointment confirmed/ }).waitFor();
      await page.getByText("Sent", { exact: true }).waitFor({ timeout: 30_000 });
      await page.goto(`${stack.url}/mail`);
      const mail = page.getByTestId("captured-mail").filter({ hasText: time }).first();
      await mail.waitFor({ timeout: 30_000 });
      expect(await mail.textContent()).toContain(email);
      await context.close();
    },
    120_000,
  );

  /** A minute of health, then a desaturation that goes on. */
  const desaturation = record([
    { seconds: 60, spo2: 96 },
    { seconds: 40, spo2: 86 },
  ]);
  const replay = async () => {
    const file = writeCsv(stack.dir, "desaturation.csv", desaturation);
    const ended = await runReplay({ file, token: deviceOf(place).token, url: stack.url, speed: 20, ca: stack.ca() });
    expect(ended).toMatchObject({ sent: 200, acked: 200, refused: 0 });
  };
  const alertsOfFirst = async (doctor: Caller) =>
    (await doctor.call(listAlerts, { query: { patientId: patientIdOf(place) } })).items.filter((alert) => alert.class === "clinical");

  test.skipIf(!chromiumPath)(
    "a desaturation over wss calls once on the console in the browser, and a key takes it in charge",
    async () => {
      const context = await (await openBrowser()).newContext({
        locale: "fr-FR",
        reducedMotion: "reduce",
        viewport: { width: 1440, height: 900 },
      });
      const page = await context.newPage();
      await page.goto(`${stack.url}/console`);
      const account = accountOf(place, "doctor");
      await page.fill("[type=email]", account.email);
      await page.fill("[autocomplete=current-password]", account.password);
      await page.keyboard.press("Enter");
      await page.waitForSelector(".c-shell");
      await page.waitForSelector('.c-live[data-state="live"]', { timeout: 30_000 });
      await replay();
      // A simulated patient of the demo may call as well.
      const rows = page.locator(".a-row[data-status]", { hasText: "Aubert" });
      await rows.first().waitFor({ timeout: 30_000 });
      expect([await rows.count(), await rows.first().getAttribute("data-level")]).toEqual([1, "critical"]);
      await rows.first().click();
      await page.keyboard.press("a");
      await page.locator(".d-result", { hasText: "Prise en charge par vous à" }).waitFor();
      await context.close();
      const found = await alertsOfFirst(await signIn(place, account));
      expect(found).toMatchObject([{ status: "acked", severity: "critical", unit: "%", owner: { accountId: account.id } }]);
    },
    120_000,
  );

  /** Runs the pipeline over everything, as the administrator's page does. */
  async function runPipeline(): Promise<void> {
    const admin = await signIn(place, accountOf(place, "admin"));
    expect(await admin.call(startRun, { body: { stage: "all" } })).toMatchObject({ status: "done" });
    const { items } = await admin.call(listRuns, { query: { limit: "20" } });
    expect(items.filter(({ status }) => status === "failed")).toEqual([]);
    const { items: checks } = await admin.call(quality);
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  }

  test.skipIf(!chromiumPath)(
    "the pipeline writes to the S3 store, and the doctor's analytics show it",
    async () => {
      await runPipeline();
      const doctor = await signIn(place, accountOf(place, "doctor"));
      const query = { patientId: patientIdOf(place) };
      expect(await doctor.call(analyticsOverview, { query })).toMatchObject({ readings: 200, alerts: 1 });
      const { items: vitals } = await doctor.call(analyticsVitals, { query });
      expect(Math.min(...vitals.filter(({ signal }) => signal === "spo2").map(({ min }) => min))).toBe(
        Math.min(...desaturation.map(([, spo2]) => spo2)),
      );
      expect((await doctor.call(analyticsAlerts, { query })).items.map(({ n, acked }) => [n, acked])).toEqual([[1, 1]]);
      const stored = await inside(await stack.container("minio"), "sh", "-c", "du -s /data | cut -f1");
      expect(Number(stored.out)).toBeGreaterThan(0);
    },
    180_000,
  );

  test("a device that speaks NATS gets its readings acknowledged through wss", async () => {
    const patient = await signIn(place, accountOf(place, "patient", 1));
    const device = await pairWearable(patient, patientIdOf(place, 1), place);
    expect(device.nats.servers).toEqual([`${stack.url.replace("https", "wss")}/nats`]);
    // The registry travels to the broker's callout by event.
    const door = await until(
      () => natsDoor(device, stack.ca()).catch(() => null),
      (opened) => opened !== null,
      "login at the broker",
    );
    const at = new Date(Date.now() - 60_000).toISOString();
    const readings = [{ code: heartRate, value: 66, unit: "/min", at }];
    const verdict = await door?.send(JSON.stringify({ boot: randomBytes(8).toString("hex"), seq: 0, readings }));
    door?.close();
    expect(verdict).toEqual({ acked: 0, refused: [], code: null });
    const query = { patientId: patientIdOf(place, 1), code: heartRate, from: at, to: at, resolution: "raw" };
    await until(
      () => patient.call(listReadings, { query: { ...query, to: new Date(Date.parse(at) + 1_000).toISOString() } }),
      ({ items }) => items.length === 1,
      "the reading stored",
    );
  }, 60_000);

  test("containers run without root, cannot write outside their folders, and have no right they do not need", async () => {
    const found = await stack.containers();
    expect(found.filter(({ isStep }) => !isStep).map(({ service }) => service)).toEqual(
      [...databases, ...processes, ...servers, "demo-devices"].sort(),
    );
    const database = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"];
    for (const container of found) {
      const { service, HostConfig: host, Config, isStep } = container;
      const allowed = service.endsWith("-db")
        ? database
        : service === "caddy"
          ? ["NET_BIND_SERVICE"]
          : isStep
            ? ["CHOWN", "DAC_OVERRIDE", "FOWNER"]
            : [];
      const rights = (host.CapAdd ?? []).map((name) => name.replace(/^CAP_/, "")).filter((name) => !allowed.includes(name));
      const seen = {
        service,
        readOnly: host.ReadonlyRootfs,
        privileged: host.Privileged,
        dropped: host.CapDrop,
        rights,
        noNew: (host.SecurityOpt ?? []).some((option) => option.startsWith("no-new-privileges")),
        shares: host.NetworkMode === "host" || host.PidMode === "host",
        limited: host.Memory > 0 && (host.PidsLimit ?? 0) > 0,
        hostFolders: container.Mounts.filter(({ Type, RW }) => Type === "bind" && RW).map(({ Source }) => Source),
      };
      expect(seen).toEqual({
        service,
        readOnly: true,
        privileged: false,
        dropped: ["ALL"],
        rights: [],
        noNew: true,
        shares: false,
        limited: true,
        hostFolders: [],
      });
      if (isStep) continue;
      if (!service.endsWith("-db")) expect([service, Config.User]).toEqual([service, "10001:10001"]);
      const users = (await dockerOut(["top", container.Id, "-eo", "uid,pid"]))
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/)[0]);
      expect([service, users.includes("0")]).toEqual([service, false]);
      const write = await docker(["exec", "--user", "0:0", container.Id, "sh", "-c", "echo x >/usr/bin/x"]);
      expect([service, write.status === 0]).toEqual([service, false]);
    }
  }, 60_000);

  test("a service reaches its own database and no other; only what must has a way out", async () => {
    const networks = await Promise.all(
      (await stack.containers())
        .filter(({ isStep }) => !isStep)
        .map(
          async ({ service, NetworkSettings }) =>
            [service, Object.keys(NetworkSettings.Networks).map((name) => name.replace(`${stack.project}_`, ""))] as const,
        ),
    );
    const on = (network: string) => networks.filter(([, names]) => names.includes(network)).map(([service]) => service);
    for (const name of databases) expect([name, on(name)]).toEqual([name, [name.replace(/-db$/, ""), name].sort()]);
    // Analytics are read from the gold tables, by a login that sees nothing else.
    const withDatabases = networks.flatMap(([service, names]) =>
      databases.includes(service) ? names.filter((name) => !databases.includes(name)) : [],
    );
    expect(withDatabases).toEqual(["doctor-to-gold"]);
    expect(on("doctor-to-gold")).toEqual(["doctor", "pipeline-db"]);
    expect(on("lake")).toEqual(["minio", "pipeline"]);
    const listed = await dockerOut(["network", "ls", "-q", "--filter", `label=com.docker.compose.project=${stack.project}`]);
    const open = (
      JSON.parse(await dockerOut(["network", "inspect", ...listed.trim().split("\n")])) as { Name: string; Internal: boolean }[]
    )
      .filter(({ Internal }) => !Internal)
      .map(({ Name }) => Name.replace(`${stack.project}_`, ""));
    expect(open.sort()).toEqual(["calendars", "outside", "public"]);
    // Doctors' calendars elsewhere are read from the internet.
    expect(on("calendars")).toEqual(["appointment"]);
    expect([...on("outside"), ...on("public")].sort()).toEqual(["caddy", "notification"]);
    const knock = await inside(await stack.container("appointment"), "timeout", "2", "bash", "-c", "exec 3<>/dev/tcp/patient-db/5432");
    expect(knock.status).not.toBe(0);
    const home = await inside(await stack.container("appointment"), "timeout", "2", "bash", "-c", "exec 3<>/dev/tcp/appointment-db/5432");
    expect(home.status).toBe(0);
  }, 30_000);

  const noSecretShows = async () => {
    const { demo } = place;
    const clinic = [...demo.accounts.map(({ password }) => password), ...demo.devices.map(({ token }) => token)];
    const installation = await secretsOf(stack);
    const inPlaces: string[] = [];
    for (const container of await stack.containers()) {
      for (const [where, text] of Object.entries(await visibleOf(container))) {
        if ([...installation, ...clinic].some((secret) => text.includes(secret))) inPlaces.push(where);
      }
    }
    const logs = (await stack.logs()).split("\n");
    for (const line of logs) {
      // The logins of a demo clinic are told in one place, on purpose.
      const secrets = /^demo-seed-\d+ /.test(line) ? installation : [...installation, ...clinic];
      if (secrets.some((secret) => line.includes(secret))) inPlaces.push(`log of ${line.split(" ")[0]}`);
    }
    expect(logs.length).toBeGreaterThan(100);
    expect(inPlaces).toEqual([]);
  };
  test("no secret shows in a setting, an image, a command line, an environment or a log", noSecretShows, 90_000);

  test("memory stays within bounds", async () => {
    const ids = (await stack.containers()).filter(({ isStep }) => !isStep).map(({ Id }) => Id);
    const shown = await dockerOut(["stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", ...ids]);
    const used = shown
      .trim()
      .split("\n")
      .map((line) => {
        const [name = "", amount = ""] = line.split(" ");
        const [, number = "0", unit = "MiB"] = /^([\d.]+)(\w+)$/.exec(amount) ?? [];
        return {
          name: name.replace(`${stack.project}-`, "").replace(/-\d+$/, ""),
          mib: Math.round(Number(number) * (unit === "GiB" ? 1024 : unit === "MiB" ? 1 : 0)),
        };
      });
    note(
      `memory, MiB: ${used.map(({ name, mib }) => `${name} ${mib}`).join(", ")}; together ${used.reduce((sum, { mib }) => sum + mib, 0)}`,
    );
    expect((await stack.containers()).filter(({ State }) => State.OOMKilled)).toEqual([]);
  }, 60_000);

  /** The light load of the last tests: a device, a patient who books, and somebody who asks every service all the time. */
  let patient: Caller;
  let stream: Stream;
  let bookings: Bookings;
  let probes: Probes;
  let loadFrom = "";
  async function startLoad(): Promise<void> {
    const doctor = await signIn(place, accountOf(place, "doctor"));
    const admin = await signIn(place, accountOf(place, "admin"));
    // One whose only other device is for replays: nothing else measures at the same time.
    patient = await signIn(place, accountOf(place, "patient", 1));
    const device = await pairWearable(patient, patientIdOf(place, 1), place);
    const { doctorId, reasonId } = doctorOf(place, 4);
    loadFrom = new Date(Date.now() - 1_000).toISOString();
    stream = await startStream({ url: stack.url, token: device.token, ca: stack.ca() });
    bookings = await startBookings(patient, { doctorId, reasonId }, 1_500);
    const good = async (caller: Caller, path: string) => {
      const { status } = await caller.send("GET", path);
      return status === 200;
    };
    const today = new Date().toISOString().slice(0, 10);
    probes = startProbes(
      {
        "pages (gateway)": () => good(patient, "/"),
        "session (auth)": () => good(patient, me.path),
        "profile (patient)": () => good(patient, getMyProfile.path),
        "directory (doctor)": () => good(patient, searchDoctors.path),
        "times (appointment)": () => good(patient, pathOf(listSlots, {}, { doctorId, reasonId, from: today, to: today })),
        "messages (notification)": () => good(patient, inbox.path),
        "alerts (alert)": () => good(doctor, listAlerts.path),
        "readings (ingest)": () => good(patient, `/api/readings/latest?patientId=${patientIdOf(place, 1)}`),
        "runs (pipeline)": () => good(admin, listRuns.path),
        "operations (all)": async () => {
          const { json } = await admin.send("GET", getOps.path);
          return opsSchema.parse(json).processes.every(({ state }) => state === "ready");
        },
      },
      400,
    );
    await probes.allAnswer(20_000);
  }
  /** Everything that was promised while the load ran is there, once. */
  async function nothingLost(): Promise<string> {
    expect(await stream.end()).toBe(true);
    await bookings.end();
    await probes.end();
    expect(bookings.faults).toEqual([]);
    expect([...stream.refused]).toEqual([]);
    expect(stream.acked.size).toBe(stream.sent.size);
    expect([stream.acked.size > 20, bookings.made.length > 2]).toEqual([true, true]);
    const query = {
      patientId: patientIdOf(place, 1),
      code: heartRate,
      from: loadFrom,
      to: new Date(Date.now() + 60_000).toISOString(),
      resolution: "raw",
    };
    const own = async () => (await patient.call(listReadings, { query })).items as { at: string; value: number }[];
    const stored = (
      await until(
        own,
        (items) => items.filter(({ at }) => stream.sent.has(at)).length >= stream.acked.size,
        "every acknowledged reading stored",
        60_000,
      )
    ).filter(({ at }) => stream.sent.has(at));
    expect(stored.map(({ at, value }) => [at, value])).toEqual([...stream.sent].sort(([a], [b]) => a.localeCompare(b)));

    const { doctorId } = doctorOf(place, 4);
    const period = { from: new Date().toISOString(), to: new Date(Date.now() + 60 * 86_400_000).toISOString() };
    const since = bookings.made[0]?.bookedAt ?? "";
    const doctor = await signIn(place, accountOf(place, "doctor", 4));
    const mine = (items: Awaited<ReturnType<typeof allVisits>>) =>
      items.filter((visit) => visit.patientId === patientIdOf(place, 1) && visit.bookedAt >= since);
    const made = bookings.made.map(({ id, start }) => `${start} ${id}`).sort();
    for (const visits of [await allVisits(patient, {}), await allVisits(doctor, { doctorId, ...period })]) {
      expect(
        mine(visits)
          .filter((visit) => visit.doctorId === doctorId && visit.status === "booked")
          .map(({ id, start }) => `${start} ${id}`)
          .sort(),
      ).toEqual(made);
    }
    // Each visit has its one confirmation, sent.
    const ids = new Set<string>(bookings.made.map(({ id }) => id));
    const messages = await until(
      async () => (await allMessages(patient)).filter(({ appointmentId }) => appointmentId !== undefined && ids.has(appointmentId)),
      (items) => items.filter(({ status }) => status === "sent").length >= ids.size,
      "a confirmation for each visit",
      60_000,
    );
    const perVisit = Map.groupBy(
      messages.filter(({ template }) => template === "appointment-booked"),
      ({ appointmentId }) => appointmentId,
    );
    expect([perVisit.size, ...new Set([...perVisit.values()].map((all) => all.length))]).toEqual([ids.size, 1]);
    return `${stream.acked.size} readings and ${bookings.made.length} bookings, none lost, none doubled`;
  }
  async function allVisits(caller: Caller, query: Record<string, string>) {
    const items: (typeof bookings.made)[number][] = [];
    let cursor: string | undefined;
    do {
      const page = await caller.call(listAppointments, { query: { ...query, limit: "200", ...(cursor ? { cursor } : {}) } });
      items.push(...page.items);
      cursor = page.next;
    } while (cursor);
    return items;
  }
  async function allMessages(caller: Caller) {
    const items: Awaited<ReturnType<typeof caller.call<typeof inbox>>>["items"] = [];
    let cursor: string | undefined;
    do {
      const page = await caller.call(inbox, { query: { limit: "200", ...(cursor ? { cursor } : {}) } });
      items.push(...page.items);
      cursor = page.next;
    } while (cursor);
    return items;
  }

  test("every container that crashes is back, and nothing that was promised is lost or doubled", async () => {
    await startLoad();
    const took: Record<string, string> = {};
    for (const service of [...processes, ...databases, ...servers, "demo-devices"]) {
      const before = await stack.container(service);
      const startedAt = performance.now();
      await crash(before);
      await eventually(
        async () => {
          const now = await stack.container(service);
          return now.State.Status === "running" && now.State.StartedAt !== before.State.StartedAt && (await isHealthy(now));
        },
        backWithinMs,
        `${service} healthy after a crash`,
      );
      const healthyMs = performance.now() - startedAt;
      await probes.allAnswer(backWithinMs).catch((error: Error) => {
        throw new Error(`after the crash of ${service}: ${error.message}`);
      });
      took[service] = `${seconds(healthyMs)}/${seconds(performance.now() - startedAt)}`;
    }
    note(
      `crash, s to healthy / to everything answering: ${Object.entries(took)
        .map(([name, text]) => `${name} ${text}`)
        .join(", ")}`,
    );
    note(`crashes: ${await nothingLost()}`);
    await runPipeline();
  }, 480_000);

  test("an upgrade under load: new images, migrated forward, nothing that was promised is lost or doubled", async () => {
    await stack.build(secondVersion);
    const before = await stack.containers();
    await startLoad();
    await Bun.sleep(3_000);
    for (const meter of [probes, stream, bookings]) meter.forget();
    const took = await stack.up();
    await probes.allAnswer(60_000);
    const silences = {
      ...probes.longestSilenceMs(),
      "device (acknowledgements)": stream.longestSilenceMs(),
      bookings: bookings.longestSilenceMs(),
    };
    note(
      `upgrade took ${seconds(took)} s; longest silence, s: ${Object.entries(silences)
        .map(([name, ms]) => `${name} ${seconds(ms)}`)
        .join(", ")}`,
    );
    await Bun.sleep(2_000);
    note(`upgrade: ${await nothingLost()}`);

    // Compose also replaces what depends on a container that is replaced (github.com/docker/compose/issues/10308): told, not judged.
    const idOf = new Map(before.map(({ service, Id }) => [service, Id]));
    const replaced = (await stack.containers()).filter(({ service, Id }) => idOf.get(service) !== Id).map(({ service }) => service);
    for (const service of [...processes, "migrate", "secrets"]) expect(replaced).toContain(service);
    note(
      `upgrade replaced of the servers: ${[...databases, ...servers].filter((service) => replaced.includes(service)).join(", ") || "none"}`,
    );
    const images = (await stack.containers()).filter(({ service }) => processes.includes(service));
    expect([...new Set(images.map(({ Config }) => Config.Labels["org.opencontainers.image.version"]))]).toEqual([secondVersion]);
    expect((await stack.demo()).demo).toEqual(place.demo);
    await runPipeline();
  }, 300_000);

  test("after crashes and an upgrade, still no secret shows", noSecretShows, 90_000);

  test("down leaves nothing behind", async () => {
    await stack.down();
    expect(await containersOf(stack.project)).toEqual([]);
    const volumes = await dockerOut(["volume", "ls", "-q", "--filter", `label=com.docker.compose.project=${stack.project}`]);
    expect(volumes.trim()).toBe("");
  }, 150_000);
});

describe.skipIf(why !== null)("a clinic of its own in containers", () => {
  let stack: Stack;
  let anyone: Caller;
  let link = "";
  const email = "first.admin@clinic.example";
  const password = "girafe turquoise sous la pluie";
  beforeAll(async () => {
    stack = await makeStack({ demo: false, version: secondVersion });
    if ((await docker(["image", "inspect", `episante:${secondVersion}`])).status !== 0) await stack.build(secondVersion);
    const took = await stack.up();
    anyone = makeCaller(stack.url, [], stack.ca());
    note(`an empty clinic is healthy after ${seconds(took)} s`);
  }, 900_000);
  afterAll(async () => {
    await stack?.down();
  }, 150_000);

  test("it starts empty, and its log holds the first administrator's link", async () => {
    expect((await stack.containers()).filter(({ service }) => service.startsWith("demo"))).toEqual([]);
    expect((await anyone.call(searchDoctors)).items).toEqual([]);
    const told = await stack.compose(["logs", "--no-color", "--no-log-prefix", "first-admin"]);
    expect(told).toContain(email);
    const links = told.match(/https:\S+\/console\/invitation#[\w-]{40,}/g) ?? [];
    expect(links).toHaveLength(1);
    link = links[0] ?? "";
    expect(link).toStartWith(`${stack.url}/console/invitation#`);
  });

  test("the link works once, and another start makes no second one", async () => {
    const invitation = new URL(link).hash.slice(1);
    await anyone.call(acceptInvitation, { body: { invitation, password } });
    const again = await anyone.ask(acceptInvitation, { body: { invitation, password } });
    expect(again.code).toBe("code-used");
    const admin = makeCaller(stack.url, [], stack.ca());
    await admin.call(login, { body: { email, password } });
    expect((await admin.call(me)).memberships.map(({ role }) => role)).toEqual(["admin"]);
    const { installation, processes: told } = await admin.call(getOps);
    expect(installation).toMatchObject({ mode: "production", testClock: false });
    expect(told.filter(({ state }) => state !== "ready")).toEqual([]);
    await stack.up();
    const links = (await stack.compose(["logs", "--no-color", "--no-log-prefix", "first-admin"])).match(/invitation#/g);
    expect(links).toHaveLength(1);
  }, 120_000);

  test("it refuses what only a demo may do: replay devices, a clock that is set, the mail of others", async () => {
    const body = { advanceSeconds: 60 };
    expect((await anyone.send("POST", testClockPath, jsonOf(body))).status).toBe(404);
    const patient = makeCaller(stack.url, [], stack.ca());
    const person = {
      givenName: "Nadia",
      familyName: "Keller",
      birthDate: "1958-11-09",
      email: "nadia@patients.example",
      password,
      locale: "fr" as const,
    };
    const { patientId } = await patient.call(register, { body: person });
    const pairing = await until(
      () => patient.ask(createPairing, { body: { patientId } }),
      ({ status }) => status === 201,
      "a pairing code",
    );
    const { code } = pairing.json as { code: string };
    const replayer = await anyone.ask(pair, { body: { code, model: "Test", serial: "1", kind: "replay" } });
    expect([replayer.status, replayer.code]).toEqual([403, "forbidden"]);
    expect((await patient.ask(captured)).code).toBe("not-found");
  }, 60_000);

  test("a real clinic does not become a demo", async () => {
    const asked = stack.compose(["--profile", "demo", "run", "--rm", "--no-deps", "demo-mode"]);
    await expect(asked).rejects.toThrow(/holds a real clinic; the demo needs one of its own/);
    expect((await anyone.call(searchDoctors)).items).toEqual([]);
  }, 60_000);
});
