import { expect, test } from "bun:test";
import type { Ops } from "@episante/contracts/ops";
import { makeMetrics } from "@episante/service/metrics";
import { makeGatewayMetrics } from "./metrics.ts";

type Facts = Pick<Ops, "disks" | "backup" | "certificate" | "broker">;
const facts = (more: Partial<Facts>): Facts => ({
  disks: [{ name: "data", freeBytes: 10, totalBytes: 100, state: "low" }],
  backup: { state: "never" },
  certificate: { state: "none" },
  broker: { up: true, streams: [{ name: "DLQ", messages: 3, bytes: 300 }] },
  ...more,
});
async function exposed(...told: Facts[]): Promise<string[]> {
  const { registry, make } = makeMetrics("gateway");
  const { installation } = makeGatewayMetrics(make);
  for (const one of told) installation(one);
  const text = (await registry.metrics()).replaceAll('service="gateway"', "").replaceAll(",}", "}").replaceAll("{}", "");
  return text.split("\n").filter((line) => /^(backup|certificate|data_disk|broker)_/.test(line) && !/^certificate_state.* 0$/.test(line));
}

test("disks, streams and a backup that never ran are exposed; without a certificate there is no date of its end", async () => {
  expect(await exposed(facts({}))).toEqual([
    "backup_last_success_timestamp_seconds 0",
    'certificate_state{state="none"} 1',
    'data_disk_free_bytes{disk="data"} 10',
    'data_disk_size_bytes{disk="data"} 100',
    'broker_stream_messages{stream="DLQ"} 3',
    'broker_stream_bytes{stream="DLQ"} 300',
  ]);
});

test("a backup counts only when it ended well, and a certificate that is gone is no longer dated", async () => {
  const at = "2026-01-15T08:00:00.000Z";
  const seconds = Date.parse(at) / 1000;
  const valid = facts({ backup: { state: "done", at, bytes: 1 }, certificate: { state: "valid", expiresAt: at } });
  expect(await exposed(valid)).toContain(`backup_last_success_timestamp_seconds ${seconds}`);
  expect(await exposed(valid)).toContain(`certificate_expiry_timestamp_seconds ${seconds}`);
  const worse = facts({ backup: { state: "failed", at, bytes: 1 }, certificate: { state: "unreachable" } });
  const after = await exposed(valid, worse);
  expect(after).toContain("backup_last_success_timestamp_seconds 0");
  expect(after.filter((line) => line.startsWith("certificate_"))).toEqual(['certificate_state{state="unreachable"} 1']);
});
