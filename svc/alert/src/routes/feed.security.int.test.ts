import { afterAll, beforeAll, describe } from "bun:test";
import { alertFeed } from "@episante/contracts/alert";
import { refusals } from "@episante/testkit/refusals";
import type { Harness } from "@episante/testkit/service";
import { makeWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

/** As the harness calls, but an opened feed is let go instead of read to its end, which never comes. */
const callFeed: Harness["call"] = async (endpoint, { actor, headers: given } = {}) => {
  const headers = new Headers(given);
  if (actor && actor.kind !== "anonymous" && actor.kind !== "system")
    headers.set("authorization", `Bearer ${await world.api.tokenFor(actor)}`);
  const response = await world.api.fetch(new Request(`http://service.test${endpoint.path}`, { headers }));
  if (response.status === 200) {
    await response.body?.cancel();
    return { status: 200, json: {}, text: "", headers: response.headers };
  }
  const text = await response.text();
  return { status: response.status, json: JSON.parse(text), text, headers: response.headers };
};

describe("refusals every endpoint gives", () => {
  refusals(alertFeed, async () => ({ harness: { ...world.api, call: callFeed }, accepted: { actor: world.doctor } }));
});
