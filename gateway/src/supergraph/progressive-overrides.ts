import { type ConstDirectiveNode, type DocumentNode, Kind } from "graphql";

/** A field that moves from one subgraph to another, step by step: `@override(from:, label:)`. */
export interface ProgressiveOverride {
  /** `Type.field`. */
  readonly field: string;
  /** Name of the subgraph that it comes from while the label is off. */
  readonly from: string;
  readonly label: string;
}

/** Labels that are on for a share of all requests (Federation, "@override"). */
const PERCENT = /^percent\((\d{1,3}(?:\.\d+)?)\)$/;

/** Reads the progressive overrides of a supergraph (join specification, v0.4 and later). */
export function readProgressiveOverrides(supergraph: DocumentNode): readonly ProgressiveOverride[] {
  return supergraph.definitions.flatMap((type) => {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [];
    return (type.fields ?? []).flatMap((field) =>
      (field.directives ?? []).flatMap((directive) => {
        if (directive.name.value !== "join__field") return [];
        const [from, label] = [textOf(directive, "override"), textOf(directive, "overrideLabel")];
        if (from === null || label === null) return [];
        return { field: `${type.name.value}.${field.name.value}`, from, label };
      }),
    );
  });
}

/** The labels that are on for requests whose draw is below a bound. */
interface Cohort {
  readonly below: number;
  readonly labels: readonly string[];
}

/**
 * Creates the chooser of the labels that are on for a request. A label `percent(x)` is on for x of 100 requests; one draw
 * decides about all of them, so that requests fall into as few groups as there are different percentages, and are planned
 * for as often.
 *
 * @param enabled other labels that are on, for all requests
 * @returns takes a number from 0 to 100, 100 excluded; null where the supergraph has no labels
 */
export function createOverrideChoice(
  overrides: readonly ProgressiveOverride[],
  enabled: ReadonlySet<string>,
): ((draw: number) => readonly string[]) | null {
  const labels = [...new Set(overrides.map(({ label }) => label))].toSorted();
  if (labels.length === 0) return null;
  const bounds = [...new Set([...labels.flatMap((label) => percentOf(label) ?? []), 100])];
  const cohorts = bounds
    .toSorted((one, other) => one - other)
    .map((below): Cohort => {
      const isOn = (label: string) => {
        const percent = percentOf(label);
        return percent === null ? enabled.has(label) : percent >= below;
      };
      return { below, labels: labels.filter(isOn) };
    });
  return (draw) => (cohorts.find(({ below }) => draw < below) ?? cohorts.at(-1)!).labels;
}

function percentOf(label: string): number | null {
  const percent = PERCENT.exec(label)?.[1];
  return percent === undefined ? null : Number(percent);
}

function textOf(directive: ConstDirectiveNode, name: string): string | null {
  const value = directive.arguments?.find((each) => each.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : null;
}
