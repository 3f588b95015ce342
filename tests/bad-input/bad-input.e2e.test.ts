import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { isScalarType, isSpecifiedScalarType, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { badArguments, type BadArgument } from "./arguments.ts";

interface Outcome {
  readonly status: number;
  readonly codes: readonly string[];
  readonly body: string;
  readonly data: unknown;
}

/** What the client may be told of a value of its own. */
const aboutTheClient = new Set([
  "BAD_USER_INPUT",
  "GRAPHQL_VALIDATION_FAILED",
  // Half of a surrogate pair is no GraphQL; in a variable it is a value.
  "GRAPHQL_PARSE_FAILED",
  "PAGE_SIZE_OUT_OF_RANGE",
  "INVALID_CURSOR",
  "CURRENCY_MISMATCH",
]);

describe.each(["customer", "order", "payment"] as const)("the %s service", (context) => {
  const schema = buildSubgraphSchema(
    parse(readFileSync(new URL(`../../subgraphs/${context}/schema.graphql`, import.meta.url), "utf8")),
  );
  const cases = [...badArguments(schema)];
  let database: ContextDatabase;
  let subgraph: TestSubgraph;
  let headers: Record<string, string>;

  beforeAll(async () => {
    database = await startContextDatabase(context);
    subgraph = await startTestSubgraph(context, { databaseUrl: database.url });
    headers = {
      authorization: `Bearer ${await subgraph.token(people.admin, { lifetimeSeconds: 3600 })}`,
    };
  });
  afterAll(async () => {
    await subgraph?.stop();
    await database?.stop();
  });

  const send = async (body: string): Promise<Outcome> => {
    const response = await subgraph.post(body, headers);
    const answer = await response.text();
    const { errors = [], data } = JSON.parse(answer) as {
      errors?: { extensions: { code: string } }[];
      data?: unknown;
    };
    const codes = errors.map(({ extensions }) => extensions.code);
    return { status: response.status, codes, body: answer, data };
  };

  /** Every case in both forms, a few at a time. */
  const sendAll = async (
    chosen: readonly BadArgument[],
    look: (one: BadArgument, outcome: Outcome, form: string) => string | null,
  ): Promise<string[]> => {
    const faults: string[] = [];
    const queue = chosen.values();
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (const one of queue) {
          for (const form of ["asLiteral", "asVariable"] as const) {
            const outcome = await send(one[form]);
            const fault = look(one, outcome, form);
            if (fault !== null) {
              faults.push(
                `${one.place} = ${one.value.literal.slice(0, 60)} (${form}): ${fault}: ${outcome.body.slice(0, 300)}`,
              );
            }
          }
        }
      }),
    );
    return faults;
  };

  it("answers no bad value of any argument with an internal error", async () => {
    expect(cases.length).toBeGreaterThan(100);
    const faults = await sendAll(cases, (_, { status, codes }) => {
      if (status >= 500) return `HTTP ${status}`;
      const foreign = codes.find((code) => !aboutTheClient.has(code));
      return foreign ?? null;
    });
    expect(faults).toEqual([]);
    expect(subgraph.logs.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  it("a value that a scalar of the service refuses cost the other fields of the request", async () => {
    const own = cases.filter(({ typeName }) => {
      const type = schema.getType(typeName);
      return isScalarType(type) && !isSpecifiedScalarType(type);
    });
    let refused = 0;
    const faults = await sendAll(own, (_, { status, codes, data }) => {
      if (codes.length === 0) return null;
      refused++;
      if (!codes.every((code) => code === "BAD_USER_INPUT")) return `codes ${codes.join()}`;
      return status === 200 && JSON.stringify(data).includes('"other":') ? null : "lost other fields";
    });
    expect(faults).toEqual([]);
    expect(refused).toBeGreaterThan(own.length);
  });
});
