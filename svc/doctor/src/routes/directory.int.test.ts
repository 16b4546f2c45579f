import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { getDoctor, listReasons, putMyProfile, putMyReasons, searchDoctors, suggestDoctors } from "@episante/contracts/doctor";
import type { UserActor } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";
import { doctorActor } from "@episante/testkit/actors";
import { consultation, directoryWorld, profile, startMs, type World } from "../../test/world.ts";
import { indexOutdatedDoctors } from "../jobs/index-outdated-doctors.ts";
import { moveOpeningsOnJob } from "../jobs/move-openings-on.ts";

let world: World;
beforeEach(async () => {
  world = await directoryWorld();
});
afterEach(() => world.close());

const search = async (query: Record<string, string | number> = {}) => (await world.harness.call(searchDoctors, { query })).json;
const names = async (query: Record<string, string | number> = {}): Promise<string[]> =>
  (await search(query)).items.map((item: { familyName: string }) => item.familyName);
const publish = (actor: UserActor, more: Record<string, unknown> = {}) =>
  world.harness.call(putMyProfile, { actor, body: { ...profile, ...more } });
const setReasons = (actor: UserActor, reasons: unknown[]) => world.harness.call(putMyReasons, { actor, body: { reasons } });

describe("the directory", () => {
  test("lists a doctor from publishing on, with the clinic's place, and no draft", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    await world.join("Draft", "Only");
    expect(await names()).toEqual([]);
    expect((await world.harness.call(getDoctor, { params: { id: doctor.doctorId } })).json.code).toBe("not-found");
    const published = await publish(doctor);
    expect(published).toMatchObject({
      status: 200,
      json: { familyName: "Lefèvre", clinicName: "Clinique des Terreaux", city: "Lyon", lat: 45.767 },
    });
    const shown = await world.harness.call(getDoctor, { params: { id: doctor.doctorId } });
    expect(shown.json).toEqual({ ...published.json, video: false });
    expect(shown.json.nextSlotAt).toBeUndefined();
    expect(await names()).toEqual(["Lefèvre"]);
  });

  test("an ended membership takes the doctor off it, an older event does not bring the doctor back", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    await publish(doctor);
    const [membershipId, { accountId, doctorId }] = [newId("mbr", startMs), doctor];
    const changed = { membershipId, accountId, doctorId, clinicId: world.clinicId, role: "doctor" } as const;
    world.clock.advance(1000);
    await world.receive("membership.changed", { ...changed, status: "ended" });
    expect(await names()).toEqual([]);
    world.clock.advance(-500);
    await world.receive("membership.changed", { ...changed, status: "active" });
    expect(await names()).toEqual([]);
  });

  test("finds by name and speciality in both languages, accents ignored, and by language and speciality", async () => {
    await publish(await world.join("Zoé", "Lefèvre"));
    await publish(await world.join("Jean", "Martin"), { specialty: "dermatology", languages: ["fr", "ar"] });
    expect(await names({ q: "lefevre" })).toEqual(["Lefèvre"]);
    expect(await names({ q: "ZOÉ cardiologue" })).toEqual(["Lefèvre"]);
    expect(await names({ q: "skin" })).toEqual(["Martin"]);
    expect(await names({ q: "èfevre" })).toEqual(["Lefèvre"]);
    expect(await names({ q: "fevre" })).toEqual([]);
    expect(await names({ q: "%" })).toHaveLength(2);
    expect(await names({ language: "ar" })).toEqual(["Martin"]);
    expect(await names({ specialty: "cardiology" })).toEqual(["Lefèvre"]);
    expect(await names({ q: "martin", specialty: "cardiology" })).toEqual([]);
  });

  test("sorts and limits by distance", async () => {
    await publish(await world.join("A", "Lyon"));
    await publish(await world.join("B", "Villeurbanne"), { lat: 45.771, lng: 4.88 });
    await publish(await world.join("C", "Paris"), { lat: 48.8566, lng: 2.3522 });
    const near = "45.767,4.834";
    expect(await names({ near, sort: "distance" })).toEqual(["Lyon", "Villeurbanne", "Paris"]);
    expect(await names({ near, sort: "distance", radiusKm: 50 })).toEqual(["Lyon", "Villeurbanne"]);
    const paris = (await search({ near, q: "paris" })).items[0];
    expect(paris.distanceKm).toBeGreaterThan(388);
    expect(paris.distanceKm).toBeLessThan(396);
    for (const query of [{ sort: "distance" }, { radiusKm: 5 }, { near: "95,0" }]) {
      expect((await search(query as Record<string, string | number>)).code).toBe("invalid-input");
    }
  });

  test("pages in every order without losing or repeating anybody", async () => {
    for (let index = 0; index < 7; index++) await publish(await world.join("Same", `Name${index % 3}`));
    for (const query of [{ sort: "name" }, { sort: "earliest" }, { sort: "distance", near: "45,4" }]) {
      const seen: string[] = [];
      let cursor = "";
      do {
        const page = await search({ ...query, limit: 3, ...(cursor ? { cursor } : {}) });
        seen.push(...page.items.map((item: { id: string }) => item.id));
        cursor = page.next ?? "";
      } while (cursor);
      expect(seen).toHaveLength(7);
      expect(new Set(seen).size).toBe(7);
    }
    expect((await search({ cursor: "made-up" })).code).toBe("invalid-input");
  });
});

