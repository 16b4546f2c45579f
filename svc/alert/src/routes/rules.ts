import { isRefusal } from "@episante/contracts/problem";
import {
  backtest,
  createRule as createEndpoint,
  deleteRule as deleteEndpoint,
  listRules as listEndpoint,
  putRule as putEndpoint,
} from "@episante/contracts/rule";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { backtestRule } from "../actions/backtest-rule.ts";
import { listRules } from "../actions/list-rules.ts";
import { createRule, deleteRule, putRule } from "../actions/write-rule.ts";
import type { AlertDeps } from "../deps.ts";

/** Rules of a clinic, and trying a draft out. */
export const ruleRoutes = (deps: AlertDeps): BoundRoute[] => [
  bind(backtest, ({ body, token }) => backtestRule(deps, body, token)),
  bind(listEndpoint, ({ actor, meta }) => listRules(deps, actor, {}, meta)),
  bind(createEndpoint, ({ actor, body, meta }) => createRule(deps, actor, body, meta)),
  bind(putEndpoint, ({ actor, params, body, meta }) => putRule(deps, actor, { ...body, id: params.id }, meta)),
  bind(deleteEndpoint, async ({ actor, params, meta }) => {
    const answer = await deleteRule(deps, actor, params, meta);
    return isRefusal(answer) ? answer : undefined;
  }),
];
