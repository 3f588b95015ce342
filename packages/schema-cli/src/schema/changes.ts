import { type Change, diff } from "@graphql-inspector/core";
import type { GraphQLSchema } from "graphql";
import type { SchemaChange } from "./classify.ts";
import { resolveCoordinate } from "./coordinate.ts";

/**
 * Every change between two schemas, each at its exact coordinate. It is `diff()` of GraphQL Inspector without rules:
 * its default one drops changes that break clients. Severity is not taken from there.
 */
export function changesBetween(base: GraphQLSchema, head: GraphQLSchema): Promise<SchemaChange[]> {
  const before = known.get(head);
  if (before?.base === base) return before.changes;
  const changes = compare(base, head);
  known.set(head, { base, changes });
  return changes;
}

/** What a head was last compared with, as several steps ask. */
const known = new WeakMap<GraphQLSchema, { base: GraphQLSchema; changes: Promise<SchemaChange[]> }>();

async function compare(base: GraphQLSchema, head: GraphQLSchema): Promise<SchemaChange[]> {
  if (base === head) return [];
  const seen = new Set<string>();
  const changes: SchemaChange[] = [];
  for (const change of await diff(base, head)) {
    const own = translate(change);
    if (own === null || !worthNaming(own, base)) continue;
    const key = JSON.stringify(own);
    if (seen.has(key)) continue;
    seen.add(key);
    changes.push(own);
  }
  // The arguments that come or go with a directive are no change beside it.
  return changes.filter(
    ({ code, coordinate, item }) =>
      code !== "DIRECTIVE_USAGE_CHANGED" ||
      !changes.some(
        (other) =>
          /^DIRECTIVE_USAGE_(ADDED|REMOVED)$/.test(other.code) &&
          other.coordinate === coordinate &&
          other.item === item,
      ),
  );
}

/** What comes with something new is not named apart from it. */
function worthNaming({ code, coordinate }: SchemaChange, base: GraphQLSchema): boolean {
  if (/^(TYPE|DIRECTIVE)_ADDED$/.test(code) || code.startsWith("SCHEMA_")) return true;
  const itself = code.endsWith("_ADDED") && resolveCoordinate(base, coordinate) === null;
  const owner = coordinate.includes("(") ? coordinate.replace(/\(.*/, "") : coordinate.replace(/\.\w+$/, "");
  return resolveCoordinate(base, itself ? owner : coordinate) !== null;
}

function translate({ type, meta }: Change): SchemaChange | null {
  const names = meta as Record<string, string | null | undefined>;
  const pick = (...keys: string[]) => keys.map((key) => names[key]).find((name) => name != null);

  if (type.startsWith("DIRECTIVE_USAGE_")) {
    const item = pick("addedDirectiveName", "removedDirectiveName", "directiveName") ?? "";
    const owner = pick(...owners) ?? pick("parentTypeName");
    const member = pick(
      "fieldName",
      "inputFieldName",
      "enumValueName",
      "parentFieldName",
      "parentEnumValueName",
    );
    const argument = pick("argumentName", "parentArgumentName");
    // What is deprecated is told of fields and enum values by changes of their own.
    if (owner === undefined) return null;
    const coordinate = coordinateOf(owner, member, argument);
    if (item === "deprecated") return { code: "DEPRECATION_CHANGED", coordinate, item: null };
    const changed = type.startsWith("DIRECTIVE_USAGE_ARGUMENT_") && !type.includes("DEFINITION");
    const change = changed ? "CHANGED" : type.endsWith("_ADDED") ? "ADDED" : "REMOVED";
    return { code: `DIRECTIVE_USAGE_${change}`, coordinate, item };
  }
  if (type.startsWith("SCHEMA_")) return { code: type, coordinate: "schema", item: null };
  if (type.startsWith("DIRECTIVE_")) {
    const name = pick("directiveName", "addedDirectiveName", "removedDirectiveName") ?? "";
    const argument = pick(
      "directiveArgumentName",
      "addedDirectiveArgumentName",
      "removedDirectiveArgumentName",
    );
    const item = pick("addedDirectiveLocation", "removedDirectiveLocation") ?? null;
    return { code: family(type), coordinate: coordinateOf(`@${name}`, undefined, argument), item };
  }
  const owner = pick(...owners) ?? "";
  const member = pick(
    "fieldName",
    "addedFieldName",
    "removedFieldName",
    "inputFieldName",
    "addedInputFieldName",
    "enumValueName",
    "addedEnumValueName",
    "removedEnumValueName",
  );
  const argument = pick("argumentName", "addedArgumentName", "removedFieldArgumentName");
  const item = pick(
    "addedInterfaceName",
    "removedInterfaceName",
    "addedUnionMemberTypeName",
    "removedUnionMemberTypeName",
  );
  return { code: family(type), coordinate: coordinateOf(owner, member, argument), item: item ?? null };
}

const owners = [
  "typeName",
  "inputName",
  "inputObjectName",
  "enumName",
  "unionName",
  "scalarName",
  "objectName",
  "interfaceName",
  "objectTypeName",
  "addedTypeName",
  "removedTypeName",
];

/** Descriptions and deprecations are one code each, whatever they are of. */
function family(type: string): string {
  if (type.includes("_DESCRIPTION_")) return "DESCRIPTION_CHANGED";
  if (type.includes("_DEPRECATION_")) return "DEPRECATION_CHANGED";
  return type;
}

function coordinateOf(owner: string, member: string | undefined, argument: string | undefined): string {
  const place = member === undefined ? owner : `${owner}.${member}`;
  return argument === undefined ? place : `${place}(${argument}:)`;
}
