import { describe, expect, test } from "bun:test";
import { passwordFault, refusedPassword } from "./invitation.ts";

describe("a first password", () => {
  test("counts characters as people see them, without spaces around", () => {
    expect(passwordFault("")).toBe("missing");
    expect(passwordFault("court mais joli")).toBeUndefined();
    expect(passwordFault("quatorze car. ")).toBe("too-short");
    expect(passwordFault("   abcde   fghi   ")).toBe("too-short");
    expect(passwordFault("🙂🙃😀😁😂🤣😃😄😅😆😉😊😋😎😍")).toBeUndefined();
    expect(passwordFault("ababababababababab")).toBe("too-uniform");
    expect(passwordFault("x1y2z".repeat(60))).toBe("too-long");
  });
  test("takes the server's reason, and a general one when it gives none we know", () => {
    expect(refusedPassword([{ code: "personal" }])).toBe("personal");
    expect(refusedPassword(undefined)).toBe("common");
  });
});
