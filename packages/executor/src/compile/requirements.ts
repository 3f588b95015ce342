import { type FieldNode, Kind, parse, print, visit } from "graphql";
import { directiveArgument, directivesOf } from "./join-directives.ts";

/** What subgraphs need of each other, and how they know each other's types: as far as it gets in the way of clients. */
export interface Requirements {
  /** The fields in keys and `@requires`, at any depth: by name, the arguments with which they are asked for, as text. */
  readonly required: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names of fields with `@requires`. */
  readonly requiring: ReadonlySet<string>;
  /** Names of the fields of interfaces that some subgraph knows as an object (`@interfaceObject`). */
  readonly ofInterfaceObjects: ReadonlySet<string>;
}

/** Reads a supergraph's directives (the join specification, v0.3 and later). */
export function readRequirements(supergraphSdl: string): Requirements {
  const required = new Map<string, Set<string>>();
  const requiring = new Set<string>();
  const ofInterfaceObjects = new Set<string>();
  const add = (fieldSet: string | undefined) => {
    if (fieldSet === undefined) return;
    visit(parse(`{ ${fieldSet} }`), {
      Field(field) {
        const known = required.get(field.name.value);
        if (known === undefined) required.set(field.name.value, new Set([argumentsOf(field)]));
        else known.add(argumentsOf(field));
      },
    });
  };
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    const isType =
      definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
    if (!isType) continue;
    const ofType = directivesOf(definition, "join__type");
    for (const directive of ofType) add(directiveArgument(directive, "key"));
    const isInterfaceObject = ofType.some((each) => directiveArgument(each, "isInterfaceObject") === "true");
    for (const field of definition.fields ?? []) {
      if (isInterfaceObject) ofInterfaceObjects.add(field.name.value);
      for (const directive of directivesOf(field, "join__field")) {
        const needs = directiveArgument(directive, "requires");
        if (needs === undefined) continue;
        requiring.add(field.name.value);
        add(needs);
      }
    }
  }
  return { required, requiring, ofInterfaceObjects };
}

/** A field's arguments as text, which is the same for the same arguments in any order. */
export function argumentsOf(field: FieldNode): string {
  return (field.arguments ?? [])
    .map((each) => print(each))
    .sort()
    .join(", ");
}
