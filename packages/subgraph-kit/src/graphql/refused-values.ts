import {
  defaultFieldResolver,
  getNamedType,
  getNullableType,
  GraphQLError,
  isInputObjectType,
  isListType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLScalarType,
  type GraphQLSchema,
} from "graphql";
import { badUserInput, type Fault } from "../errors/index.ts";

/** Stands in an argument where a scalar refused what the client sent. */
class RefusedValue {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Longer reasons would send the client's own value back to it. */
const LONGEST_REASON = 200;

/**
 * Has a value that a custom scalar refuses cost the field that it was sent to, with BAD_USER_INPUT, and nothing else.
 *
 * By the specification it would cost the whole request, as a fault of the document (a literal) or of its variables. But
 * a service's request is a part of the client's operation, put together by the gateway, which does not know the service's
 * scalars: the other parts have done nothing wrong.
 *
 * @param schema is changed: its scalars, and the resolvers of fields that take them
 */
export function refuseValuesByField(schema: GraphQLSchema): void {
  const types = Object.values(schema.getTypeMap());
  for (const type of types) if (isOwnScalar(type)) deferRefusals(type);
  for (const type of types) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const checked = field.args.filter(({ type: argumentType }) => canRefuse(argumentType));
      if (checked.length === 0) continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (...call) => {
        const args = call[1] as Readonly<Record<string, unknown>>;
        const faults = checked.flatMap((argument) => faultsIn(argument, args[argument.name]));
        if (faults.length > 0) throw refusal(faults);
        return resolve(...call);
      };
    }
  }
}

/** A scalar of the service's own schema: federation's are the gateway's business. */
function isOwnScalar(type: GraphQLNamedType): type is GraphQLScalarType {
  return isScalarType(type) && !isSpecifiedScalarType(type) && !/^_|__/.test(type.name);
}

function deferRefusals(scalar: GraphQLScalarType): void {
  const deferred =
    <Args extends unknown[]>(parse: (...args: Args) => unknown) =>
    (...args: Args): unknown => {
      try {
        return parse(...args);
      } catch (error) {
        // Libraries put the value into the message, which fails for an odd one, such as a list a thousand deep.
        const reason = error instanceof GraphQLError ? error.message : `this is no ${scalar.name}`;
        return new RefusedValue(
          reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason,
        );
      }
    };
  scalar.parseValue = deferred(scalar.parseValue.bind(scalar));
  scalar.parseLiteral = deferred(scalar.parseLiteral.bind(scalar));
}

/** Whether a value of the type can have one of the service's own scalars in it. */
function canRefuse(type: GraphQLInputType, seen = new Set<GraphQLNamedType>()): boolean {
  const named = getNamedType(type);
  if (isOwnScalar(named)) return true;
  if (!isInputObjectType(named) || seen.has(named)) return false;
  seen.add(named);
  return Object.values(named.getFields()).some((field) => canRefuse(field.type, seen));
}

/** What was refused in an argument. It has been coerced: no deeper than its type, and a value is what the type says. */
function faultsIn({ name, type }: Pick<GraphQLArgument, "name" | "type">, value: unknown): Fault[] {
  if (value === null || value === undefined) return [];
  if (value instanceof RefusedValue) return [{ path: name, message: value.reason }];
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const itemType: GraphQLInputType = nullable.ofType;
    return (value as unknown[]).flatMap((item, at) =>
      faultsIn({ name: `${name}.${at}`, type: itemType }, item),
    );
  }
  if (!isInputObjectType(nullable)) return [];
  return Object.values(nullable.getFields()).flatMap((field) =>
    faultsIn(
      { name: `${name}.${field.name}`, type: field.type },
      (value as Record<string, unknown>)[field.name],
    ),
  );
}

function refusal(faults: readonly Fault[]): GraphQLError {
  const [first, ...more] = faults as [Fault, ...Fault[]];
  const rest = more.length > 0 ? ` (and ${more.length} more)` : "";
  return badUserInput(`\`${first.path}\`: ${first.message}${rest}`, faults);
}
