import type { Tx } from "@episante/service/db";

/** Takes everything back that `run` did: a rehearsal is the real thing. @returns what it said */
export async function takenBack<R>(tx: Tx, run: (inner: Tx) => Promise<R>): Promise<R> {
  let told: { readonly answer: R } | undefined;
  try {
    await tx.transaction(async (inner) => {
      told = { answer: await run(inner) };
      inner.rollback();
    });
  } catch (error) {
    if (!told) throw error;
  }
  if (!told) throw new Error("nothing was told");
  return told.answer;
}
