import { type ASTNode, type DocumentNode, Kind } from "graphql";

/**
 * The schema coordinate of what stands at a place of a document: the innermost of type, field, enum value, argument and
 * directive definition around it, undefined outside of all.
 *
 * @param nameOf what a type is called when composed
 */
export function coordinateAt(
  document: DocumentNode,
  { line, column }: { line: number; column: number },
  nameOf: (type: string) => string,
): string | undefined {
  const source = document.loc?.source.body ?? "";
  const offset = offsetOf(source, line, column);
  const around = (node: ASTNode) =>
    node.loc !== undefined && node.loc.start <= offset && offset < node.loc.end;

  const definition = document.definitions.find(around);
  if (definition === undefined || !("name" in definition) || definition.name === undefined) return undefined;
  const type = nameOf(definition.name.value);
  const owner = definition.kind === Kind.DIRECTIVE_DEFINITION ? `@${type}` : type;
  const members = [
    ...("fields" in definition ? (definition.fields ?? []) : []),
    ...("values" in definition ? (definition.values ?? []) : []),
  ];
  const member = members.find(around);
  const named = member === undefined ? owner : `${owner}.${member.name.value}`;
  const holder = member ?? definition;
  const argument = ("arguments" in holder ? (holder.arguments ?? []) : []).find(around);
  return argument === undefined ? named : `${named}(${argument.name.value}:)`;
}

function offsetOf(source: string, line: number, column: number): number {
  let start = source.startsWith("\uFEFF") ? 1 : 0;
  for (let current = 1; current < line; current += 1) {
    const match = /\r\n|\n|\r/g;
    match.lastIndex = start;
    if (match.exec(source) === null) break;
    start = match.lastIndex;
  }
  return start + column - 1;
}
