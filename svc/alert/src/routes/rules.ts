import { isRefusal } from "@episante/contracts/problem";
import {
  backtest,
  createRule as createEndpoint,
  deleteRule as deleteEndpoint,
  listRules as listEndpoint,
  putRule as putEndpoint,
  listRuleVersions as versionsEndpoint,
} from "@episante/contracts/rule";
import {
  createGroup as createGroupEndpoint,
  deleteGroup as deleteGroupEndpoint,
  effectiveRules as effectiveEndpoint,
  listGroups as listGroupsEndpoint,
  putGroup as putGroupEndpoint,
} from "@episante/contracts/rule-layers";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { backtestRule } from "../actions/backtest-rule.ts";
import { effectiveRules } from "../actions/effective-rules.ts";
import { createGroup, deleteGroup, listGroups, putGroup } from "../actions/groups.ts";
import { listRuleVersions } from "../actions/list-rule-versions.ts";
import { listRules } from "../actions/list-rules.ts";
import { createRule, deleteRule, putRule } from "../actions/write-rule.ts";
import type { AlertDeps } from "../deps.ts";

/** Rules of a clinic, its groups of patients, and trying a draft out. */
export const ruleRoutes = (deps: AlertDeps): BoundRoute[] => [
  bind(backtest, ({ actor, body, token, meta }) => backtestRule(deps, body, { actor, meta, token })),
  bind(listGroupsEndpoint, ({ actor, meta }) => listGroups(deps, actor, {}, meta)),
  bind(createGroupEndpoint, ({ actor, body, meta }) => createGroup(deps, actor, body, meta)),
  bind(putGroupEndpoint, ({ actor, params, body, meta }) => putGroup(deps, actor, { ...params, ...body }, meta)),
  bind(deleteGroupEndpoint, async ({ actor, params, meta }) => {
    const answer = await deleteGroup(deps, actor, params, meta);
    return isRefusal(answer) ? answer : undefined;
  }),
  bind(effectiveEndpoint, ({ actor, query, meta }) => effectiveRules(deps, actor, query, meta)),
  bind(listEndpoint, ({ actor, meta }) => listRules(deps, actor, {}, meta)),
  bind(versionsEndpoint, ({ actor, params, meta }) => listRuleVersions(deps, actor, params, meta)),
  bind(createEndpoint, ({ actor, body, meta }) => createRule(deps, actor, body, meta)),
  bind(putEndpoint, ({ actor, params, body, meta }) => putRule(deps, actor, { ...body, id: params.id }, meta)),
  bind(deleteEndpoint, async ({ actor, params, meta }) => {
    const answer = await deleteRule(deps, actor, params, meta);
    return isRefusal(answer) ? answer : undefined;
  }),
];
