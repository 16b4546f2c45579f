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

function codeOf(error: unknown): unknown {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  return (cause as { code?: unknown } | null)?.code;
}
