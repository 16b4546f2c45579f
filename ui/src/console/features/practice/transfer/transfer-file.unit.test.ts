import { expect, test } from "bun:test";
import { linesOf, readBytes } from "./transfer-file.ts";

test("UTF-8 is read as it is, an old Windows file with its accents and told so, a program or a workbook not at all", () => {
  expect(readBytes(new TextEncoder().encode("\uFEFFnom;prénom"))).toEqual({ text: "nom;prénom", isOld: false });
  expect(readBytes(Uint8Array.from([0x5a, 0x6f, 0xe9, 0x20, 0x80]))).toEqual({ text: "Zoé €", isOld: true });
  expect(readBytes(Uint8Array.from([0x50, 0x4b, 0x03, 0x04, 0x00]))).toEqual({ fault: "binary" });
  expect(readBytes(Uint8Array.from([0xe9, 0x01]))).toEqual({ fault: "binary" });
  expect(readBytes(new Uint8Array(2 * 1024 * 1024 + 1).fill(65))).toEqual({ fault: "size" });
});

test("lines are counted as the server counts them", () => {
  expect(linesOf("a\r\nb\rc\nd")).toEqual(["a", "b", "c", "d"]);
});
