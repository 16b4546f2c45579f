import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  acceptRelative,
  endProxy,
  endRelative,
  listProxies,
  listRelatives,
  requestRelative,
  verifyProxy,
} from "@episante/contracts/patient";
import type { UserActor } from "@episante/contracts/session";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { adminActor, staffActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { startWorld, type World } from "../../test/world.ts";

let world: World;
const clinicId = newId("cli", 0);
const staff = staffActor(clinicId);
const child = { givenName: "Léo", familyName: "Fontaine", birthDate: "2015-06-01", basis: "parent", scopes: ["book"] };
const proof = { basis: "parent", seen: "Livret de famille" };
const unknown = { id: newId("prx", 0) };
beforeAll(async () => {
  world = await startWorld();
  await world.clinicOpened(clinicId);
});
afterAll(() => world.close());

refusals(listRelatives, async () => ({ harness: world, accepted: { actor: await world.newPatient() } }));
refusals(requestRelative, async () => ({ harness: world, accepted: { actor: await world.newPatient(), body: child } }));
refusals(acceptRelative, async () => ({ harness: world, accepted: { actor: await world.newPatient(), params: unknown, body: {} } }));
refusals(endRelative, async () => ({ harness: world, accepted: { actor: await world.newPatient(), params: unknown } }));
refusals(listProxies, async () => ({ harness: world, accepted: { actor: staff } }));
refusals(verifyProxy, async () => ({ harness: world, accepted: { actor: staff, params: unknown, body: proof } }));
refusals(endProxy, async () => ({ harness: world, accepted: { actor: staff, params: unknown } }));

async function asked(actor: UserActor, more: Record<string, unknown> = {}) {
  return String((await world.call(requestRelative, { actor, body: { ...child, ...more } })).json.id);
}
const plain = (answer: { status: number; json: Record<string, unknown> }) => ({
  status: answer.status,
  body: { ...answer.json, traceId: "" },
});

test("a link of other people reads as an id that never was, for patients and for other clinics", async () => {
  const parent = await world.newPatient();
  const id = await asked(parent);
  const stranger = await world.newPatient();
  for (const params of [{ id }, unknown]) {
    const tries = [
      await world.call(acceptRelative, { actor: stranger, params, body: {} }),
      await world.call(endRelative, { actor: stranger, params }),
      await world.call(verifyProxy, { actor: staffActor(), params, body: proof }),
      await world.call(endProxy, { actor: adminActor(), params }),
    ];
    expect(new Set(tries.map((answer) => JSON.stringify(plain(answer)))).size).toBe(1);
    for (const answer of tries) expectProblem(answer, 404, "not-found");
  }
  expect((await world.call(listRelatives, { actor: stranger })).json.items).toEqual([]);
  expect((await world.call(listProxies, { actor: staffActor() })).json).toEqual({ items: [] });
  expect((await world.call(listRelatives, { actor: parent })).json.items).toMatchObject([{ id, status: "requested" }]);
});

test("the answer to a request does not say whether the relative has a file, nor what it holds", async () => {
  const known = await world.newPatient({ givenName: "Paul", birthDate: "1980-02-03" });
  const [file] = await world.owner`select file_number from patients where id = ${known.patientId}`;
  const fileNumber = String(file?.file_number);
  const of = async (birthDate: string, number: string) => {
    const actor = await world.newPatient();
    const body = { ...child, givenName: "Paul", birthDate, basis: "spouse-consent", fileNumber: number };
    await world.call(requestRelative, { actor, body });
    const [item] = (await world.call(listRelatives, { actor })).json.items;
    const { id: _, ...rest } = item;
    return JSON.stringify(rest);
  };
  const right = await of("1980-02-03", fileNumber);
  expect(await of("1980-02-03", "P999999")).toBe(right);
  expect(await of("1981-02-03", fileNumber)).toBe(right.replace("1980-02-03", "1981-02-03"));
  expect((await world.call(listRelatives, { actor: known })).json.items).toHaveLength(1);
});

test("nobody verifies a link of their own, nor one to themselves", async () => {
  const parent = await world.newPatient();
  const id = await asked(parent);
  const clerk = { ...parent, memberships: staff.memberships };
  expectProblem(await world.call(verifyProxy, { actor: clerk, params: { id }, body: proof }), 403, "forbidden");
  const self = await world.call(verifyProxy, { actor: staff, params: { id }, body: { ...proof, patientId: parent.patientId } });
  expectProblem(self, 422, "invalid-input");
});

test("staff link only patients their clinic knows, and a relative's rights are never widened", async () => {
  const [parent, foreign] = [await world.newPatient(), await world.newPatient()];
  const id = await asked(parent);
  const verify = (body: Record<string, unknown>) => world.call(verifyProxy, { actor: staff, params: { id }, body: { ...proof, ...body } });
  expectProblem(await verify({ patientId: foreign.patientId }), 404, "not-found");
  expectProblem(await verify({ scopes: ["record"] }), 422, "invalid-input");
  expectProblem(await verify({ basis: "carer-mandate" }), 422, "invalid-input");
  expectProblem(await verify({ until: "2020-01-01" }), 422, "invalid-input");
  expect((await world.call(listRelatives, { actor: parent })).json.items[0].status).toBe("requested");
});

test.each([
  { scopes: [] },
  { scopes: ["book", "book"] },
  { scopes: ["admin"] },
  { birthDate: "2999-01-01" },
  { birthDate: "2026-02-30" },
  { basis: "spouse-consent" },
  { givenName: "" },
  { givenName: "a\nb" },
  { until: "2026-03-01" },
  { status: "active" },
])("a bad request is refused: %p", async (more) => {
  const answer = await world.call(requestRelative, { actor: await world.newPatient(), body: { ...child, ...more } });
  expect(["invalid-input", "unknown-field"]).toContain(answer.json.code);
  expectProblem(answer, 422, answer.json.code);
});

test("twenty open requests are the most one account has", async () => {
  const actor = await world.newPatient();
  for (let index = 0; index < 20; index++) await asked(actor, { givenName: `Enfant ${String.fromCharCode(65 + index)}` });
  const more = await world.call(requestRelative, { actor, body: { ...child, givenName: "Un de plus" } });
  expectProblem(more, 429, "too-many-requests");
});

test("two clerks who verify at once make one file and one link", async () => {
  const parent = await world.newPatient();
  const id = await asked(parent, { givenName: "Unique" });
  const verify = () => world.call(verifyProxy, { actor: staff, params: { id }, body: proof });
  const answers = await Promise.all([verify(), verify(), verify()]);
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409]);
  expect(await world.owner`select id from patients where given_name = 'Unique'`).toHaveLength(1);
});

test("row-level security hides links without context and those of others with one", async () => {
  const parent = await world.newPatient();
  const id = await asked(parent);
  const { db } = world.deps;
  expect(await db.bulk.unsafe("select * from proxies")).toHaveLength(0);
  const [flags] = await world.owner`select relrowsecurity and relforcerowsecurity as forced from pg_class where relname = 'proxies'`;
  expect(flags?.forced).toBe(true);
  const seen = await db.transaction(grant.patients([parent.patientId]), (tx) => tx.execute("select id from proxies"));
  expect(seen.map((row) => row.id)).toEqual([id]);
});

test("names never reach events, audit records or the log", async () => {
  const parent = await world.newPatient();
  const id = await asked(parent, { givenName: "Canaryname", familyName: "Canaryfamily" });
  await world.call(verifyProxy, { actor: staff, params: { id }, body: { ...proof, seen: "Canary paper" } });
  const outbox = await world.owner`select payload from outbox`;
  const said = [...world.lines, ...outbox.map((row) => String(row.payload))].join("\n").toLowerCase();
  expect(said).not.toContain("canary");
});
