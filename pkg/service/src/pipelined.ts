/**
 * Statements of one transaction that were sent without waiting for each other; Postgres runs them in the order they were sent.
 * Unlike `Promise.all` it waits for every answer when one fails: what follows an answer must not reach the connection after the roll-back,
 * where another transaction may have begun. @throws the first failure in the order given
 */
export async function pipelined<T extends readonly unknown[]>(statements: T): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(statements);
  const failed = settled.filter(({ status }) => status === "rejected");
  // Behind the statement that failed, the others only say that the transaction is aborted (25P02).
  const first = failed.find((one) => one.status === "rejected" && codeOf(one.reason) !== "25P02") ?? failed[0];
  if (first?.status === "rejected") throw first.reason;
  return settled.map((one) => (one.status === "fulfilled" ? one.value : undefined)) as { -readonly [K in keyof T]: Awaited<T[K]> };
}

/**
 * Resolves when every statement asked for so far is handed to its connection: what builds one waits for promises only, never for another
 * turn of the event loop. For a statement that must come behind others and needs none of their answers, as a commit.
 */
export const handedOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function codeOf(error: unknown): unknown {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  return (cause as { code?: unknown } | null)?.code;
}
