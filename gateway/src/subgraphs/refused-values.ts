import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  visit,
} from "graphql";
import type { SubgraphResponseError } from "./subgraph-answer.ts";

/** A field of a fetch that a subgraph does not take a value for. */
export interface RefusedField {
  /** Response names, from the root of the fetch's operation; lists are not told. */
  readonly path: readonly string[];
  /** Stands in for the last of them in what is sent again: it tells where the field would have been. */
  readonly marker: string;
  readonly message: string;
}

/** What a subgraph refused of a fetch. */
export interface RefusedValues {
  readonly fields: readonly RefusedField[];
  /** The fetch's operation with `__typename` in their places; null where nothing else would be left of it. */
  readonly rest: string | null;
}

/** The code of a fault of the document, which is what a literal is that a scalar refuses. */
const VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED";

/** Codes of errors about a value: of a literal, and of a variable; or none. */
const codes: ReadonlySet<unknown> = new Set([VALIDATION_FAILED, "BAD_USER_INPUT", undefined]);

/** The place of a literal that is not told. */
const SOME_LITERAL = "a literal";

/** graphql-js gives up after a hundred errors. */
const GIVEN_UP = /^Too many (validation|variables) errors|^Too many errors processing variables/;

const LONGEST_MESSAGE = 500;

/**
 * Finds the values that a subgraph refused before it ran anything, and the fields that they were for. The gateway does not
 * know the scalars of services, so that what clients write for them is first looked at there; all that is not a value in
 * a fetch's operation is the gateway's own. Where the subgraph does not tell which literal it refused, it may be any.
 *
 * @param operation as it was sent
 * @param errors all that the subgraph answered
 * @returns null where one of them is about anything else
 */
export function findRefusedValues(
  operation: string,
  errors: readonly SubgraphResponseError[],
): RefusedValues | null {
  const told = errors.filter(({ message }) => !GIVEN_UP.test(message));
  if (told.length === 0 || told.some((error) => !isAboutDocument(error))) return null;
  const document = parse(operation);
  const messages = new Map<string, string>();
  for (const error of told) {
    // An error that a scalar itself throws is told as it is: all others of graphql-js have a place.
    const place =
      error.locations === undefined ? SOME_LITERAL : placeOf(document, offsetOf(operation, error));
    if (place === null || place === "$representations") return null;
    messages.set(place, error.message.slice(0, LONGEST_MESSAGE));
  }
  const fields = refusedFields(document, messages);
  return fields.size === 0 ? null : withMarkers(document, fields);
}

function isAboutDocument({ path, extensions, locations }: SubgraphResponseError): boolean {
  const code = extensions?.["code"];
  if (path !== undefined || !codes.has(code)) return false;
  return locations === undefined ? code === VALIDATION_FAILED : locations.length === 1;
}

function offsetOf(text: string, { locations }: SubgraphResponseError): number {
  const { line = 1, column = 1 } = locations?.[0] ?? {};
  let start = 0;
  for (let at = 1; at < line; at++) start = text.indexOf("\n", start) + 1;
  return start + column - 1;
}

/** The value's place: of an argument as its offset, of a variable as its name with $; null where there is no value. */
function placeOf(document: DocumentNode, offset: number): string | null {
  let place: string | null = null;
  visit(document, {
    enter(node) {
      const { start, end } = node.loc!;
      if (offset < start || offset >= end) return false;
      if (node.kind === Kind.VARIABLE_DEFINITION) {
        const isDefault = node.defaultValue !== undefined && offset >= node.defaultValue.loc!.start;
        if (start === offset || isDefault) place = `$${node.variable.name.value}`;
        return false;
      }
      // What is at fault in a list or an object is told by its own place, or by that of the whole.
      if (node.kind === Kind.ARGUMENT && offset >= node.value.loc!.start && node.value.kind !== Kind.VARIABLE)
        place = String(start);
      return undefined;
    },
  });
  return place;
}

interface RefusedPlace {
  readonly message: string;
  readonly marker: string;
  readonly paths: (readonly string[])[];
}

