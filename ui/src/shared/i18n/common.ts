import type { CallProblem } from "../lib/call.ts";
import { commonEn } from "./en.ts";
import { commonFr } from "./fr.ts";
import { translator } from "./i18n.ts";

/** Words shared by both apps. */
export const tc = translator({ fr: commonFr, en: commonEn });

/** Codes after which only the people who run the service can help: their sentence carries the reference. */
const withReference = new Set<string>(["internal-error", "upstream-unreachable", "not-ready", "capacity-exhausted", "unknown"]);

/** A problem as a sentence for people, in the language on screen. A code without its own sentence gets a general one with the reference. */
export function problemText(problem: Pick<CallProblem, "code" | "traceId">): string {
  const key = `problem.${problem.code}`;
  const known = Object.hasOwn(commonFr, key);
  const sentence = tc((known ? key : "problem.unknown") as "problem.unknown");
  const wantsReference = problem.traceId !== "" && (!known || withReference.has(problem.code));
  return wantsReference ? `${sentence} ${tc("app.reference", { trace: String(problem.traceId) })}` : sentence;
}
