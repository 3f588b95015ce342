import { type ASTNode, type DefinitionNode, Kind, print } from "graphql";
import type { Place } from "../result/finding.ts";
import type { ParsedSubgraph } from "../steps/parse-subgraphs.ts";

/** What defines a coordinate in one subgraph. */
interface Found {
  subgraph: string;
  file: string;
  nodes: ASTNode[];
}

/** Where a coordinate is defined. */
type Lookup = (coordinate: string) => Map<string, Found>;

/**
 * Says where coordinates stand in the subgraphs: those whose definition changed, or all that have one where none did
 * (as when a whole subgraph came or went). What is gone has its place in the base.
 */
export function createAttribution(base: readonly ParsedSubgraph[], head: readonly ParsedSubgraph[]) {
  const [before, after] = [createLookup(base), createLookup(head)];
  return (coordinate: string): Place[] => {
    const [was, is] = [before(coordinate), after(coordinate)];
    const names = [...new Set([...is.keys(), ...was.keys()])];
    const text = (found: Found | undefined) => found?.nodes.map((node) => print(node)).join("\n");
    const changed = names.filter((name) => text(was.get(name)) !== text(is.get(name)));
    const places = (changed.length > 0 ? changed : names).flatMap((name) =>
      placesOf(is.get(name) ?? was.get(name), !is.has(name)),
    );
    // A type may be without a definition of its own that names it, as the root types are.
    const owner = coordinate.includes("(")
      ? coordinate.replace(/\(.*/, "")
      : coordinate.replace(/\.\w+$/, "");
    if (places.length > 0 || owner === coordinate) return places;
    const [old, now] = [before(owner), after(owner)];
    const gone = now.size === 0;
    return [...(gone ? old : now).values()].flatMap((found) => placesOf(found, gone));
  };
}

function placesOf(found: Found | undefined, gone: boolean): Place[] {
  if (found === undefined) return [];
  const { subgraph, file, nodes } = found;
  return nodes.map((node) => {
    const named = "name" in node && node.name !== undefined ? node.name : node;
    const token = named.loc?.startToken;
    const at = token === undefined ? {} : { line: token.line, column: token.column };
    return { subgraph, file, ...at, ...(gone ? { side: "base" as const } : {}) };
  });
}

/** By type and directive alone: of a large schema, a few coordinates are asked for. */
function createLookup(subgraphs: readonly ParsedSubgraph[]): Lookup {
  const definitions = new Map<string, { subgraph: ParsedSubgraph; definition: DefinitionNode }[]>();
  for (const subgraph of subgraphs) {
    for (const definition of subgraph.document.definitions) {
      const name = "name" in definition ? definition.name?.value : undefined;
      if (name === undefined) continue;
      const owner = definition.kind === Kind.DIRECTIVE_DEFINITION ? `@${name}` : name;
      const known = definitions.get(owner);
      if (known === undefined) definitions.set(owner, [{ subgraph, definition }]);
      else known.push({ subgraph, definition });
    }
  }
  return (coordinate) => {
    const found = new Map<string, Found>();
    const [, owner = "", member, argument] = /^(@?\w+)(?:\.(\w+))?(?:\((\w+):\))?$/.exec(coordinate) ?? [];
    for (const { subgraph, definition } of definitions.get(owner) ?? []) {
      const nodes = nodesIn(definition, member, argument);
      if (nodes.length === 0) continue;
      const known = found.get(subgraph.name);
      if (known === undefined)
        found.set(subgraph.name, { subgraph: subgraph.name, file: subgraph.file, nodes });
      else known.nodes.push(...nodes);
    }
    return found;
  };
}

function nodesIn(definition: ASTNode, member: string | undefined, argument: string | undefined): ASTNode[] {
  const named = (nodes: readonly (ASTNode & { name: { value: string } })[] = [], name: string) =>
    nodes.filter((node) => node.name.value === name);
  const holders: ASTNode[] =
    member === undefined
      ? [definition]
      : [
          ...("fields" in definition ? named(definition.fields, member) : []),
          ...("values" in definition ? named(definition.values as never, member) : []),
        ];
  if (argument === undefined) return holders;
  return holders.flatMap((holder) =>
    "arguments" in holder ? named(holder.arguments as never, argument) : [],
  );
}
