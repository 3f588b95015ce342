import { composedTypeName } from "../../schema/root-types.ts";
import type { ParsedSubgraph } from "../parse-subgraphs.ts";
import type { StepContext } from "../step.ts";

/** Fields that one subgraph loses and another gains in the same change. */
export interface Move {
  from: string;
  to: string;
  coordinates: string[];
}

/** Finds fields that move between the subgraphs named. */
export function movedFields({ base, head }: StepContext, names: readonly string[]): Move[] {
  const change = (name: string) => {
    const before = fieldsOf(base.subgraphs.find((each) => each.name === name));
    const after = fieldsOf(head.subgraphs.find((each) => each.name === name));
    return {
      name,
      lost: [...before].filter((field) => !after.has(field)),
      gained: [...after].filter((field) => !before.has(field)),
    };
  };
  const changes = names.map(change);
  return changes.flatMap(({ name: from, lost }) =>
    changes.flatMap(({ name: to, gained }) => {
      const coordinates = lost.filter((field) => gained.includes(field));
      return from === to || coordinates.length === 0 ? [] : [{ from, to, coordinates }];
    }),
  );
}

function fieldsOf(subgraph: ParsedSubgraph | undefined): Set<string> {
  if (subgraph === undefined) return new Set();
  const nameOf = composedTypeName(subgraph.document);
  const fields = new Set<string>();
  for (const definition of subgraph.document.definitions) {
    if (!("fields" in definition)) continue;
    const owner = nameOf(definition.name.value);
    for (const { name } of definition.fields ?? []) fields.add(`${owner}.${name.value}`);
  }
  return fields;
}
