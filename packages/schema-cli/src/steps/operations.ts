import type { GraphQLSchema } from "graphql";
import { type OperationState, isBroken, impactsOf, operationStates } from "../operations/impact.ts";
import { changeFinding, rootCauses } from "../result/change-finding.ts";
import type { Finding } from "../result/finding.ts";
import { sentText } from "../result/sent-text.ts";
import { findDemandChanges } from "./auth.ts";
import { findChanges } from "./diff.ts";
import type { Step } from "./step.ts";

/** Says of each known operation whether it still runs, and whether it may get what it never got before. */
export const operationsStep: Step = {
  name: "operations",
  async run(context) {
    const { base, head, operations } = context;
    if (operations.length === 0) {
      return { findings: [], outcome: "skipped", reason: "the configuration names no operations" };
    }
    const states = operationStates(operations, base.api, head.api);
    const changes = [...(await findChanges(context)), ...findDemandChanges(context)].filter(
      ({ kind, code }) => kind !== "safe" && code !== "AUTH_LOOSENED",
    );
    const findings = states.flatMap((state): Finding[] => {
      const { name, place, sent } = state.operation;
      const who = sent === undefined ? name : `${name} (${sentText(sent)})`;
      const felt = () => changes.filter((change) => impactsOf(change, [state], base.api).length > 0);
      if (isBroken(state)) {
        const after = state.after.map((error) => error.message).join("\n");
        const change = { code: "OPERATION_BROKEN", coordinate: null, before: name, after };
        const message = `${who} does not run any more:\n${after}`;
        const causes = rootCauses(causesOf(state, felt(), base.api));
        return [changeFinding({ ...change, kind: "breaking", message, places: [place], causes })];
      }
      if (state.after.length > 0) {
        const message = `${who} does not run, and did not before:\n${state.after.map((error) => error.message).join("\n")}`;
        return [{ severity: "warning", code: "OPERATION_INVALID", message, places: [place] }];
      }
      const affecting = felt();
      if (affecting.length === 0) return [];
      const after = affecting.map((change) => change.message).join("\n");
      const change = { code: "OPERATION_AFFECTED", coordinate: null, before: name, after };
      const message = `${who} still runs, but may get what it never got before:\n${after}`;
      const causes = rootCauses(affecting);
      return [changeFinding({ ...change, kind: "dangerous", message, places: [place], causes })];
    });
    return { findings };
  },
};

/** The changes that broke an operation; where validation does not tell, those that break clients and that it feels. */
function causesOf(state: OperationState, felt: readonly Finding[], base: GraphQLSchema): Finding[] {
  const breaking = felt.filter(({ kind }) => kind === "breaking");
  const sure = breaking.filter((change) => impactsOf(change, [state], base)[0]?.verdict === "broken");
  return sure.length > 0 ? sure : breaking;
}
