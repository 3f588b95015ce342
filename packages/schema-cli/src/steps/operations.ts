import { isBroken, impactsOf, operationStates } from "../operations/impact.ts";
import { changeFinding } from "../result/change-finding.ts";
import type { Finding } from "../result/finding.ts";
import { sentText } from "../result/sent-text.ts";
import { compareDemands } from "./auth.ts";
import { diffSchemas } from "./diff.ts";
import type { Step } from "./step.ts";

/** Says of each known operation whether it still runs, and whether it may get what it never got before. */
export const operationsStep: Step = {
  name: "operations",
  async run({ base, head, operations }) {
    if (operations.length === 0) {
      return { findings: [], outcome: "skipped", reason: "the configuration names no operations" };
    }
    const states = operationStates(operations, base.api, head.api);
    const changes = [
      ...(await diffSchemas(base.api, head.api)),
      ...compareDemands(base.supergraph, head.supergraph),
    ].filter(({ kind, code }) => kind !== "safe" && code !== "AUTH_LOOSENED");
    const findings = states.flatMap((state): Finding[] => {
      const { name, place, sent } = state.operation;
      const who = sent === undefined ? name : `${name} (${sentText(sent)})`;
      if (isBroken(state)) {
        const after = state.after.map(({ message }) => message).join("\n");
        const change = { code: "OPERATION_BROKEN", coordinate: null, before: name, after };
        const message = `${who} does not run any more:\n${after}`;
        return [changeFinding({ ...change, kind: "breaking", message, places: [place] })];
      }
      if (state.after.length > 0) {
        const message = `${who} does not run, and did not before:\n${state.after.map((error) => error.message).join("\n")}`;
        return [{ severity: "warning", code: "OPERATION_INVALID", message, places: [place] }];
      }
      const felt = changes.filter((change) => impactsOf(change, [state], base.api).length > 0);
      if (felt.length === 0) return [];
      const after = felt.map((change) => change.message).join("\n");
      const change = { code: "OPERATION_AFFECTED", coordinate: null, before: name, after };
      const message = `${who} still runs, but may get what it never got before:\n${after}`;
      return [changeFinding({ ...change, kind: "dangerous", message, places: [place] })];
    });
    return { findings };
  },
};
