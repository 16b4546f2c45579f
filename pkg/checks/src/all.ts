import {
  directions,
  domainIsPure,
  drizzleOnlyInStorage,
  envOnlyInConfig,
  honoOnlyInRoutes,
  notToMain,
  testkitInTestsOnly,
} from "./boundaries.ts";
import {
  citedPathsExist,
  dictionariesAgree,
  exactVersions,
  migrationsAppendOnly,
  noMachineNames,
  noRawColours,
  sqlNamedLikeTables,
  testsAreNamed,
} from "./files.ts";
import { noCircular, noOrphans } from "./graph.ts";
import {
  consumersMayRead,
  contractEndpoints,
  endpointsBoundOnce,
  endpointsHaveSecurityTests,
  eventsHaveOneOwner,
  routesAreThin,
} from "./registry.ts";
import type { Check, Finding, Tree } from "./tree.ts";

/** Every rule of the repository. */
const checks: readonly Check[] = [
  directions,
  domainIsPure,
  drizzleOnlyInStorage,
  honoOnlyInRoutes,
  testkitInTestsOnly,
  notToMain,
  envOnlyInConfig,
  noCircular,
  noOrphans,
  routesAreThin,
  eventsHaveOneOwner,
  consumersMayRead,
  async (tree) => endpointsBoundOnce(tree, await contractEndpoints(tree)),
  async (tree) => endpointsHaveSecurityTests(tree, await contractEndpoints(tree)),
  migrationsAppendOnly,
  citedPathsExist,
  noRawColours,
  dictionariesAgree,
  exactVersions,
  noMachineNames,
  sqlNamedLikeTables,
  testsAreNamed,
];

/** Runs every rule over a tree. */
export async function findAll(tree: Tree): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...(await check(tree)));
  return findings;
}
