import { describe, expect, test } from "bun:test";
import { attentionCodes, type NotReadyReason } from "@episante/contracts/ops";
import fc from "fast-check";
import { attentionOf, backupState, certificateState, consumerState, diskState, type OpsFacts, readerState, reasonOf } from "./judge.ts";

const now = Date.parse("2026-01-15T08:00:00Z");
const hours = 3_600_000;
const at = (ms: number) => new Date(ms).toISOString();

/** An installation in which nothing needs anybody, changed in the given parts. */
function facts(change: Partial<OpsFacts> = {}): OpsFacts {
  return {
    installation: { version: "0.1.0", mode: "production", testClock: false },
    processes: [
      { name: "gateway", state: "ready", reasons: [] },
      { name: "alert", state: "ready", reasons: [], outboxPending: 0 },
    ],
    databases: [{ service: "alert", state: "up" }],
    broker: { up: true, isDurable: true, streams: [] },
    readers: [
      { service: "alert", reader: "rules", partition: 0, lag: 0, state: "current", quietSeconds: 1 },
      { service: "alert", reader: "rules", partition: 1, lag: 0, state: "current", quietSeconds: 1 },
    ],
    consumers: { total: 20, behind: [] },
    mirrors: [{ service: "doctor", owner: "patient", fresh: true, heardSecondsAgo: 1 }],
    disks: [{ name: "data", freeBytes: 50, totalBytes: 100, state: "enough" }],
    backup: { state: "done", at: at(now - hours), bytes: 1 },
    certificate: { state: "valid" },
    ...change,
  };
}
const told = (change: Partial<OpsFacts>, outboxAge?: ReadonlyMap<string, number>) =>
  attentionOf(facts(change), outboxAge).map(({ code, level, name, value }) =>
    [level, code, name, value].filter((part) => part !== undefined),
  );

describe("each part is judged by itself", () => {
  test("a disk is low below 15 % and next to full below 5 %; one that cannot be measured is not called roomy", () => {
    expect([100, 15, 14.9, 5, 4.9, 0].map((free) => diskState(free, 100))).toEqual(["enough", "enough", "low", "low", "full", "full"]);
    expect(diskState(0, 0)).toBe("unknown");
  });

  test("a backup: never, done, old after 36 hours, failed however young, unreadable", () => {
    expect(backupState(undefined, now)).toBe("never");
    expect(backupState(null, now)).toBe("unreadable");
    expect(backupState({ at: at(now - 35 * hours), ok: true }, now)).toBe("done");
    expect(backupState({ at: at(now - 37 * hours), ok: true }, now)).toBe("old");
    expect(backupState({ at: at(now), ok: false }, now)).toBe("failed");
  });

  test("a certificate expires soon with a fifth of its life left, or three weeks for a long one", () => {
    const of = (lifeHours: number, leftHours: number, coversName = true) =>
      certificateState({ validFromMs: now - (lifeHours - leftHours) * hours, validToMs: now + leftHours * hours, coversName }, now);
    expect(certificateState(undefined, now)).toBe("none");
    expect(certificateState(null, now)).toBe("unreachable");
    // The installation's own authority: 12 hours, renewed with 4 left.
    expect([4, 2.5, 2.3, 0].map((left) => of(12, left))).toEqual(["valid", "valid", "expiring", "expired"]);
    // A public one: 90 days, renewed with 30 left.
    expect([30, 19, 17].map((left) => of(90 * 24, left * 24))).toEqual(["valid", "valid", "expiring"]);
    expect([22, 20].map((left) => of(3650 * 24, left * 24))).toEqual(["valid", "expiring"]);
    expect(of(12, 8, false)).toBe("wrong-name");
    expect(certificateState({ validFromMs: now + 1, validToMs: now + hours, coversName: true }, now)).toBe("expired");
  });

  test("a reader moves, catches up, or stands still, whatever its lag says", () => {
    expect(readerState({ lag: 0, quietSeconds: 1 })).toBe("current");
    expect(readerState({ lag: 40_000, quietSeconds: 1 })).toBe("catching-up");
    expect(readerState({ lag: 0, quietSeconds: 15 })).toBe("still");
  });

  test("a reason is told as one of a closed list: no address or folder of the store goes with it", () => {
    expect(reasonOf("database")).toBe("database");
    expect(reasonOf("object store not reachable at 10.0.0.7:9000; it is tried again by itself")).toBe("store-unreachable");
    expect(reasonOf("the object store at 10.0.0.7 has no bucket lake; check S3_BUCKET")).toBe("store-refused");
    expect(reasonOf("the folder /data/lake cannot be written (EACCES); check its owner and mode")).toBe("store-refused");
    expect(reasonOf("disk full: the object store at 10.0.0.7 has no room")).toBe("store-full");
    expect(reasonOf("something at 10.0.0.7")).toBe("other");
  });

  test("a consumer with nothing to do is current however long ago it had something; with work it must have been given some", () => {
    expect(consumerState(0, undefined)).toBe("current");
    expect(consumerState(0, 9e9)).toBe("current");
    expect(consumerState(3, 1_000)).toBe("catching-up");
    expect(consumerState(3, 30_000)).toBe("still");
    expect(consumerState(3, undefined)).toBe("still");
  });
});