describe("the search", () => {
  test("puts doctors with exactly that name first, those with one typing error behind and marked, on every page", async () => {
    for (const [given, family] of [
      ["Zoé", "Marin"],
      ["Ana", "Martin"],
      ["Bob", "Martin"],
      ["Cid", "Martun"],
      ["Dan", "Moreau"],
    ] as const)
      await publish(await world.join(given, family));
    const found = await search({ q: "dr martin", sort: "name" });
    expect(found.items.map((item: Record<string, unknown>) => [item.givenName, item.approximate ?? false])).toEqual([
      ["Ana", false],
      ["Bob", false],
      ["Zoé", true],
      ["Cid", true],
    ]);
    const first = await search({ q: "dr martin", sort: "name", limit: 3 });
    const second = await search({ q: "dr martin", sort: "name", limit: 3, cursor: first.next });
    expect([...first.items, ...second.items]).toEqual(found.items);
    expect(second.next).toBeUndefined();
  });

  test("keeps to every filter, alone and together", async () => {
    const plainDoctor = { languages: ["fr"], sector: "2", wheelchair: false, acceptsNew: false };
    await publish(await world.join("A", "Plain"), plainDoctor);
    await publish(await world.join("B", "Sector"), { ...plainDoctor, sector: "1" });
    await publish(await world.join("C", "Wheels"), { ...plainDoctor, wheelchair: true });
    await publish(await world.join("D", "Open"), { ...plainDoctor, acceptsNew: true, languages: ["fr", "de"] });
    const video = await world.join("E", "Video");
    await publish(video, { ...plainDoctor, acceptsNew: true });
    await setReasons(video, [{ ...consultation, mode: "video" }]);
    const offline = await world.join("F", "Offline");
    await publish(offline, plainDoctor);
    await setReasons(offline, [{ ...consultation, mode: "video", online: false }]);
    expect(await names({ sector: "1" })).toEqual(["Sector"]);
    expect(await names({ wheelchair: "true" })).toEqual(["Wheels"]);
    expect((await names({ acceptsNew: "true" })).sort()).toEqual(["Open", "Video"]);
    expect(await names({ video: "true" })).toEqual(["Video"]);
    expect(await names({ acceptsNew: "true", language: "de" })).toEqual(["Open"]);
    expect(await names({ video: "true", sector: "1" })).toEqual([]);
    expect((await search({ video: "true" })).items[0].video).toBe(true);
    for (const wrong of [
      { sector: "3" },
      { video: "maybe" },
      { before: "tomorrow" },
      { sort: "price" },
      { reason: "x".repeat(81) },
      { near: "45" },
    ])
      expect((await search(wrong as Record<string, string>)).code).toBe("invalid-input");
  });

  test("by a visit reason shows and sorts by the openings of that reason only, and finds no closed one", async () => {
    const [early, late, closed] = [await world.join("A", "Early"), await world.join("B", "Late"), await world.join("C", "Closed")];
    const vaccination = { ...consultation, name: { fr: "Vaccination", en: "Vaccine" } };
    const starts = {
      [early.doctorId]: ["2026-11-25T08:00:00.000Z", "2026-11-26T08:00:00.000Z"],
      [late.doctorId]: ["2026-11-24T08:00:00.000Z", "2026-11-27T08:00:00.000Z"],
    };
    for (const doctor of [early, late]) {
      await publish(doctor);
      const [usual, vaccine] = (await setReasons(doctor, [consultation, vaccination])).json.items;
      const [first = "", second = ""] = starts[doctor.doctorId] ?? [];
      await world.receive("appointment.openings-changed", {
        doctorId: doctor.doctorId,
        openings: [
          { reasonId: usual.id, starts: [first] },
          { reasonId: vaccine.id, starts: [second] },
        ],
      });
    }
    await publish(closed);
    await setReasons(closed, [{ ...vaccination, online: false }]);
    expect(await names()).toEqual(["Late", "Early", "Closed"]);
    for (const reason of ["vacc", "vaccine", "VACCINATION"]) expect(await names({ reason })).toEqual(["Early", "Late"]);
    expect((await search({ reason: "vacc" })).items[0].nextSlotAt).toBe("2026-11-26T08:00:00.000Z");
    expect(await names({ q: "vaccination" })).toEqual(["Late", "Early"]);
    expect(await names({ before: "2026-11-25T08:00:00.000Z" })).toEqual(["Late"]);
    expect(await names({ before: "2026-11-27T08:00:00.000Z", reason: "vacc", sort: "name" })).toEqual(["Early"]);
    expect(await names({ reason: "radio" })).toEqual([]);
    await setReasons(early, [consultation]);
    expect(await names({ reason: "vacc" })).toEqual(["Late"]);
  });

  test("finds doctors again whom an older version indexed, or none", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    await publish(doctor);
    await setReasons(doctor, [{ ...consultation, name: { fr: "Vaccination", en: "Vaccine" } }]);
    await world.database.owner`update search_keys set keys = '{}', version = 0`;
    await world.database.owner`update reasons set keys = '{}'`;
    expect(await names({ q: "lefevre" })).toEqual([]);
    await indexOutdatedDoctors(world.database);
    expect(await names({ q: "lefevre", reason: "vaccine" })).toEqual(["Lefèvre"]);
    await world.database.owner`delete from search_keys`;
    await indexOutdatedDoctors(world.database);
    expect(await names({ q: "lefevre" })).toEqual(["Lefèvre"]);
  });

  test("pages lose and repeat nobody who stays, while others come, go, and get other openings", async () => {
    const doctors: (Awaited<ReturnType<World["join"]>> & { reasonId: `rea_${string}` })[] = [];
    for (let index = 0; index < 9; index++) {
      const doctor = await world.join("Name", `N${index}`);
      await publish(doctor);
      const [reason] = (await setReasons(doctor, [consultation])).json.items;
      doctors.push({ ...doctor, reasonId: reason.id });
    }
    const open = async (index: number, start: string) => {
      const { doctorId, reasonId } = doctors[index] ?? doctors[0] ?? expect.unreachable();
      await world.receive("appointment.openings-changed", { doctorId, openings: [{ reasonId, starts: [start] }] });
    };
    for (const index of doctors.keys()) await open(index, `2026-11-2${4 + Math.floor(index / 3)}T0${index}:00:00.000Z`);
    const first = await search({ limit: 3 });
    world.clock.advance(1000);
    await open(0, "2026-12-01T08:00:00.000Z"); // shown, moves behind: will be met again
    await open(8, "2026-11-23T08:00:00.000Z"); // not shown yet, moves before: missed by this walk
    await publish(await world.join("New", "Comer"));
    const gone = doctors[4] ?? expect.unreachable();
    await world.receive("membership.changed", {
      membershipId: newId("mbr", startMs),
      accountId: gone.accountId,
      clinicId: world.clinicId,
      role: "doctor",
      doctorId: gone.doctorId,
      status: "ended",
    });
    const seen = first.items.map((item: { familyName: string }) => item.familyName);
    for (let cursor = first.next; cursor; ) {
      const page = await search({ limit: 3, cursor });
      seen.push(...page.items.map((item: { familyName: string }) => item.familyName));
      cursor = page.next;
    }
    expect(seen).toEqual(["N0", "N1", "N2", "N3", "N5", "N6", "N7", "N0", "Comer"]);
  });

  test("pages names of any script", async () => {
    for (const family of ["محمد".repeat(14), "محمد".repeat(15), "Ωμέγα"]) await publish(await world.join("الطبيب", family));
    const first = await search({ sort: "name", limit: 2 });
    const second = await search({ sort: "name", limit: 2, cursor: first.next });
    expect([first.items.length, second.items.length]).toEqual([2, 1]);
    expect(await names({ q: "محمد" })).toHaveLength(2);
  });
});

