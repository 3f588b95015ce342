import { isUtf8 } from "node:buffer";
import type { GraphQLDataSource } from "@apollo/gateway";
import type { FetchStep, Step } from "../compile/steps.ts";
import type { RunningRequest } from "../run/request.ts";
import { RecordedCall, type RecordedCalls } from "../run/recorded-calls.ts";
import { callBody, variablesOf } from "../run/subgraph-call.ts";
import { type BodySource, dispatchBody } from "../subgraph/body-source.ts";
import type { ResponseReceiver, TransportResponse } from "../transport/transport.ts";
import { type Continuation, Join } from "./continuation.ts";
import { awaitCalls, type BytesReader, EntityCall } from "./entity-call.ts";
import { type EntityTable, freeTable, takeTable } from "./entity-table.ts";
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
export function runFast(program: FastProgram, step: Step, request: FastRequest): Promise<Buffer> {
  return new Promise((resolve, reject) => new FastRun({ program, request, resolve, reject }).start(step));
}

/** How far apart the stamps of two searches are: more than any path is long. */
const STAMPS = 1024;

interface FastRunOptions {
  readonly program: FastProgram;
  readonly request: FastRequest;
  readonly resolve: (response: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One run, from callback to callback: a request makes some ten calls, and a promise for each step of each of them would
 * cost as much as the calls' data. It ends once: with the response, or with the first thing that goes wrong.
 */
class FastRun implements Continuation {
  readonly #root: FastNode;
  readonly #program: FastProgram;
  readonly #request: FastRequest;
  readonly #resolve: FastRunOptions["resolve"];
  readonly #reject: FastRunOptions["reject"];
  /** By `reuseKey`. */
  #shared: Map<string, EntityTable> | null = null;
  readonly #tables: EntityTable[] = [];
  #stamp = 1;
  #isOver = false;

  constructor({ program, request, resolve, reject }: FastRunOptions) {
    this.#program = program;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#root = program.code.root();
  }

  start(step: Step): void {
    this.attempt(() => this.step(step, this));
  }

  /** All steps are done. */
  done(): void {
    if (this.#isOver) return;
    const response = this.#program.code.respond(this.#root);
    this.#isOver = true;
    this.#request.recorded.release();
    for (const table of this.#tables) freeTable(table);
    this.#resolve(response);
  }

  /** Goes on in what was called from outside. Whatever is thrown ends the run. */
  attempt(go: () => void): void {
    if (this.#isOver) return;
    try {
      go();
    } catch (error) {
      this.#isOver = true;
      this.#reject(error);
    }
  }

  /** @throws Handover */
  step(step: Step, then: Continuation): void {
    switch (step.kind) {
      case "fetch": {
        const fetch = this.#program.fetches.get(step) as FastFetch;
        if (fetch.answer.isOfEntities) this.#entities(fetch, then);
        else this.#object(fetch, then);
        return;
      }
      case "sequence":
        return new Sequence(this, step.steps, then).done();
      case "parallel": {
        const join = new Join(step.steps.length, then);
        for (const each of step.steps) this.step(each, join);
      }
    }
  }

  #object({ step, answer, number }: FastFetch, then: Continuation): void {
    this.#call(step, null, {
      onBytes: (bytes) => {
        this.#root[attachedOf(number)] = this.#program.code.answers[answer.id]?.(bytes);
        then.done();
      },
    });
  }

  #entities(fetch: FastFetch, then: Continuation): void {
    const { code } = this.#program;
    const { step, number } = fetch;
    const nodes: FastNode[] = [];
    code.gather[number]?.(this.#root, this.#stamp, nodes);
    this.#stamp += STAMPS;
    if (nodes.length === 0) return then.done();

    const table = this.#table(step);
    const first = table.count;
    const entities = code.represent(number, nodes, table);
    const count = table.count - first;
    const attach: Continuation = {
      done: () => {
        code.attach[number]?.(nodes, entities, table.nodes as (FastNode | null)[]);
        then.done();
      },
    };
    if (count === 0) return awaitCalls(table, entities, attach);
    const text = code.written(step.reuseKey === null ? null : table);
    const call = new EntityCall(code.answers[fetch.answer.id], { table, first, count });
    for (let entity = first; entity < first + count; entity++) table.calls[entity] = call;
    // Mostly all that is needed is in this call.
    if (first === 0) call.whenDone(attach);
    else awaitCalls(table, entities, attach);
    this.#call(step, text, call);
  }

  /** Steps that ask one subgraph for the same selection share what they got. */
  #table({ reuseKey }: FetchStep): EntityTable {
    let table = reuseKey === null ? undefined : this.#shared?.get(reuseKey);
    if (table !== undefined) return table;
    table = takeTable();
    this.#tables.push(table);
    if (reuseKey !== null) (this.#shared ??= new Map<string, EntityTable>()).set(reuseKey, table);
    return table;
  }

  #call(step: FetchStep, representations: string | null, reader: BytesReader): void {
    const { context, dataSources, recorded } = this.#request;
    const { node, path } = step;
    const variables = variablesOf(step, this.#request);
    if (representations !== null && Object.hasOwn(variables.own, "representations")) throw UNREADABLE;
    const body = step.writeBody(callBody(variables.ownText, representations));
    const source = dataSources[node.serviceName] as GraphQLDataSource & BodySource;
    const call = new RecordedCall(node.serviceName, body, new AnswerReader(this, reader));
    recorded.add(call);
    dispatchBody(source, { body, node, path, context }, call);
  }
}

/** Does steps one after the other. */
class Sequence implements Continuation {
  readonly #run: FastRun;
  readonly #steps: readonly Step[];
  readonly #then: Continuation;
  #next = 0;

  constructor(run: FastRun, steps: readonly Step[], then: Continuation) {
    this.#run = run;
    this.#steps = steps;
    this.#then = then;
  }

  done(): void {
    const step = this.#steps[this.#next++];
    if (step === undefined) this.#then.done();
    else this.#run.step(step, this);
  }
}

/** Reads the answer of a call on behalf of a run. */
class AnswerReader implements ResponseReceiver {
  readonly #run: FastRun;
  readonly #reader: BytesReader;

  constructor(run: FastRun, reader: BytesReader) {
    this.#run = run;
    this.#reader = reader;
  }

  onResponse(response: TransportResponse): void {
    this.#run.attempt(() => this.#reader.onBytes(bytesOf(response)));
  }

  onFailure(): void {
    this.#run.attempt(() => {
      throw NO_SUCCESS;
    });
  }
}

/** The bytes of an answer that is a plain success. */
function bytesOf(response: TransportResponse): Buffer {
  if (response.status < 200 || response.status > 299) throw NO_SUCCESS;
  const type = response.headers["content-type"] ?? "";
  if (!type.startsWith("application/json") && !type.startsWith("application/graphql-response+json"))
    throw NO_SUCCESS;
  const bytes = response.bytes ?? Buffer.from(response.body);
  if (!isUtf8(bytes)) throw UNREADABLE;
  return bytes;
}
