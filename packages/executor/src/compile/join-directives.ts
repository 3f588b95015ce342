import { type ConstDirectiveNode, Kind } from "graphql";

/** A node of a supergraph's document that can have directives. */
interface Directed {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

/** The directives of one name, such as `join__type` (the join specification, v0.3 and later). */
export function directivesOf(node: Directed | null | undefined, name: string): readonly ConstDirectiveNode[] {
  return (node?.directives ?? []).filter((each) => each.name.value === name);
}

/** An argument of such a directive as text: of a string, of an enum's value or of a boolean. */
export function directiveArgument(
  directive: ConstDirectiveNode | undefined,
  name: string,
): string | undefined {
  const value = directive?.arguments?.find((each) => each.name.value === name)?.value;
  if (value?.kind === Kind.STRING || value?.kind === Kind.ENUM) return value.value;
  return value?.kind === Kind.BOOLEAN ? String(value.value) : undefined;
}