describe("suggestions", () => {
  const suggest = async (q: string) => (await world.harness.call(suggestDoctors, { query: { q } })).json;

  test("name specialities, open reasons and doctors, with typing errors, and no draft", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    await publish(doctor);
    await setReasons(doctor, [{ ...consultation, name: { fr: "Cardiogramme", en: "Cardiogram" } }]);
    await world.join("Draft", "Lefevre");
    expect((await suggest("cardio")).items).toEqual([
      { kind: "specialty", specialty: "cardiology" },
      { kind: "reason", name: { fr: "Cardiogramme", en: "Cardiogram" } },
    ]);
    const found = { kind: "doctor", id: doctor.doctorId, givenName: "Zoé", familyName: "Lefèvre", specialty: "cardiology" };
    for (const q of ["lef", "dr lefevre", "lefvre"]) expect((await suggest(q)).items).toEqual([found]);
    expect((await suggest("xyz")).items).toEqual([]);
    expect((await suggest("?!")).items).toEqual([]);
    expect((await suggest(" ")).code).toBe("invalid-input");
  });
});

describe("next openings", () => {
  const starts = ["2026-11-24T08:00:00.000Z", "2026-11-24T08:20:00.000Z"];

  test("show the earliest of the open online reasons, and sort doctors without one last", async () => {
    const doctor = await world.join("With", "Openings");
    await publish(await world.join("Without", "Any"));
    await publish(doctor);
    const answer = await setReasons(doctor, [consultation, { ...consultation, online: false }]);
    const [first, byPhone] = answer.json.items.map((reason: { id: string }) => reason.id);
    const openings = [
      { reasonId: byPhone, starts: ["2026-11-23T08:00:00.000Z"] },
      { reasonId: first, starts },
    ];
    await world.receive("appointment.openings-changed", { doctorId: doctor.doctorId, openings });
    expect((await search()).items[0]).toMatchObject({ familyName: "Openings", nextSlotAt: starts[0], nextReasonId: first });
    expect(await names({ sort: "earliest" })).toEqual(["Openings", "Any"]);
    world.clock.set(Date.parse("2026-11-24T08:00:00Z"));
    expect((await search()).items[0].nextSlotAt).toBe(starts[1]);
    world.clock.set(Date.parse("2026-11-24T09:00:00Z"));
    expect((await search()).items[0].nextSlotAt).toBeUndefined();
    world.clock.set(Date.parse("2026-11-24T08:00:00Z"));
    await setReasons(doctor, []);
    const without = (await world.harness.call(getDoctor, { params: { id: doctor.doctorId } })).json;
    expect(without.nextSlotAt).toBeUndefined();
    expect(without.nextReasonId).toBeUndefined();
  });
});

