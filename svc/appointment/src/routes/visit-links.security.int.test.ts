import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { appointmentForMessage, book } from "@episante/contracts/appointment";
import { answerLink, readLink } from "@episante/contracts/visit-link";
import { patientActor, serviceActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { bookingWorld, freshKey, tuesdayNine, type World } from "../../test/world.ts";
import { writeLink } from "../domain/visit-link.ts";
import { linkKeyOf } from "../link-key.ts";

let world: World;
let visitId: string;
let signed: string;
beforeAll(async () => {
  world = await bookingWorld();
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
  visitId = (await world.harness.call(book, { actor: world.patient, body, headers: freshKey() })).json.id;
  signed = (await world.harness.call(appointmentForMessage, { actor: serviceActor("notification"), params: { id: visitId } })).json.signed;
});
afterAll(() => world.close());

describe("refusals every endpoint gives", () => {
  refusals(readLink, async () => ({ harness: world.harness, accepted: { params: { signed } } }));
  refusals(answerLink, async () => ({ harness: world.harness, accepted: { params: { signed }, body: { action: "confirm" } } }));
});

test("forged, unknown, another patient's and another time's links answer in the same words, and change nothing", async () => {
  const { linkKey } = world.deps;
  if (!linkKey) throw new Error("no key");
  const good = { appointmentId: visitId, patientId: world.patient.patientId, startMs: Date.parse(tuesdayNine) };
  const otherKey = linkKeyOf(JSON.stringify({ d: Buffer.alloc(32, 8).toString("base64url") }));
  const wrong = [
    writeLink(otherKey, good),
    writeLink(linkKey, { ...good, appointmentId: `apt_${"0".repeat(32)}` }),
    writeLink(linkKey, { ...good, patientId: patientActor().patientId ?? "" }),
    writeLink(linkKey, { ...good, startMs: good.startMs + 1 }),
    writeLink(linkKey, { ...good, startMs: world.clock.now() - 1 }),
    `${signed.slice(0, -1)}${signed.endsWith("A") ? "E" : "A"}`,
    signed.slice(1),
    "x",
    "' or 1=1",
  ];
  const before = await world.database.owner`select status, version from appointments`;
  const told = new Set<string>();
  for (const one of wrong) {
    const seen = await world.harness.call(readLink, { params: { signed: one } });
    const tried = await world.harness.call(answerLink, { params: { signed: one }, body: { action: "cancel" } });
    for (const refused of [seen, tried]) {
      expectProblem(refused, 404, "not-found");
      told.add(JSON.stringify({ ...refused.json, traceId: "" }));
    }
  }
  expect(told.size).toBe(1);
  expect([...(await world.database.owner`select status, version from appointments`)]).toEqual([...before]);
});

test("a link opens its own visit only: to the rest of the service its holder is nobody", async () => {
  const answer = await world.harness.fetch(
    new Request(`http://service.test/api/appointments/${visitId}`, { headers: { authorization: `Bearer ${signed}` } }),
  );
  expect(answer.status).toBe(401);
});

test("what is sent beyond an action and a reason is refused", async () => {
  for (const body of [{}, { action: "move" }, { action: "cancel", reason: "x".repeat(301) }, { action: "confirm", id: visitId }])
    expect((await world.harness.call(answerLink, { params: { signed }, body })).status).toBe(422);
});
