import { createHash } from "node:crypto";
import type { UsedOperation } from "@tributary/executor";
import { Kind, type OperationDefinitionNode, parse, print } from "graphql";
import type { WarmUpConfig } from "./config.ts";
import type { SupergraphEngine } from "./supergraph/engine.ts";
import type { GatewayLogger } from "./telemetry/logger.ts";

/** An operation that another process has seen in use, as it goes from process to process. */
export interface SentOperation extends Omit<UsedOperation, "document"> {
  readonly text: string;
}

/** For another process. */
export function toSent({ document, ...rest }: UsedOperation): SentOperation {
  return { ...rest, text: print(document) };
}

/** From another process. */
export function fromSent({ text, ...rest }: SentOperation): UsedOperation {
  return { ...rest, document: parse(text) };
}

/** The operations of a document that clients are going to send as it is here. */
export function operationsIn(text: string): readonly UsedOperation[] {
  const document = parse(text);
  const queryHash = createHash("sha256").update(text).digest("hex");
  return document.definitions
    .filter((node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION)
    .map(({ name }) => ({
      queryHash,
      document,
      operationName: name?.value ?? null,
      uses: 0,
      conditions: [],
    }));
}

export interface WarmUpOptions {
  readonly config: WarmUpConfig;
  /** Operations that are known beforehand. */
  readonly known: readonly UsedOperation[];
  readonly logger: GatewayLogger;
}

/**
 * Makes what makes an engine ready: for the operations that the engine before it was asked for most, and for those that
 * are known beforehand.
 */
export function createWarmUp({ config, known, logger }: WarmUpOptions) {
  return async (next: SupergraphEngine, current: SupergraphEngine | null): Promise<void> => {
    const used = current?.usedOperations(config.operations) ?? [];
    const unique = new Map(
      [...used, ...known].map((each) => [
        [each.queryHash, each.operationName, ...(each.overrideLabels ?? [])].join(" "),
        each,
      ]),
    );
    const operations = [...unique.values()].slice(0, config.operations);
    if (operations.length === 0) return;
    const { ready, failures, left, milliseconds } = await next.warmUp(operations, config.milliseconds);
    for (const { operation, reason } of failures) {
      const { operationName, queryHash } = operation;
      logger.warn(
        { supergraph: next.hash, operation: operationName, queryHash, reason },
        "operation not ready",
      );
    }
    const durationMs = Math.round(milliseconds);
    logger.info(
      { supergraph: next.hash, ready, failed: failures.length, left, durationMs },
      "operations made ready",
    );
  };
}