describe("what a list shows of a doctor", () => {
  const shown = async (doctor: { doctorId: string }) =>
    (await search({ sort: "name" })).items.find((item: { id: string }) => item.id === doctor.doctorId);
  const clinic = (more: object) => ({
    clinicId: world.clinicId,
    name: "Clinique des Terreaux",
    zone: "Europe/Paris",
    city: "Lyon",
    address: "1 place des Terreaux",
    phone: "04 00 00 00 00",
    lat: 45.767,
    lng: 4.834,
    ...more,
  });

  test("is what the profile says, and no more", async () => {
    const doctor = await world.join("Zoé", 'd\'Arc "Z"');
    const about = { fr: 'Médecin\nà "Lyon" 🩺', en: "A \\ doctor" };
    const published = (await publish(doctor, { about, address: "2 rue B", lat: 45.5, lng: 4.5 })).json;
    expect(await shown(doctor)).toEqual({ ...published, video: false });
    expect(published).toMatchObject({ about, address: "2 rue B", lat: 45.5, lng: 4.5 });
    const { about: _, address: __, ...without } = (await publish(doctor, { sector: "2" })).json;
    expect(await shown(doctor)).toEqual({ ...without, address: "1 place des Terreaux", video: false });
  });

  test("follows the clinic, of its own doctors only", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    await publish(doctor);
    world.clock.advance(1000);
    await world.receive("clinic.changed", clinic({ name: "Clinique neuve", phone: "05 00 00 00 00", city: "Paris" }));
    expect(await shown(doctor)).toMatchObject({ clinicName: "Clinique neuve", phone: "05 00 00 00 00", city: "Paris" });
    await world.receive("clinic.changed", clinic({ clinicId: newId("cli", startMs), name: "Another" }));
    expect(await shown(doctor)).toMatchObject({ clinicName: "Clinique neuve" });
  });

  test("tells video visits while an open online reason offers them", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    await publish(doctor);
    const video = { ...consultation, mode: "video" };
    const [{ id }] = (await setReasons(doctor, [video])).json.items;
    expect((await shown(doctor)).video).toBe(true);
    for (const [reasons, expected] of [
      [[{ ...video, id, online: false }], false],
      [[{ ...video, id }], true],
      [[{ ...consultation, id }], false],
      [[{ ...video, id }], true],
      [[], false],
    ] as const) {
      await setReasons(doctor, [...reasons]);
      expect((await shown(doctor)).video).toBe(expected);
    }
  });

  test("of two reasons with the same opening names the doctor's first, also when they change places", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    await publish(doctor);
    const { items } = (await setReasons(doctor, [consultation, consultation])).json;
    const [first, second] = items.map(({ id }: { id: string }) => id);
    const starts = ["2026-11-24T08:00:00.000Z"];
    const openings = [second, first].map((reasonId) => ({ reasonId, starts }));
    await world.receive("appointment.openings-changed", { doctorId: doctor.doctorId, openings });
    expect(await shown(doctor)).toMatchObject({ nextSlotAt: starts[0], nextReasonId: first });
    await setReasons(doctor, [items[1], items[0]]);
    expect(await shown(doctor)).toMatchObject({ nextReasonId: second });
    await setReasons(doctor, [items[0]]);
    expect(await shown(doctor)).toMatchObject({ nextSlotAt: starts[0], nextReasonId: first });
  });

  test("waits for the clinic", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    await publish(doctor);
    const clinicId = newId("cli", startMs);
    world.clock.advance(1000);
    const { accountId, doctorId } = doctor;
    const membershipId = newId("mbr", startMs);
    await world.receive("membership.changed", { membershipId, accountId, doctorId, clinicId, role: "doctor", status: "active" });
    expect(await shown(doctor)).toBeUndefined();
    await world.receive("clinic.changed", clinic({ clinicId, name: "Newer" }));
    expect(await shown(doctor)).toMatchObject({ clinicId, clinicName: "Newer" });
  });
});