describe("what needs somebody", () => {
  test("nothing, when all is well; and no certificate is no fault where none is served", () => {
    expect(told({})).toEqual([]);
    expect(told({ certificate: { state: "none" } })).toEqual([]);
  });

  test("a process that is down or not ready; one that stops on purpose weighs less", () => {
    const process = (state: "down" | "not-ready", ...reasons: NotReadyReason[]) => told({ processes: [{ name: "alert", state, reasons }] });
    expect(process("down")).toEqual([["critical", "process-down", "alert"]]);
    expect(process("not-ready", "database")).toEqual([["critical", "process-not-ready", "alert"]]);
    expect(process("not-ready", "stopping")).toEqual([["warning", "process-not-ready", "alert"]]);
    expect(process("not-ready", "stopping", "nats")).toEqual([["critical", "process-not-ready", "alert"]]);
  });

  test("a database that does not answer, but not one whose service is silent: that fault is told once", () => {
    expect(told({ databases: [{ service: "alert", state: "down" }] })).toEqual([["critical", "database-down", "alert"]]);
    expect(told({ databases: [{ service: "alert", state: "unknown" }] })).toEqual([]);
  });

  test("a broker that is away, or that does not promise to write before it confirms, or does not say so", () => {
    expect(told({ broker: { up: false, streams: [] } })).toEqual([["critical", "broker-down"]]);
    expect(told({ broker: { up: true, isDurable: false, streams: [] } })).toEqual([["critical", "broker-not-durable"]]);
    expect(told({ broker: { up: true, streams: [] } })).toEqual([["critical", "broker-not-durable"]]);
  });

  test("a reader once, with all its partitions: standing still, or far behind", () => {
    const readers = (...parts: ["current" | "catching-up" | "still", number][]) =>
      told({
        readers: parts.map(([state, lag], partition) => ({ service: "alert", reader: "rules", partition, lag, state, quietSeconds: 0 })),
      });
    expect(readers(["still", 5], ["still", 7])).toEqual([["critical", "reader-still", "alert · rules", 12]]);
    expect(readers(["catching-up", 600], ["catching-up", 500])).toEqual([["warning", "reader-behind", "alert · rules", 1_100]]);
    expect(readers(["catching-up", 600], ["current", 0])).toEqual([]);
  });

  test("a consumer that stands still, a stale mirror, events that wait to be published", () => {
    const behind = (state: "still" | "catching-up") => ({ total: 9, behind: [{ name: "doctor-x-on-y", stream: "EVENTS", lag: 2, state }] });
    expect(told({ consumers: behind("still") })).toEqual([["warning", "consumer-still", "doctor-x-on-y", 2]]);
    expect(told({ consumers: behind("catching-up") })).toEqual([]);
    expect(told({ mirrors: [{ service: "doctor", owner: "patient", fresh: false }] })).toEqual([
      ["warning", "mirror-stale", "doctor ← patient"],
    ]);
    const waiting: Partial<OpsFacts> = { processes: [{ name: "alert", state: "ready", reasons: [], outboxPending: 3 }] };
    expect(told(waiting, new Map([["alert", 2]]))).toEqual([]);
    expect(told(waiting, new Map([["alert", 15]]))).toEqual([["warning", "outbox-waiting", "alert", 3]]);
  });

  test("disk, backup and certificate, each of their bad states", () => {
    const disk = (state: "low" | "full" | "unknown", freeBytes: number) =>
      told({ disks: [{ name: "data", freeBytes, totalBytes: state === "unknown" ? 0 : 1_000, state }] });
    expect(disk("low", 149)).toEqual([["warning", "disk-low", "data", 14]]);
    expect(disk("full", 49)).toEqual([["critical", "disk-full", "data", 4]]);
    expect(disk("unknown", 0)).toEqual([["warning", "disk-unknown", "data"]]);
    const backup = (["never", "old", "failed", "unreadable"] as const).flatMap((state) => told({ backup: { state } }));
    expect(backup).toEqual([
      ["warning", "backup-never"],
      ["warning", "backup-old"],
      ["critical", "backup-failed"],
      ["warning", "backup-unreadable"],
    ]);
    const certificate = (["unreachable", "expiring", "expired", "wrong-name"] as const).flatMap((state) =>
      told({ certificate: { state } }),
    );
    expect(certificate).toEqual([
      ["warning", "certificate-unreachable"],
      ["warning", "certificate-expiring"],
      ["critical", "certificate-expired"],
      ["critical", "certificate-wrong-name"],
    ]);
  });

  test("a clock that can be moved and a demonstration are said", () => {
    expect(told({ installation: { version: "", mode: "demo", testClock: true } })).toEqual([
      ["warning", "test-clock"],
      ["notice", "demo"],
    ]);
  });

  test("the worst comes first, whatever is found", () => {
    const level = { critical: 0, warning: 1, notice: 2 };
    fc.assert(
      fc.property(
        fc.constantFrom<OpsFacts["backup"]["state"]>("done", "never", "old", "failed", "unreadable"),
        fc.constantFrom<OpsFacts["certificate"]["state"]>("none", "valid", "expiring", "expired", "wrong-name", "unreachable"),
        fc.boolean(),
        fc.boolean(),
        (backup, certificate, up, demo) => {
          const found = attentionOf(
            facts({
              backup: { state: backup },
              certificate: { state: certificate },
              broker: { up, isDurable: up, streams: [] },
              installation: { version: "", mode: demo ? "demo" : "production", testClock: demo },
            }),
          );
          const levels = found.map((one) => level[one.level]);
          expect(levels).toEqual(levels.toSorted());
          for (const one of found) expect(attentionCodes).toContain(one.code);
        },
      ),
    );
  });
});
