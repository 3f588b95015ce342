import { type ASTNode, type DocumentNode, Kind, print } from "graphql";
import type { Place } from "../result/finding.ts";
import type { ParsedSubgraph } from "../steps/parse-subgraphs.ts";

/** Where each coordinate is defined, by subgraph. */
type Index = Map<string, Map<string, { file: string; node: ASTNode }[]>>;

/**
 * Says where coordinates stand in the subgraphs: those whose definition changed, or all that have one where none did
 * (as when a whole subgraph came or went). What is gone has its place in the base.
 */
export function createAttribution(base: readonly ParsedSubgraph[], head: readonly ParsedSubgraph[]) {
  const before = index(base);
  const after = index(head);
  return (coordinate: string): Place[] => {
    const [was, is] = [before.get(coordinate), after.get(coordinate)];
    const names = [...new Set([...(is?.keys() ?? []), ...(was?.keys() ?? [])])];
    const text = (nodes: { node: ASTNode }[] = []) => nodes.map(({ node }) => print(node)).join("\n");
    const changed = names.filter((name) => text(was?.get(name)) !== text(is?.get(name)));
    const places = (changed.length > 0 ? changed : names).flatMap((name) => {
      const there = is?.get(name);
      const found = there ?? was?.get(name) ?? [];
      return found.map(({ file, node }) => placeOf(name, file, node, there === undefined));
    });
    // A type may be without a definition of its own that names it, as the root types are.
    const owner = coordinate.includes("(")
      ? coordinate.replace(/\(.*/, "")
      : coordinate.replace(/\.\w+$/, "");
    return places.length > 0 || owner === coordinate ? places : createPlaces(owner, before, after);
  };
}

function createPlaces(coordinate: string, before: Index, after: Index): Place[] {
  const [side, found] = after.has(coordinate)
    ? ([false, after.get(coordinate)] as const)
    : ([true, before.get(coordinate)] as const);
  return [...(found ?? [])].flatMap(([name, nodes]) =>
    nodes.map(({ file, node }) => placeOf(name, file, node, side)),
  );
}

// oxlint-disable-next-line max-params -- the parts of one place
function placeOf(subgraph: string, file: string, node: ASTNode, base: boolean): Place {
  const named = "name" in node && node.name !== undefined ? node.name : node;
  const token = named.loc?.startToken;
  const at = token === undefined ? {} : { line: token.line, column: token.column };
  return { subgraph, file, ...at, ...(base ? { side: "base" as const } : {}) };
}

function index(subgraphs: readonly ParsedSubgraph[]): Index {
  const found: Index = new Map();
  for (const { name, file, document } of subgraphs) {
    for (const [coordinate, node] of definitions(document)) {
      const bySubgraph = found.get(coordinate) ?? new Map<string, { file: string; node: ASTNode }[]>();
      found.set(coordinate, bySubgraph);
      bySubgraph.set(name, [...(bySubgraph.get(name) ?? []), { file, node }]);
    }
  }
  return found;
}

function* definitions(document: DocumentNode): Generator<[coordinate: string, node: ASTNode]> {
  for (const definition of document.definitions) {
    if (!("name" in definition) || definition.name === undefined) continue;
    const directive = definition.kind === Kind.DIRECTIVE_DEFINITION;
    const owner = directive ? `@${definition.name.value}` : definition.name.value;
    yield [owner, definition];
    if (directive) {
      for (const argument of definition.arguments ?? [])
        yield [`${owner}(${argument.name.value}:)`, argument];
    }
    if ("fields" in definition) {
      for (const field of definition.fields ?? []) {
        yield [`${owner}.${field.name.value}`, field];
        if (!("arguments" in field)) continue;
        for (const argument of field.arguments ?? []) {
          yield [`${owner}.${field.name.value}(${argument.name.value}:)`, argument];
        }
      }
    }
    if ("values" in definition) {
      for (const value of definition.values ?? []) yield [`${owner}.${value.name.value}`, value];
    }
  }
}