describe("an opening that has passed", () => {
  test("is not shown and does not sort, before the job comes and after, and its doctor keeps the next one", async () => {
    const open = async (name: string, starts: string[]) => {
      const doctor = await world.join("A", name);
      await publish(doctor);
      const [reason] = (await setReasons(doctor, [consultation])).json.items;
      await world.receive("appointment.openings-changed", { doctorId: doctor.doctorId, openings: [{ reasonId: reason.id, starts }] });
    };
    await open("Early", ["2026-11-23T08:00:00.000Z", "2026-11-25T08:00:00.000Z"]);
    await open("Late", ["2026-11-24T08:00:00.000Z"]);
    await open("Over", ["2026-11-23T08:00:00.000Z"]);
    expect((await names())[2]).toBe("Late");
    world.clock.set(Date.parse("2026-11-23T08:00:00Z"));
    const check = async () => {
      const { items } = await search();
      expect(items.map((item: Record<string, unknown>) => [item.familyName, item.nextSlotAt])).toEqual([
        ["Late", "2026-11-24T08:00:00.000Z"],
        ["Early", "2026-11-25T08:00:00.000Z"],
        ["Over", undefined],
      ]);
      expect(await names({ before: "2026-11-25T00:00:00.000Z", sort: "name" })).toEqual(["Late"]);
    };
    await check();
    await moveOpeningsOnJob.run({ deps: { db: world.database.db } as never, now: world.clock.now() });
    const [row] = await world.database.owner`select count(*)::int as n from doctors where next_at <= ${new Date(world.clock.now())}`;
    expect(row?.n).toBe(0);
    await check();
  });
});

