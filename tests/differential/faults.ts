import { isDeepStrictEqual } from "node:util";
import type { ExecutionResult } from "graphql";
import { hash, type Random } from "./random.ts";
import type { ResolverFaults } from "./simulated-subgraph.ts";

/** An answer over HTTP. */
export interface WireAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What goes wrong in one case. Everything follows from what it is about, however often and in what order it is asked. */
export interface Faults extends ResolverFaults {
  readonly names: readonly string[];
  /** Makes the HTTP answer of a result, right or wrong; throws where the network fails. */
  readonly answer: (call: FaultyCall, result: ExecutionResult) => WireAnswer;
}

interface FaultyCall {
  readonly subgraph: string;
  readonly representations: readonly unknown[] | undefined;
}

const KINDS = ["field", "missing", "call", "null", "leaf", "shape", "list"] as const;
type Kind = (typeof KINDS)[number];

/**
 * Draws the faults of a case: none in half of the cases, else one or two kinds.
 *
 * `null` and `leaf` change single values of answers, `shape` lets objects be no objects and lists no lists, `list`
 * spoils the list of entities, `call` is the wire's.
 */
export function drawFaults(random: Random): Faults {
  const kinds = new Set<Kind>(random.chance(0.5) ? [] : [random.pick(KINDS), random.pick(KINDS)]);
  const seed = random.below(2 ** 31);
  const happens = (kind: Kind, about: string, oneIn: number) =>
    kinds.has(kind) && hash(`${seed} ${kind} ${about}`) % oneIn === 0;
  return {
    names: [...kinds],
    fails: (about) => happens("field", about, 6),
    isMissing: (entity) => happens("missing", entity, 3),
    answer({ subgraph, representations }, result) {
      // Both gateways may word their operations differently, and join more or less into one call.
      const types = new Set(representations?.map((each) => (each as { __typename?: unknown }).__typename));
      const call = `${subgraph} ${[...types].sort().join(" ")}`;
      if (happens("call", call, 3)) return brokenCall(hash(`${seed} ${call}`) % 8);
      const text = JSON.stringify(result);
      const spoiled = JSON.parse(text) as { data?: Record<string, unknown> | null };
      const spoil = (value: unknown, about: string): unknown => {
        // `kind` is how operations call __typename.
        if (!about.endsWith("__typename") && !about.endsWith(".kind")) {
          if (happens("null", about, 9)) return null;
          if (happens("leaf", about, 9) && (typeof value !== "object" || value === null))
            return { no: "leaf" };
          if (happens("shape", about, 9) && typeof value === "object" && value !== null) {
            return Array.isArray(value) ? "no list" : 7;
          }
        }
        if (Array.isArray(value)) return value.map((item, index) => spoil(item, `${about}/${index}`));
        if (typeof value !== "object" || value === null) return value;
        return Object.fromEntries(
          Object.entries(value).map(([name, item]) => [name, spoil(item, `${about}.${asked(name)}`)]),
        );
      };
      const { data } = spoiled;
      if (data != null && representations !== undefined && Array.isArray(data._entities)) {
        data._entities = data._entities.map((entity: unknown, index) =>
          // What is asked of another subgraph may hold more of the same entity.
          entity === null
            ? null
            : spoilFields(entity, `${subgraph} ${JSON.stringify(representations[index])}`, spoil),
        );
        if (happens("list", call, 2)) data._entities = [[], null, "no list"][hash(call) % 3];
      } else if (data != null) {
        spoiled.data = spoilFields(data, subgraph, spoil);
      }
      return json(isDeepStrictEqual(spoiled, JSON.parse(text)) ? text : JSON.stringify(spoiled));
    },
  };
}

function spoilFields(
  object: unknown,
  about: string,
  spoil: (value: unknown, about: string) => unknown,
): Record<string, unknown> {
  const entries = Object.entries(object as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, value]) => [name, spoil(value, `${about}.${asked(name)}`)]));
}

/** What a client called a field that ours renames for the plan. */
function asked(name: string): string {
  return name.replace(/_asked_*$/, "");
}

function json(body: string, status = 200, statusText = "OK"): WireAnswer {
  return { status, statusText, headers: { "content-type": "application/json; charset=utf-8" }, body };
}

function brokenCall(kind: number): WireAnswer {
  const html = { "content-type": "text/html" };
  switch (kind) {
    case 0:
      return { status: 500, statusText: "Internal Server Error", headers: html, body: "<p>Oops" };
    case 1:
      return json('{"errors":[{"message":"Busy","extensions":{"code":"BUSY"}}]}', 503, "Service Unavailable");
    case 2:
      return json('{"data":{"aOne":{"id":"1","na');
    case 3:
      return { status: 200, statusText: "OK", headers: html, body: "<p>Welcome" };
    case 4:
      return json('{"errors":[{"message":"Refused"},{"message":"","extensions":{"code":"REFUSED"}}]}');
    case 5:
      return json('{"data":null,"errors":[{"message":"At no place","path":["somewhere"]}]}');
    case 6:
      return json("[1]", 401, "Unauthorized");
    default:
      throw new Error("connect ECONNREFUSED");
  }
}
