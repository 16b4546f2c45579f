import { searchDoctors } from "@episante/contracts/doctor";
import { isRefusal } from "@episante/contracts/problem";
import { PgDialect } from "drizzle-orm/pg-core";
import { planSearch } from "../src/actions/search-doctors.ts";
import { directoryPage } from "../src/storage/directory.ts";

/**
 * `bun page-sql.ts`: queries of the search as JSON lines on stdin, the one statement that answers each as JSON lines `{text, params}`.
 * For measuring the statement without the product around it, and for `explain`.
 */
const dialect = new PgDialect();
for (const line of (await Bun.stdin.text()).split("\n").filter(Boolean)) {
  const plan = planSearch(searchDoctors.query?.parse(JSON.parse(line)) ?? {}, Date.now());
  if (isRefusal(plan)) throw new Error(`${line} is refused: ${plan.refused}`);
  const { sql: text, params } = dialect.sqlToQuery(directoryPage(plan));
  process.stdout.write(`${JSON.stringify({ text, params })}\n`);
}
