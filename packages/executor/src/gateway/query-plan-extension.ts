import { prettyFormatQueryPlan } from "@apollo/query-planner";
import type { GatewayExecutionResult, GatewayGraphQLRequestContext } from "@apollo/server-gateway-interface";
import type { PlannedOperation } from "../cache/cached-operation.ts";
import type { Generation } from "./generation.ts";

const PLAN_HEADER = "apollo-query-plan-experimental";

/** Whether a request is to be told its plan, or the log. */
export function showsQueryPlan(
  { request }: GatewayGraphQLRequestContext,
  { config }: Generation["apollo"],
): boolean {
  const asked = config.__exposeQueryPlanExperimental === true && request.http?.headers.get(PLAN_HEADER);
  return config.debug === true || Boolean(asked);
}

/** Shows the plan where ApolloGateway would: in the log when debugging, and in the answer to whom asks by a header. */
export function withQueryPlan(
  { request }: GatewayGraphQLRequestContext,
  { plan }: PlannedOperation,
  { generation, result }: { readonly generation: Generation; readonly result: GatewayExecutionResult },
): GatewayExecutionResult {
  const { config, logger } = generation.apollo;
  const headers = request.http?.headers;
  const text = plan.node === undefined ? null : prettyFormatQueryPlan(plan);
  if (config.debug === true && text !== null) logger.debug(text);
  if (config.__exposeQueryPlanExperimental !== true || !headers?.get(PLAN_HEADER)) return result;
  const format = headers.get(`${PLAN_HEADER}-format`) ?? "prettified";
  const shown = format === "prettified" ? (text ?? true) : format === "internal" ? plan : true;
  return { ...result, extensions: { __queryPlanExperimental: shown } };
}
