import { isUtf8 } from "node:buffer";
import type { GraphQLDataSource } from "@apollo/gateway";
import type { FetchStep, Step } from "../compile/steps.ts";
import type { RunningRequest } from "../run/request.ts";
import { type RecordedCalls, recordKey } from "../run/recorded-calls.ts";
import { callBody, variablesOf } from "../run/subgraph-call.ts";
import type { BodySource } from "../subgraph/body-source.ts";
import type { TransportResponse } from "../transport/transport.ts";
import { EntityTable } from "./entity-table.ts";
import { attachedOf } from "./node-fields.ts";
import type { FastFetch, FastNode, FastProgram } from "./fast-program.ts";
import { NO_SUCCESS, UNREADABLE } from "./handover.ts";

/** What the fast engine needs of a request. */
export type FastRequest = Pick<RunningRequest, "context" | "variables" | "dataSources"> & {
  /** Is given each call that is sent. */
  readonly recorded: RecordedCalls;
};

/**
 * Runs a program.
 *
 * @returns the whole response as bytes
 * @throws Handover where the reference engine has to go on
 */
export async function runFast(program: FastProgram, step: Step, request: FastRequest): Promise<Buffer> {
  const run = new FastRun(program, request);
  await run.step(step);
  return program.code.respond(run.root);
}

/** How far apart the stamps of two searches are: more than any path is long. */
const STAMPS = 1024;

class FastRun {
  readonly root: FastNode;
  readonly #program: FastProgram;
  readonly #request: FastRequest;
  readonly #tables = new Map<string, EntityTable>();
  #stamp = 1;

  constructor(program: FastProgram, request: FastRequest) {
    this.#program = program;
    this.#request = request;
    this.root = program.code.root();
  }

  async step(step: Step): Promise<void> {
    switch (step.kind) {
      case "fetch": {
        const fetch = this.#program.fetches.get(step) as FastFetch;
        return fetch.answer.isOfEntities ? this.#entities(fetch) : this.#object(fetch);
      }
      case "sequence":
        for (const each of step.steps) await this.step(each);
        return;
      case "parallel":
        await Promise.all(step.steps.map((each) => this.step(each)));
    }
  }

  async #object({ step, answer, number }: FastFetch): Promise<void> {
    const bytes = await this.#call(step, null);
    this.root[attachedOf(number)] = this.#program.code.answers[answer.id]?.(bytes);
  }

  async #entities(fetch: FastFetch): Promise<void> {
    const { code } = this.#program;
    const { step, number } = fetch;
    const nodes: FastNode[] = [];
    code.gather[number]?.(this.root, this.#stamp, nodes);
    this.#stamp += STAMPS;
    if (nodes.length === 0) return;

    const table = this.#table(step);
    const first = table.count;
    const entities = code.represent(number, nodes, table);
    const count = table.count - first;
    if (count > 0) {
      const text = code.written(step.reuseKey === null ? null : table);
      const call = this.#fetch(fetch, text, { table, first, count });
      for (let entity = first; entity < first + count; entity++) table.calls.push(call);
    }
    await awaitCalls(table, entities);
    code.attach[number]?.(nodes, entities, table.nodes as (FastNode | null)[]);
  }

  async #fetch({ step, answer }: FastFetch, text: string, into: Fresh): Promise<void> {
    const bytes = await this.#call(step, text);
    const nodes = this.#program.code.answers[answer.id]?.(bytes) as (FastNode | null)[];
    if (nodes.length !== into.count) throw UNREADABLE;
    for (let index = 0; index < into.count; index++) {
      const node = nodes[index] as FastNode | null;
      // A list in the list of entities is none.
      if (Array.isArray(node)) throw UNREADABLE;
      into.table.nodes[into.first + index] = node;
    }
  }

  /** Steps that ask one subgraph for the same selection share what they got. */
  #table({ reuseKey }: FetchStep): EntityTable {
    if (reuseKey === null) return new EntityTable();
    let table = this.#tables.get(reuseKey);
    if (table === undefined) this.#tables.set(reuseKey, (table = new EntityTable()));
    return table;
  }

  async #call(step: FetchStep, representations: string | null): Promise<Buffer> {
    const { context, dataSources, recorded } = this.#request;
    const { node, path } = step;
    const variables = variablesOf(step, this.#request);
    if (representations !== null && Object.hasOwn(variables.own, "representations")) throw UNREADABLE;
    const body = step.writeBody(callBody(variables.ownText, representations));
    const source = dataSources[node.serviceName] as GraphQLDataSource & BodySource;
    const sent = source.sendBody({ body, node, path, context });
    recorded.set(recordKey(node.serviceName, body), sent);
    return bytesOf(await sent.catch(() => null));
  }
}

interface Fresh {
  readonly table: EntityTable;
  readonly first: number;
  readonly count: number;
}

/** Waits for the calls that bring the entities; mostly this is one. */
async function awaitCalls(table: EntityTable, entities: readonly number[]): Promise<void> {
  let last: Promise<void> | undefined;
  let others: Set<Promise<void>> | undefined;
  for (const entity of entities) {
    if (entity < 0) continue;
    const call = table.calls[entity];
    if (call === undefined || call === last) continue;
    if (last === undefined) last = call;
    else (others ??= new Set()).add(call);
  }
  if (others === undefined) await last;
  else await Promise.all([last, ...others]);
}

/** The bytes of an answer that is a plain success. */
function bytesOf(response: TransportResponse | null): Buffer {
  if (response === null || response.status < 200 || response.status > 299) throw NO_SUCCESS;
  const type = response.headers["content-type"] ?? "";
  if (!type.startsWith("application/json") && !type.startsWith("application/graphql-response+json"))
    throw NO_SUCCESS;
  const bytes = response.bytes ?? Buffer.from(response.body);
  if (!isUtf8(bytes)) throw UNREADABLE;
  return bytes;
}
