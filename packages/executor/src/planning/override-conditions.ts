/**
 * What the planner is told of progressive overrides (`@override(label:)`): which labels are on. A field goes to its new
 * subgraph where its label is on, and to the old one otherwise.
 */
export function overrideConditionsOf(labels: readonly string[] | undefined): Map<string, boolean> {
  return new Map((labels ?? []).map((label) => [label, true]));
}
