import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Endpoint } from "@episante/contracts/endpoint";
import { exportHours, exportVisits, importHours, importVisits } from "@episante/contracts/transfer";
import type { CallInternal } from "@episante/service/call";
import { newId } from "@episante/service/ids";
import { adminActor, doctorActor, staffActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { type Harness, harness } from "@episante/testkit/service";
import { bookingWorld, type World } from "../../test/world.ts";
import { routes } from "../app.ts";

let world: World;
let app: Harness;
const asked: string[] = [];
beforeAll(async () => {
  world = await bookingWorld();
  const nothing = async (endpoint: Endpoint) => {
    asked.push(endpoint.id);
    return { items: [], givenName: "Claire", familyName: "Morel" };
  };
  app = await harness({ service: "appointment", routes: routes({ ...world.deps, callInternal: nothing as unknown as CallInternal }) });
});
afterAll(() => world.close());

const visits = () => ({ clinicId: world.clinicId, text: "médecin,patient,motif,début\nMorel,7,Suivi,2026-11-24 09:00", dryRun: false });
const hours = () => ({ clinicId: world.clinicId, text: `médecin,jour,de,à\n${world.doctorId},1,09:00,12:00`, dryRun: true });
const ofClinic = () => ({ actor: world.staff, query: { clinicId: world.clinicId } });
refusals(importVisits, async () => ({ harness: app, accepted: { actor: world.staff, body: visits() } }));
refusals(importHours, async () => ({ harness: app, accepted: { actor: world.staff, body: hours() } }));
refusals(exportVisits, async () => ({ harness: app, accepted: ofClinic() }));
refusals(exportHours, async () => ({ harness: app, accepted: ofClinic() }));

test("members of another clinic neither import nor export here, learn not even that it exists, and make nobody else ask for names", async () => {
  asked.length = 0;
  for (const actor of [staffActor(), adminActor()]) {
    for (const clinicId of [world.clinicId, newId("cli", 0)]) {
      for (const [endpoint, body] of [[importVisits, visits()] as const, [importHours, hours()] as const])
        expectProblem(await app.call(endpoint, { actor, body: { ...body, clinicId } }), 404, "not-found");
      for (const endpoint of [exportVisits, exportHours])
        expectProblem(await app.call(endpoint, { actor, query: { clinicId } }), 404, "not-found");
    }
  }
  expect(asked).toEqual([]);
});

test("a doctor of the clinic alone neither imports nor exports", async () => {
  const actor = doctorActor({ clinicId: world.clinicId, doctorId: world.doctorId });
  expectProblem(await app.call(importVisits, { actor, body: visits() }), 403, "forbidden");
  expectProblem(await app.call(exportVisits, { actor, query: { clinicId: world.clinicId } }), 403, "forbidden");
});

test("a doctor of another clinic is no doctor of this file, whatever id it names", async () => {
  const { owner } = world.database;
  const [clinicId, doctorId] = [newId("cli", 0), newId("doc", 0)];
  await owner`insert into clinics values (${clinicId}, 'Europe/Paris', 'Autre', '2 rue B, Lyon', 'epoch')`;
  await owner`insert into doctors (doctor_id, clinic_id, is_active, changed_at) values (${doctorId}, ${clinicId}, true, 'epoch')`;
  const answer = await app.call(importHours, {
    actor: world.staff,
    body: { clinicId: world.clinicId, text: `médecin,jour,de,à\n${doctorId},1,09:00,12:00`, dryRun: false },
  });
  expect(answer.json).toMatchObject({ imported: false, faults: [{ row: 2, column: "doctor", code: "unknown-doctor" }] });
});
