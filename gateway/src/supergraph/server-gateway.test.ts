import { buildSchema, parse } from "graphql";
import { expect, test, vi } from "vitest";
import type { Engine, ExecutionRequest } from "./engine.ts";
import { createServerGateway } from "./server-gateway.ts";

const engine = (hash: string): Engine => {
  const sdl = "type Query { a: Int }";
  return {
    hash,
    schema: buildSchema(sdl),
    supergraph: parse(sdl),
    execute: async () => ({ data: { engine: hash } }),
    stop: async () => {},
  };
};

test("an operation runs on the engine whose schema it was validated against, also after a swap", async () => {
  const [first, second] = [engine("first"), engine("second")];
  const { gateway, swap } = createServerGateway(first, (each) => each.execute);
  const announced = vi.fn<(schema: object) => void>();
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => announced(apiSchema));
  const { executor } = await gateway.load({ apollo: {} });
  const run = async ({ schema }: Engine) => (await executor!({ schema } as never as ExecutionRequest)).data;

  expect(await run(first)).toEqual({ engine: "first" });
  swap(second);
  expect(announced.mock.calls).toEqual([[first.schema], [second.schema]]);
  expect(await run(second)).toEqual({ engine: "second" });
  expect(await run(first)).toEqual({ engine: "first" });
});
