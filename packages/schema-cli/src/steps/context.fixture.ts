import { Kind, buildSchema, parse } from "graphql";
import { compose } from "./compose.ts";
import { type ParsedSubgraph, parseSubgraphs } from "./parse-subgraphs.ts";
import type { KnownOperation, Side, StepContext } from "./step.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@override", "@external", "@requires", "@inaccessible"])\n`;

/** One state of a repository, from the SDL of its subgraphs by name. What does not compose throws. */
export function side(which: Side["which"], sdls: Record<string, string>): Side {
  const subgraphs = parsed(sdls);
  const { composed, findings } = compose(subgraphs);
  if (composed === null) throw new Error(findings.map(({ message }) => message).join("\n"));
  return { which, subgraphs, supergraph: composed.supergraph, api: buildSchema(composed.api) };
}

function parsed(sdls: Record<string, string>): ParsedSubgraph[] {
  const sources = Object.entries(sdls).map(([name, sdl]) => ({
    name,
    url: `http://localhost/${name}`,
    files: [
      { file: `${name}.graphql`, sdl: sdl.includes("@link") || /^\uFEFF?#/.test(sdl) ? sdl : link + sdl },
    ],
  }));
  const { subgraphs, findings } = parseSubgraphs(sources);
  if (findings.length > 0) throw new Error(findings.map(({ message }) => message).join("\n"));
  return subgraphs;
}

/** A known operation from its text. */
export function known(text: string): KnownOperation {
  const document = parse(text);
  const definition = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (definition === undefined) throw new Error("no operation");
  const name = definition.name?.value ?? "anonymous";
  return {
    name,
    place: { file: `${name}.graphql`, line: 1, column: 1 },
    definition,
    document,
    set: "all",
    complete: false,
  };
}

export interface ContextOptions {
  base: Record<string, string>;
  head: Record<string, string>;
  operations?: string[];
  thresholds?: StepContext["thresholds"];
  only?: string[];
}

/** What a step is given, from SDL and operations. */
export function context({ base, head, operations = [], thresholds, only }: ContextOptions): StepContext {
  return {
    base: side("base", base),
    head: side("head", head),
    operations: operations.map(known),
    thresholds: thresholds ?? { plan: { fetches: 0, depth: 0, sequential: 0 }, cost: { factor: 1 } },
    subgraphs: only === undefined ? null : new Set(only),
  };
}
