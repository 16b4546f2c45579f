import { afterAll, beforeAll, expect, test } from "bun:test";
import { getClosures, importClosures, previewSchedule, putClosures, whyNot } from "@episante/contracts/appointment";
import type { Endpoint } from "@episante/contracts/endpoint";
import { adminActor, doctorActor, staffActor } from "@episante/testkit/actors";
import { type Accepted, refusals } from "@episante/testkit/refusals";
import { bookingWorld, tuesdayNine, type World, weekdays } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await bookingWorld();
});
afterAll(() => world.close());

const ofClinic = () => ({ actor: world.staff, query: { clinicId: world.clinicId } });
const draft = () => ({ schedule: weekdays, reasonId: world.reasons.r20, week: "2026-11-24" });
const file = () => ({ clinicId: world.clinicId, format: "csv", text: "2026-12-25,Noël", dryRun: false });
const asked = () => ({ doctorId: world.doctorId, reasonId: world.reasons.r20, at: tuesdayNine });

const positive: [Endpoint, () => Accepted][] = [
  [previewSchedule, () => ({ actor: world.doctor, params: { doctorId: world.doctorId }, body: draft() })],
  [getClosures, ofClinic],
  [putClosures, () => ({ ...ofClinic(), body: { items: [] } })],
  [importClosures, () => ({ actor: world.staff, body: file() })],
  [whyNot, () => ({ actor: world.staff, query: asked() })],
];
for (const [endpoint, accepted] of positive) refusals(endpoint, async () => ({ harness: world.harness, accepted: accepted() }));

test("members of another clinic learn nothing, not even whether the clinic or doctor exists", async () => {
  const { harness } = world;
  const unknown = { clinicId: `cli_${"0".repeat(32)}` };
  for (const actor of [staffActor(), adminActor()]) {
    for (const query of [{ clinicId: world.clinicId }, unknown]) {
      expect((await harness.call(getClosures, { actor, query })).json.code).toBe("not-found");
      expect((await harness.call(putClosures, { actor, query, body: { items: [] } })).json.code).toBe("not-found");
      expect((await harness.call(importClosures, { actor, body: { ...file(), ...query } })).json.code).toBe("not-found");
    }
  }
  for (const actor of [staffActor(), doctorActor()]) {
    expect((await harness.call(whyNot, { actor, query: asked() })).json.code).toBe("not-found");
    const preview = await harness.call(previewSchedule, { actor, params: { doctorId: world.doctorId }, body: draft() });
    expect(preview.json.code).toBe("not-found");
  }
});

test("a colleague sees why a time is not bookable, and neither previews nor changes somebody else's hours", async () => {
  const colleague = doctorActor({ clinicId: world.clinicId, doctorId: world.otherDoctorId });
  expect((await world.harness.call(whyNot, { actor: colleague, query: asked() })).status).toBe(200);
  const preview = await world.harness.call(previewSchedule, { actor: colleague, params: { doctorId: world.doctorId }, body: draft() });
  expect(preview.json.code).toBe("not-found");
});
