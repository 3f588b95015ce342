import { type GraphQLSchema, getNamedType } from "graphql";
import { type SchemaChange, rootOf } from "./classify.ts";
import { resolveCoordinate } from "./coordinate.ts";
import { reach, reachFromRoots } from "./usable.ts";

/** A change that takes away what led to a type. */
interface Cut {
  change: SchemaChange;
  /** The coordinate of what led there, as `reach` follows it. */
  from: string;
  to: string;
}

/**
 * Finds, for each type that went, the changes that took it out of reach: where nothing else led to it, whoever used it used
 * what those changes took away, so that its removal breaks nobody besides.
 *
 * @returns those changes by type; a type that something still led to is left out
 */
export function impliedRemovals(
  changes: readonly SchemaChange[],
  base: GraphQLSchema,
  head: GraphQLSchema,
): Map<string, SchemaChange[]> {
  const implied = new Map<string, SchemaChange[]>();
  const removals = changes.filter(({ code }) => code === "TYPE_REMOVED");
  if (removals.length === 0) return implied;
  const removed = new Set(removals.map(({ coordinate }) => coordinate));
  const cuts = changes.flatMap((change) => cutsOf(change, base, head));
  const gone = new Set(cuts.map(({ from, to }) => `${from} ${to}`));
  const left = reachFromRoots(base, (from, to) => !gone.has(`${from} ${to}`) && !removed.has(ownerOf(from)));
  const unreached = new Set(
    [...removed].filter((name) => base.getType(name) !== undefined && !left.has(name)),
  );
  if (unreached.size === 0) return implied;
  // What is out of reach itself took nothing there.
  const causes = [
    ...cuts.filter(({ from }) => /^(@|schema$)/.test(from) || left.has(ownerOf(from))),
    ...removals
      .filter(({ coordinate }) => left.has(coordinate))
      .map((change) => ({ change, to: change.coordinate })),
  ];
  for (const { change, to } of causes) {
    const type = base.getType(to);
    for (const name of type === undefined ? [] : reach(base, [type])) {
      if (!unreached.has(name)) continue;
      implied.set(name, [...(implied.get(name) ?? []), change]);
    }
  }
  return implied;
}

function cutsOf(change: SchemaChange, base: GraphQLSchema, head: GraphQLSchema): Cut[] {
  const { code, coordinate, item } = change;
  if (code === "UNION_MEMBER_REMOVED") return item === null ? [] : [{ change, from: coordinate, to: item }];
  if (code === "DIRECTIVE_REMOVED") {
    const { args = [] } = base.getDirective(coordinate.slice(1)) ?? {};
    return args.map(({ name, type }) => ({
      change,
      from: `${coordinate}(${name}:)`,
      to: getNamedType(type).name,
    }));
  }
  const root = code.startsWith("SCHEMA_");
  const typeIn = (schema: GraphQLSchema) => (root ? rootOf(schema, code) : namedTypeAt(schema, coordinate));
  const was = typeIn(base);
  return was === null || was === typeIn(head) ? [] : [{ change, from: coordinate, to: was }];
}

/** The name of the type that a field, argument or input field has; null for anything else. */
function namedTypeAt(schema: GraphQLSchema, coordinate: string): string | null {
  const found = resolveCoordinate(schema, coordinate);
  if (found === null || found.is === "type" || found.is === "directive" || found.is === "enum value")
    return null;
  return getNamedType(found.element.type).name;
}

function ownerOf(coordinate: string): string {
  return /^\w+/.exec(coordinate)?.[0] ?? "";
}
