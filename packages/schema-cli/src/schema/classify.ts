import { type GraphQLSchema, isRequiredArgument, isRequiredInputField } from "graphql";
import type { Kind } from "../result/finding.ts";
import { safeForInput, safeForOutput } from "./classify-type.ts";
import { resolveCoordinate } from "./coordinate.ts";
import { isExecutable, isExecutableLocation, usableTypes } from "./usable.ts";

/** A change at an exact coordinate, by its code. */
export interface SchemaChange {
  code: string;
  coordinate: string;
  /** The member, interface, directive or location that came or went, where the coordinate is not that itself. */
  item: string | null;
}

const always: Record<string, Kind> = {
  TYPE_REMOVED: "breaking",
  TYPE_ADDED: "safe",
  TYPE_KIND_CHANGED: "breaking",
  FIELD_REMOVED: "breaking",
  FIELD_ADDED: "safe",
  FIELD_ARGUMENT_REMOVED: "breaking",
  FIELD_ARGUMENT_DEFAULT_CHANGED: "dangerous",
  INPUT_FIELD_REMOVED: "breaking",
  INPUT_FIELD_DEFAULT_VALUE_CHANGED: "dangerous",
  ENUM_VALUE_REMOVED: "breaking",
  ENUM_VALUE_ADDED: "dangerous",
  UNION_MEMBER_REMOVED: "breaking",
  UNION_MEMBER_ADDED: "dangerous",
  OBJECT_TYPE_INTERFACE_REMOVED: "breaking",
  OBJECT_TYPE_INTERFACE_ADDED: "dangerous",
  DIRECTIVE_ADDED: "safe",
  DIRECTIVE_LOCATION_ADDED: "safe",
  DIRECTIVE_REPEATABLE_ADDED: "safe",
  DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED: "dangerous",
  DESCRIPTION_CHANGED: "safe",
  DEPRECATION_CHANGED: "safe",
};

/** What a change does to clients. What is not known to be safe is dangerous at least. */
export function classify(change: SchemaChange, base: GraphQLSchema, head: GraphQLSchema): Kind {
  const { code, coordinate, item } = change;
  if (isOfUnusable(change, base)) return "safe";
  const before = resolveCoordinate(base, coordinate);
  const after = resolveCoordinate(head, coordinate);
  switch (code) {
    case "FIELD_TYPE_CHANGED":
      if (before?.is !== "field" || after?.is !== "field") return "breaking";
      return safeForOutput(before.element.type, after.element.type) ? "safe" : "breaking";

    case "FIELD_ARGUMENT_TYPE_CHANGED":
    case "DIRECTIVE_ARGUMENT_TYPE_CHANGED":
    case "INPUT_FIELD_TYPE_CHANGED": {
      if (before?.is === "argument" && after?.is === "argument") {
        if (code.startsWith("DIRECTIVE") && !executable(base, coordinate)) return "safe";
        return safeForInput(before.element.type, after.element.type) ? "safe" : "breaking";
      }
      if (before?.is !== "input field" || after?.is !== "input field") return "breaking";
      return safeForInput(before.element.type, after.element.type) ? "safe" : "breaking";
    }

    // Without its default, what had to be given by nobody has to be given by all.
    case "FIELD_ARGUMENT_DEFAULT_CHANGED":
    case "DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED":
    case "FIELD_ARGUMENT_ADDED":
    case "DIRECTIVE_ARGUMENT_ADDED": {
      if (code.startsWith("DIRECTIVE") && !executable(base, coordinate)) return "safe";
      if (after?.is !== "argument" || !isRequiredArgument(after.element)) return "dangerous";
      return before?.is === "argument" && isRequiredArgument(before.element) ? "dangerous" : "breaking";
    }
    case "INPUT_FIELD_DEFAULT_VALUE_CHANGED":
    case "INPUT_FIELD_ADDED": {
      if (after?.is !== "input field" || !isRequiredInputField(after.element)) return "dangerous";
      return before?.is === "input field" && isRequiredInputField(before.element) ? "dangerous" : "breaking";
    }

    // Where no operation can carry the directive, none is broken.
    case "DIRECTIVE_REMOVED":
    case "DIRECTIVE_REPEATABLE_REMOVED":
    case "DIRECTIVE_ARGUMENT_REMOVED":
      return executable(base, coordinate) ? "breaking" : "safe";
    case "DIRECTIVE_LOCATION_REMOVED":
      return isExecutableLocation(item ?? "") ? "breaking" : "safe";

    // A new root type breaks nothing; another name breaks fragments on the old one.
    case "SCHEMA_QUERY_TYPE_CHANGED":
    case "SCHEMA_MUTATION_TYPE_CHANGED":
    case "SCHEMA_SUBSCRIPTION_TYPE_CHANGED":
      return rootOf(base, code) === null ? "safe" : "breaking";

    // From now on exactly one field has to be given.
    case "DIRECTIVE_USAGE_ADDED":
      return item === "oneOf" ? "breaking" : item === "specifiedBy" ? "dangerous" : "safe";
    case "DIRECTIVE_USAGE_REMOVED":
    case "DIRECTIVE_USAGE_CHANGED":
      return item === "specifiedBy" ? "dangerous" : "safe";

    default:
      return always[code] ?? "dangerous";
  }
}

/** Whether a change is of a type that no operation of the base can have; its own coming is judged as any other. */
function isOfUnusable({ code, coordinate }: SchemaChange, base: GraphQLSchema): boolean {
  if (coordinate.startsWith("@") || code.startsWith("SCHEMA_")) return false;
  const owner = /^\w+/.exec(coordinate)?.[0] ?? "";
  return base.getType(owner) !== undefined && !usableTypes(base).has(owner);
}

function executable(schema: GraphQLSchema, coordinate: string): boolean {
  const name = /^@(\w+)/.exec(coordinate)?.[1] ?? "";
  const directive = schema.getDirective(name);
  return directive != null && isExecutable(directive);
}

/** The name of the root type that a code is about; null where the schema has none. */
export function rootOf(schema: GraphQLSchema, code: string): string | null {
  const type = code.includes("QUERY")
    ? schema.getQueryType()
    : code.includes("MUTATION")
      ? schema.getMutationType()
      : schema.getSubscriptionType();
  return type?.name ?? null;
}
