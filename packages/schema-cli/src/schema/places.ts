import { type ASTNode, type DefinitionNode, Kind, print } from "graphql";
import type { Place } from "../result/finding.ts";
import { type ParsedSubgraph, mainFile } from "../steps/parse-subgraphs.ts";
import { composedTypeName } from "./root-types.ts";

/** What defines a coordinate in one subgraph. */
interface Found {
  subgraph: string;
  file: string;
  nodes: ASTNode[];
}

/** What subgraphs define, by the names that it has when composed. */
interface Lookup {
  /** Where a coordinate is defined, by subgraph. */
  find(coordinate: string): Map<string, Found>;
  /** The interfaces that a type names in any subgraph. */
  interfacesOf(type: string): string[];
}

/** What two states of the subgraphs say of coordinates. */
export interface Attribution {
  /** Where a coordinate stands. */
  locate(coordinate: string): Place[];
  /** Whether a subgraph defines a coordinate otherwise than before, or only before or after. */
  changed(coordinate: string): boolean;
  /** The interfaces that a type implements before or after. */
  interfacesOf(type: string): ReadonlySet<string>;
}

/**
 * Says where coordinates stand in the subgraphs: those whose definition changed, or all that have one where none did
 * (as when a whole subgraph came or went). What is gone has its place in the base.
 */
export function createAttribution(
  base: readonly ParsedSubgraph[],
  head: readonly ParsedSubgraph[],
): Attribution {
  const [before, after] = [createLookup(base), createLookup(head)];
  const find = (coordinate: string) => {
    const [was, is] = [before.find(coordinate), after.find(coordinate)];
    const names = [...new Set([...is.keys(), ...was.keys()])];
    const text = (found: Found | undefined) => found?.nodes.map((node) => print(node)).join("\n");
    return { was, is, names, changed: names.filter((name) => text(was.get(name)) !== text(is.get(name))) };
  };
  const interfacesOf = (type: string) => new Set([...after.interfacesOf(type), ...before.interfacesOf(type)]);
  const attribute = (coordinate: string): Place[] => {
    const { was, is, names, changed } = find(coordinate);
    const places = (changed.length > 0 ? changed : names).flatMap((name) =>
      placesOf(is.get(name) ?? was.get(name), !is.has(name)),
    );
    const owner = /^@?\w+/.exec(coordinate)?.[0] ?? coordinate;
    if (places.length > 0 || owner === coordinate) return places;
    // What an implementation has may be its interface's alone (`@interfaceObject`).
    for (const name of interfacesOf(owner)) {
      const inherited = coordinate.replace(owner, name);
      if (after.find(inherited).size + before.find(inherited).size > 0) places.push(...attribute(inherited));
    }
    if (places.length > 0) return places;
    return attribute(coordinate.includes("(") ? coordinate.replace(/\(.*/, "") : owner);
  };
  return {
    locate: attribute,
    changed: (coordinate) => find(coordinate).changed.length > 0,
    interfacesOf,
  };
}

function placesOf(found: Found | undefined, gone: boolean): Place[] {
  if (found === undefined) return [];
  const { subgraph, nodes } = found;
  return nodes.map((node) => {
    const named = "name" in node && node.name !== undefined ? node.name : node;
    const token = named.loc?.startToken;
    const at = token === undefined ? {} : { line: token.line, column: token.column };
    return {
      subgraph,
      file: named.loc?.source.name ?? found.file,
      ...at,
      ...(gone ? { side: "base" as const } : {}),
    };
  });
}

/** By type and directive alone: of a large schema, a few coordinates are asked for. */
function createLookup(subgraphs: readonly ParsedSubgraph[]): Lookup {
  const definitions = new Map<string, { subgraph: ParsedSubgraph; definition: DefinitionNode }[]>();
  for (const subgraph of subgraphs) {
    const nameOf = composedTypeName(subgraph.document);
    for (const definition of subgraph.document.definitions) {
      const name = "name" in definition ? definition.name?.value : undefined;
      if (name === undefined) continue;
      const owner = definition.kind === Kind.DIRECTIVE_DEFINITION ? `@${name}` : nameOf(name);
      const known = definitions.get(owner);
      if (known === undefined) definitions.set(owner, [{ subgraph, definition }]);
      else known.push({ subgraph, definition });
    }
  }
  const find = (coordinate: string) => {
    const found = new Map<string, Found>();
    const [, owner = "", member, argument] = /^(@?\w+)(?:\.(\w+))?(?:\((\w+):\))?$/.exec(coordinate) ?? [];
    for (const { subgraph, definition } of definitions.get(owner) ?? []) {
      const nodes = nodesIn(definition, member, argument);
      if (nodes.length === 0) continue;
      const known = found.get(subgraph.name);
      if (known === undefined)
        found.set(subgraph.name, { subgraph: subgraph.name, file: mainFile(subgraph), nodes });
      else known.nodes.push(...nodes);
    }
    return found;
  };
  const interfacesOf = (type: string) =>
    (definitions.get(type) ?? []).flatMap(({ definition }) =>
      "interfaces" in definition ? (definition.interfaces ?? []).map(({ name }) => name.value) : [],
    );
  return { find, interfacesOf };
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
