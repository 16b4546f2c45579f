import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  acceptInvitation,
  accountProfile,
  bootstrap,
  endMembership,
  invite,
  listClinics,
  listMembers,
  login,
  updateClinic,
} from "@episante/contracts/auth";
import { newId } from "@episante/service/ids";
import { serviceActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { accept, clinicFacts, local, newMember, newPerson, password, startClinic, startWorld, type World } from "../../test/world.ts";

let world: World;
let clinic: Awaited<ReturnType<typeof startClinic>>;
let other: Awaited<ReturnType<typeof startClinic>>;
beforeAll(async () => {
  world = await startWorld();
  clinic = await startClinic(world);
  other = await startClinic(world);
});
afterAll(() => world.close());

const someone = () => ({ email: newPerson().email, givenName: "Ada", familyName: "Roche" });
refusals(listClinics, async () => ({ harness: world, accepted: {} }));
refusals(listMembers, async () => ({ harness: world, accepted: { actor: clinic.admin } }));
refusals(updateClinic, async () => ({
  harness: world,
  accepted: { actor: clinic.admin, params: { id: clinic.clinicId }, body: clinicFacts },
}));
refusals(invite, async () => ({ harness: world, accepted: { actor: clinic.admin, body: newMember(clinic.clinicId, "staff") } }));
refusals(endMembership, async () => {
  const invited = await world.call(invite, { actor: clinic.admin, body: newMember(clinic.clinicId, "staff") });
  return { harness: world, accepted: { actor: clinic.admin, params: { id: invited.json.id } } };
});
refusals(acceptInvitation, async () => {
  const invited = await world.call(invite, { actor: clinic.admin, body: newMember(clinic.clinicId, "staff") });
  return { harness: world, accepted: { body: { invitation: invited.json.invitation, password }, headers: local } };
});
refusals(bootstrap, async () => ({
  harness: world,
  accepted: { actor: serviceActor("operator"), body: { clinic: clinicFacts, admin: someone() } },
}));
refusals(accountProfile, async () => ({
  harness: world,
  accepted: { actor: serviceActor("notification"), params: { id: (await world.signUp()).actor.accountId } },
}));

test("to another clinic's admin a clinic and its members do not exist", async () => {
  const same = {
    ...(await world.call(updateClinic, { actor: other.admin, params: { id: newId("cli", 0) }, body: clinicFacts })).json,
    traceId: "",
  };
  expect(same.code).toBe("not-found");
  const foreign = await world.call(updateClinic, { actor: other.admin, params: { id: clinic.clinicId }, body: clinicFacts });
  expect({ ...foreign.json, traceId: "" }).toEqual(same);
  const asked = await world.call(invite, { actor: other.admin, body: newMember(clinic.clinicId, "admin") });
  expect({ ...asked.json, traceId: "" }).toEqual(same);
  const invited = await world.call(invite, { actor: clinic.admin, body: newMember(clinic.clinicId, "staff") });
  const ended = await world.call(endMembership, { actor: other.admin, params: { id: invited.json.id } });
  expect({ ...ended.json, traceId: "" }).toEqual(same);
  await accept(world, invited.json.invitation);
  const members = await world.call(listMembers, { actor: other.admin });
  expect(members.json.items.map((item: { clinicId: string }) => item.clinicId)).toEqual([other.clinicId]);
  const record = (await world.audits("auth.end-membership")).at(-1);
  expect(record).toMatchObject({ outcome: "denied", reason: "not-found" });
});

test("an invitation cannot take over an account: a known e-mail is refused, from any clinic", async () => {
  const { person } = await world.signUp();
  const taken = await world.call(invite, { actor: clinic.admin, body: newMember(clinic.clinicId, "staff", { email: person.email }) });
  expectProblem(taken, 409, "email-taken");
  const waiting = newMember(clinic.clinicId, "staff");
  expect((await world.call(invite, { actor: clinic.admin, body: waiting })).status).toBe(201);
  expectProblem(await world.call(invite, { actor: other.admin, body: { ...waiting, clinicId: other.clinicId } }), 409, "email-taken");
  expectProblem(await world.call(invite, { actor: clinic.admin, body: { ...waiting, role: "admin" } }), 409, "email-taken");
});

test("an invited member cannot sign in before choosing a password, and has no session", async () => {
  const invited = await world.call(invite, { actor: clinic.admin, body: newMember(clinic.clinicId, "admin") });
  const answer = await world.call(login, {
    body: { email: invited.json.email, password },
    headers: { ...local, "x-real-ip": "192.0.2.77" },
  });
  expectProblem(answer, 401, "login-failed");
});

test("of fifty parallel uses of one invitation one succeeds", async () => {
  const invited = await world.call(invite, { actor: clinic.admin, body: newMember(clinic.clinicId, "staff") });
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      world.call(acceptInvitation, { body: { invitation: invited.json.invitation, password }, headers: local }),
    ),
  );
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  expect(answers.filter((answer) => answer.json.code === "code-used")).toHaveLength(49);
});

test("an invitation dies after 72 hours, with its membership, and with a weak password it stays open", async () => {
  const late = await world.call(invite, { actor: clinic.admin, body: newMember(clinic.clinicId, "staff") });
  const ended = await world.call(invite, { actor: clinic.admin, body: newMember(clinic.clinicId, "staff") });
  await world.call(endMembership, { actor: clinic.admin, params: { id: ended.json.id } });
  const use = (invitation: string, chosen = password) =>
    world.call(acceptInvitation, { body: { invitation, password: chosen }, headers: local });
  expectProblem(await use(ended.json.invitation), 409, "code-used");
  expectProblem(await use(late.json.invitation, "passwordpassword"), 422, "weak-password");
  world.clock.advance(72 * 3_600_000);
  expectProblem(await use(late.json.invitation), 422, "code-expired");
});

test("guessing invitations is limited per address", async () => {
  const headers = { ...local, "x-real-ip": "192.0.2.99" };
  const guess = (number: number) =>
    world.call(acceptInvitation, { body: { invitation: `guess-number-${number}-of-a-secret`, password }, headers });
  for (let turn = 0; turn < 30; turn++) expectProblem(await guess(turn), 422, "code-expired");
  expectProblem(await guess(31), 429, "too-many-requests");
});

test("the secret of an invitation is stored as a hash only", async () => {
  const invited = await world.call(invite, { actor: clinic.admin, body: newMember(clinic.clinicId, "staff") });
  const [row] =
    await world.owner`select row_to_json(i)::text || (select coalesce(string_agg(payload, ''), '') from outbox) as everything from invitations i order by id desc limit 1`;
  expect(String(row?.everything)).not.toContain(invited.json.invitation);
});

test("on a bare http address no password is chosen", async () => {
  const invited = await world.call(invite, { actor: clinic.admin, body: newMember(clinic.clinicId, "staff") });
  const body = { invitation: invited.json.invitation, password };
  const headers = { ...local, "x-forwarded-host": "clinic.example" };
  expectProblem(await world.call(acceptInvitation, { body, headers }), 403, "https-required");
  expect((await world.call(acceptInvitation, { body, headers: { ...headers, "x-forwarded-proto": "https" } })).status).toBe(200);
});
