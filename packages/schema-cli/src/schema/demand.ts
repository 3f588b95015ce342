import { type ConstDirectiveNode, type ConstValueNode, Kind, parse } from "graphql";
import { type DirectiveIdentity, readLinks } from "./link.ts";

/**
 * What a caller must have: one of the alternatives, and of that everything (a monotone formula in disjunctive normal
 * form). `[[]]` asks for nothing. `authenticated`, `scope:x` and `policy:y` are what it may ask for.
 */
export type Demand = readonly (readonly string[])[];

export const nothing: Demand = [[]];

/** Demands of a supergraph by coordinate, as they are written there: of types, and of fields without their type's. */
export type Demands = ReadonlyMap<string, Demand>;

/** True where whoever meets the first demand meets the second one, too. */
export function implies(first: Demand, second: Demand): boolean {
  return first.every((has) => second.some((needs) => needs.every((atom) => has.includes(atom))));
}

/** Both demands at once. */
export function both(first: Demand, second: Demand): Demand {
  return first.flatMap((one) => second.map((other) => [...new Set([...one, ...other])]));
}

/** A demand as people read it: `scope a and scope b, or policy c`. */
export function demandText(demand: Demand): string {
  if (demand.some((needs) => needs.length === 0)) return "nothing";
  return demand
    .map((needs) =>
      [...needs]
        .sort()
        .map((atom) => atom.replace(":", " "))
        .join(" and "),
    )
    .sort()
    .join(", or ");
}

/** In the URL of a feature that demands something. */
const feature = /\/(authenticated|requiresScopes|policy)\/v/;

/** Whether a supergraph can demand anything: where it links none of the features, there is nothing to read. */
export function canDemand(supergraph: string): boolean {
  return feature.test(supergraph);
}

/**
 * Reads `@authenticated`, `@requiresScopes` and `@policy` from a supergraph, whatever its `@link`s call them
 * (https://specs.apollo.dev/authenticated/v0.1, requiresScopes/v0.1, policy/v0.1).
 */
export function readDemands(supergraph: string): Demands {
  const last = known.find((each) => each.supergraph === supergraph);
  if (last !== undefined) return last.demands;
  const demands = read(supergraph);
  known = [...known.slice(-1), { supergraph, demands }];
  return demands;
}

/** What was read last, of base and head: two steps ask. */
let known: { supergraph: string; demands: Demands }[] = [];

function read(supergraph: string): Demands {
  const document = parse(supergraph, { noLocation: true });
  const identityOf = readLinks(document);
  const demands = new Map<string, Demand>();
  const note = (coordinate: string, directives: readonly ConstDirectiveNode[] = []) => {
    const all = directives.map((directive) => demandOf(directive, identityOf(directive.name.value)));
    demands.set(coordinate, all.reduce(both, nothing));
  };
  for (const definition of document.definitions) {
    if (!("name" in definition) || definition.name === undefined) continue;
    if (!("directives" in definition)) continue;
    const owner = definition.name.value;
    note(owner, definition.directives as readonly ConstDirectiveNode[]);
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
      continue;
    for (const field of definition.fields ?? []) note(`${owner}.${field.name.value}`, field.directives);
  }
  return demands;
}

function demandOf(
  { arguments: [first] = [] }: ConstDirectiveNode,
  identity: DirectiveIdentity | null,
): Demand {
  switch (identity === null ? null : `${identity.feature}/@${identity.name}`) {
    case "https://specs.apollo.dev/authenticated/@authenticated":
      return [["authenticated"]];
    // Whoever has a scope is signed in.
    case "https://specs.apollo.dev/requiresScopes/@requiresScopes":
      return alternatives(first?.value, "scope").map((needs) =>
        needs.length === 0 ? needs : ["authenticated", ...needs],
      );
    case "https://specs.apollo.dev/policy/@policy":
      return alternatives(first?.value, "policy");
    default:
      return nothing;
  }
}

function alternatives(value: ConstValueNode | undefined, kind: string): string[][] {
  if (value?.kind !== Kind.LIST) return [[]];
  return value.values.map((inner) =>
    inner.kind === Kind.LIST
      ? inner.values.flatMap((atom) => (atom.kind === Kind.STRING ? [`${kind}:${atom.value}`] : []))
      : [],
  );
}
