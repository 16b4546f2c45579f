import { expect, test } from "bun:test";
import fc from "fast-check";
import { deviceOfTopic, packetMeter } from "./mqtt-packets.ts";

/** A packet with a rest of so many bytes, its length in as many bytes as MQTT says. */
function packet(length: number): number[] {
  const bytes = [0x32];
  let left = length;
  do {
    bytes.push((left % 128) | (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return [...bytes, ...new Array<number>(length).fill(0xff)];
}
/** Cuts bytes at these places. */
function cut(bytes: number[], places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((end, index) => Uint8Array.from(bytes.slice(sorted[index], end)));
}

test("packets pass exactly when none is too long, however the bytes are cut", () => {
  const lengths = fc.array(fc.oneof(fc.nat(300), fc.constantFrom(0, 127, 128, 16_383, 16_384)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(lengths, fc.array(fc.nat(), { maxLength: 8 }), fc.constantFrom(0, 127, 200, 16_384), (found, places, most) => {
      const meter = packetMeter();
      const chunks = cut(found.flatMap(packet), places);
      expect(chunks.every((chunk) => meter(chunk, most))).toBe(found.every((length) => length <= most));
    }),
  );
});

test("a length of more than four bytes is none", () => {
  expect(packetMeter()(Uint8Array.of(0x32, 0x80, 0x80, 0x80, 0x80, 0x01), 2 ** 40)).toBe(false);
  expect(packetMeter()(Uint8Array.of(0x32, 0xff, 0xff, 0xff, 0x7f), 268_435_455)).toBe(true);
});

test("only the readings of one device are a topic", () => {
  const id = `dev_${"0a".repeat(16)}`;
  expect(deviceOfTopic(`dev/${id}/readings`)).toBe(id);
  const wrong = [
    "",
    "dev/*/readings",
    "dev/>/readings",
    "dev/+/readings",
    "#",
    "$SYS/x",
    `$share/g/dev/${id}/readings`,
    `dev/${id}/readings/`,
  ];
  for (const topic of [
    ...wrong,
    `dev/${id} /readings`,
    `dev.${id}.readings`,
    `/dev/${id}/readings`,
    `dev/${id}/other`,
    `dev/${id}/readings\n`,
  ])
    expect(deviceOfTopic(topic)).toBeNull();
});