/** Fields with arguments that are refused, or that use variables which are. */
function refusedFields(
  document: DocumentNode,
  messages: ReadonlyMap<string, string>,
): ReadonlyMap<FieldNode, RefusedPlace> {
  const fields = new Map<FieldNode, RefusedPlace>();
  const messageOf = (field: FieldNode): string | undefined => {
    for (const argument of field.arguments ?? []) {
      const own = messages.get(String(argument.loc!.start));
      if (own !== undefined) return own;
      if (messages.has(SOME_LITERAL) && argument.value.kind !== Kind.VARIABLE)
        return messages.get(SOME_LITERAL);
      let found: string | undefined;
      visit(argument, {
        [Kind.VARIABLE]: (node) => void (found ??= messages.get(`$${node.name.value}`)),
      });
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node.selectionSet]] : [],
    ),
  );
  const collect = (set: SelectionSetNode, path: readonly string[]): void => {
    for (const node of set.selections) {
      if (node.kind !== Kind.FIELD) {
        const below = node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragments.get(node.name.value);
        if (below !== undefined) collect(below, path);
        continue;
      }
      const name = (node.alias ?? node.name).value;
      const message = messageOf(node);
      if (message === undefined) {
        if (node.selectionSet !== undefined) collect(node.selectionSet, [...path, name]);
        continue;
      }
      const place = fields.get(node) ?? { message, marker: `${name}__refused_${fields.size}`, paths: [] };
      fields.set(node, place);
      place.paths.push([...path, name]);
    }
  };
  for (const node of document.definitions)
    if (node.kind === Kind.OPERATION_DEFINITION) collect(node.selectionSet, []);
  return fields;
}

function withMarkers(document: DocumentNode, refused: ReadonlyMap<FieldNode, RefusedPlace>): RefusedValues {
  const fields = [...refused.values()].flatMap(({ message, marker, paths }) =>
    paths.map((path) => ({ path, marker, message })),
  );
  const isAll = (node: OperationDefinitionNode) =>
    node.selectionSet.selections.every((each) => each.kind === Kind.FIELD && refused.has(each));
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined || isAll(operation)) return { fields, rest: null };
  const rest = visit(document, {
    [Kind.FIELD]: (node) => {
      const place = refused.get(node);
      if (place === undefined) return undefined;
      const name = { kind: Kind.NAME, value: "__typename" } as const;
      // Whether it is there is still up to its conditions.
      const { directives } = node;
      return { kind: Kind.FIELD, name, alias: { kind: Kind.NAME, value: place.marker }, directives };
    },
  });
  return { fields, rest: print(withoutUnused(rest)) };
}

/** Without the variables and fragments that nothing uses any more, which are no valid document. */
function withoutUnused(document: DocumentNode): DocumentNode {
  const used = new Set<string>();
  visit(document, {
    [Kind.VARIABLE_DEFINITION]: () => false,
    [Kind.VARIABLE]: (node) => void used.add(`$${node.name.value}`),
    [Kind.FRAGMENT_SPREAD]: (node) => void used.add(node.name.value),
  });
  let removed = 0;
  const left = visit(document, {
    [Kind.VARIABLE_DEFINITION]: (node) => {
      if (used.has(`$${node.variable.name.value}`)) return false;
      return null;
    },
    [Kind.FRAGMENT_DEFINITION]: (node) => {
      if (used.has(node.name.value)) return undefined;
      removed++;
      return null;
    },
  });
  return removed === 0 ? left : withoutUnused(left);
}

/** A place in the data of a fetch. */
type Place = readonly (string | number)[];

/**
 * Puts null where the fields would have been that were not asked for.
 *
 * @param data of the rest of the operation; changed
 * @returns the places, each with what was refused there
 */
export function takeOutMarkers(
  data: Record<string, unknown>,
  fields: readonly RefusedField[],
): readonly { readonly path: Place; readonly message: string }[] {
  return fields.flatMap(({ path, marker, message }) => {
    const places: Place[] = [];
    const walk = (value: unknown, at: number, place: Place): void => {
      if (Array.isArray(value)) value.forEach((item, index) => walk(item, at, [...place, index]));
      if (typeof value !== "object" || value === null || Array.isArray(value)) return;
      const object = value as Record<string, unknown>;
      const name = path[at]!;
      if (at < path.length - 1) walk(object[name], at + 1, [...place, name]);
      else if (Object.hasOwn(object, marker)) {
        delete object[marker];
        object[name] ??= null;
        places.push([...place, name]);
      }
    };
    walk(data, 0, []);
    return places.map((place) => ({ path: place, message }));
  });
}
