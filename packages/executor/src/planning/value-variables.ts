import { isVariable, VariableCollector } from "@apollo/federation-internals";

/**
 * Has planners look for variables at each item of a list once.
 *
 * `@apollo/federation-internals` 2.14 looks twice, as what is a list is an object for it, too: for thirty lists in each
 * other, as in a literal of a custom scalar, a thousand million times.
 */
export function collectEachValueOnce(): void {
  VariableCollector.prototype.collectInArguments = function collectInArguments(args) {
    for (const value of Object.values(args)) collect(value, this);
  };
}

function collect(value: unknown, collector: VariableCollector): void {
  if (isVariable(value)) collector.add(value);
  else if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) collect(item, collector);
}
