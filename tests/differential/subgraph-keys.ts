import { type ConstDirectiveNode, Kind, parse, type SelectionSetNode } from "graphql";
import { parseFieldSet } from "./world.ts";

export interface EntityKey {
  readonly selectionSet: SelectionSetNode;
  readonly resolvable: boolean;
}

/** What the directives of Federation in a subgraph's schema say. Fields are named as `Type.field`. */
export interface SubgraphKeys {
  readonly keys: ReadonlyMap<string, readonly EntityKey[]>;
  readonly requires: ReadonlyMap<string, SelectionSetNode>;
  /** Names of the directives of a field. */
  readonly directives: ReadonlyMap<string, ReadonlySet<string>>;
  readonly interfaceObjects: ReadonlySet<string>;
}

export function readKeys(sdl: string): SubgraphKeys {
  const keys = new Map<string, EntityKey[]>();
  const requires = new Map<string, SelectionSetNode>();
  const directives = new Map<string, Set<string>>();
  const interfaceObjects = new Set<string>();
  for (const definition of parse(sdl, { noLocation: true }).definitions) {
    const isType =
      definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
    if (!isType) continue;
    const type = definition.name.value;
    for (const directive of definition.directives ?? []) {
      if (directive.name.value === "interfaceObject") interfaceObjects.add(type);
      if (directive.name.value !== "key") continue;
      const key = {
        selectionSet: parseFieldSet(textArgument(directive, "fields")),
        resolvable: !(directive.arguments ?? []).some(
          ({ value }) => value.kind === Kind.BOOLEAN && !value.value,
        ),
      };
      keys.set(type, [...(keys.get(type) ?? []), key]);
    }
    for (const field of definition.fields ?? []) {
      const coordinate = `${type}.${field.name.value}`;
      directives.set(coordinate, new Set((field.directives ?? []).map((each) => each.name.value)));
      const required = field.directives?.find((each) => each.name.value === "requires");
      if (required !== undefined) requires.set(coordinate, parseFieldSet(textArgument(required, "fields")));
    }
  }
  return { keys, requires, directives, interfaceObjects };
}

function textArgument(directive: ConstDirectiveNode, name: string): string {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : "";
}