describe("visit reasons", () => {
  const defaults = { bufferBeforeMinutes: 0, bufferAfterMinutes: 0, visitors: "all", mode: "in-person", resourceTypes: [] };
  const plainRules = { online: true, cancelHours: 0, moveHours: 0, ...defaults };
  const strict = {
    ...consultation,
    cancelHours: 24,
    moveHours: 4,
    bufferBeforeMinutes: 5,
    bufferAfterMinutes: 10,
    noticeMinutes: 120,
    horizonDays: 30,
    visitors: "new",
    minAge: 0,
    maxAge: 15,
    dailyCap: 4,
    mode: "video",
    resourceTypes: ["echo-room", "ecg"],
    instructions: { fr: "Soyez à jeun.", en: "Do not eat before." },
    bring: { fr: "Carnet de santé", en: "Health record" },
  };

  test("keep every rule, in the answer, in the public list and in what booking is told, where names are not", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    await publish(doctor);
    const [saved] = (await setReasons(doctor, [strict])).json.items;
    expect(saved).toEqual({ ...strict, id: saved.id });
    expect((await world.harness.call(listReasons, { params: { id: doctor.doctorId } })).json.items).toEqual([saved]);
    const [event] = await world.database.owner`select payload from outbox where type = 'doctor.reasons-changed'`;
    const { name: _, ...told } = saved;
    expect(JSON.parse(event?.payload).data.reasons).toEqual([told]);
    const [relaxed] = (await setReasons(doctor, [{ ...consultation, id: saved.id, cancelHours: 6 }])).json.items;
    expect(relaxed).toEqual({ ...consultation, ...defaults, id: saved.id, cancelHours: 6 });
  });

  test("stored before the rules existed are shown with their defaults", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    await publish(doctor);
    await setReasons(doctor, [strict]);
    await world.database.owner`update reasons set rules = default`;
    const [shown] = (await world.harness.call(listReasons, { params: { id: doctor.doctorId } })).json.items;
    expect(shown).toEqual({ ...consultation, ...defaults, id: shown.id, cancelHours: 24 });
  });

  test("with rules that contradict each other or lie outside their range are refused by path", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    for (const [wrong, path] of [
      [{ minAge: 16, maxAge: 15 }, "maxAge"],
      [{ bufferAfterMinutes: 121 }, "bufferAfterMinutes"],
      [{ bufferBeforeMinutes: -1 }, "bufferBeforeMinutes"],
      [{ dailyCap: 0 }, "dailyCap"],
      [{ resourceTypes: ["Echo room"] }, "resourceTypes"],
      [{ resourceTypes: ["ecg", "ecg"] }, "resourceTypes"],
      [{ resourceTypes: ["a", "b", "c", "d", "e", "f"] }, "resourceTypes"],
      [{ instructions: { fr: "seulement" } }, "instructions"],
      [{ visitors: "nobody" }, "visitors"],
    ] as const) {
      const answer = await setReasons(doctor, [{ ...consultation, ...wrong }]);
      expect([answer.status, answer.json.code]).toEqual([422, "invalid-input"]);
      expect(answer.json.errors[0].path).toContain(path);
    }
  });

  test("known ids are kept, missing ones retired, new ones made, and booking is told", async () => {
    const doctor = await world.join("Zoé", "Lefèvre");
    await publish(doctor);
    const first = (await setReasons(doctor, [consultation, { ...consultation, minutes: 40, cancelHours: 24 }])).json.items;
    expect(first).toMatchObject([
      { minutes: 20, cancelHours: 0 },
      { minutes: 40, cancelHours: 24 },
    ]);
    const second = (await setReasons(doctor, [{ ...consultation, id: first[1].id, minutes: 45 }, consultation])).json.items;
    expect(second[0].id).toBe(first[1].id);
    expect([first[0].id, first[1].id]).not.toContain(second[1].id);
    const shown = await world.harness.call(listReasons, { params: { id: doctor.doctorId } });
    expect(shown.json.items).toEqual(second);
    const events = await world.database.owner`select payload from outbox where type = 'doctor.reasons-changed' order by seq`;
    expect(JSON.parse(events[1]?.payload).data).toEqual({
      doctorId: doctor.doctorId,
      clinicId: world.clinicId,
      reasons: [
        { id: second[0].id, minutes: 45, ...plainRules },
        { id: second[1].id, minutes: 20, ...plainRules },
      ],
    });
  });

  test("another doctor's reason id is not found, the same id twice is wrong", async () => {
    const [doctor, other] = [await world.join("A", "A"), await world.join("B", "B")];
    const { id } = (await setReasons(other, [consultation])).json.items[0];
    expect((await setReasons(doctor, [{ ...consultation, id }])).json.code).toBe("not-found");
    expect(
      (
        await setReasons(other, [
          { ...consultation, id },
          { ...consultation, id },
        ])
      ).json.code,
    ).toBe("invalid-input");
  });

  test("with two memberships the first doctor id is meant", async () => {
    const [one, two] = [await world.join("A", "One"), await world.join("A", "Two")];
    const both = { ...one, memberships: [...one.memberships, ...two.memberships] };
    expect((await publish(both)).json.id).toBe(one.doctorId);
    expect(await names()).toEqual(["One"]);
  });

  test("a doctor who is not known yet gets not-found", async () => {
    expect((await publish(doctorActor())).json.code).toBe("not-found");
  });
});
