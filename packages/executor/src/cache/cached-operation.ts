import type { QueryPlan } from "@apollo/query-planner";
import { type GraphQLSchema, Kind, type VariableDefinitionNode } from "graphql";
import { type Conditions, conditionVariables, type Operation, readConditions } from "../compile/operation.ts";
import { compileProgram, type Program } from "../compile/program.ts";
import type { DataSources } from "../run/request.ts";
import { sizeOfCode, sizeOfDocument, sizesOfPlan } from "./size.ts";
import type { OperationSource, UsedOperation } from "./used-operation.ts";

/** An operation with its plan. */
export interface PlannedOperation {
  readonly operation: Operation;
  readonly plan: QueryPlan;
  /** How long planning took; null where the plan was already there. */
  readonly planMilliseconds: number | null;
  /** As the client wrote them. */
  readonly variableDefinitions: readonly VariableDefinitionNode[];
  /** The names that variables go by in the plan, by the client's; only those that are others. */
  readonly variableNames: ReadonlyMap<string, string>;
  /** Variables that may be null, and stand where a field or a condition does not take it; by the client's names. */
  readonly refusable: readonly string[];
}

/** What cached operations of one supergraph have in common. */
export interface CompileOptions {
  readonly supergraphSchema: GraphQLSchema;
  /** How often a program runs before code is generated for it. */
  readonly fastAfterRuns: number;
}

/** Told what programs cost. */
export interface CompileListener {
  onCompiled(what: "program" | "code", milliseconds: number): void;
  /** The bytes that an entry takes have changed. */
  onGrown(entry: CachedOperation, bytes: number): void;
}

interface CompiledProgram {
  readonly program: Program;
  readonly conditions: Conditions;
  bytes: number;
}

/** An operation with its plan, and the programs for those values of its `@skip` and `@include` variables that occurred. */
export class CachedOperation {
  readonly source: OperationSource;
  readonly planned: PlannedOperation;
  /** How often it was asked for. */
  uses = 0;
  /** What it takes in memory, by estimate. */
  bytes: number;
  readonly #options: CompileOptions;
  readonly #listener: CompileListener;
  readonly #names: readonly string[];
  /** In order of making. */
  readonly #programs = new Map<string, CompiledProgram>();
  readonly #programBytes: number;

  constructor(
    source: OperationSource,
    planned: PlannedOperation,
    { options, listener }: { readonly options: CompileOptions; readonly listener: CompileListener },
  ) {
    this.source = source;
    this.planned = planned;
    this.#options = options;
    this.#listener = listener;
    this.#names = conditionVariables(planned.operation);
    const sizes = sizesOfPlan(planned.plan);
    this.#programBytes = sizes.program;
    this.bytes = sizeOfDocument(source.document) + sizes.plan;
  }

  /**
   * The program for a request's variables. Compiled once for each combination of values.
   *
   * @throws Error for what Apollo Gateway does not run either: subscriptions and `@defer`
   */
  program(variables: Readonly<Record<string, unknown>>): Program {
    const { operation, plan } = this.planned;
    const conditions = readConditions(operation, this.#names, variables);
    const values = this.#names.map((name) => (conditions[name] === true ? "1" : "0")).join("");
    const known = this.#programs.get(values);
    if (known !== undefined) return known.program;
    const began = performance.now();
    const compiled: CompiledProgram = {
      program: compileProgram({
        operation,
        plan,
        conditions,
        ...this.#options,
        onGenerated: (characters, milliseconds) => {
          this.#listener.onCompiled("code", milliseconds);
          if (this.#programs.get(values) === compiled) this.#grow(compiled, sizeOfCode(characters));
        },
      }),
      conditions,
      bytes: 0,
    };
    this.#programs.set(values, compiled);
    this.#listener.onCompiled("program", performance.now() - began);
    this.#grow(compiled, this.#programBytes);
    return compiled.program;
  }

  /**
   * Compiles a program before a request asks for it, with generated code where there ever is any.
   *
   * @param conditions values of condition variables; those that are missing have their defaults. Nothing is compiled
   *   where one has no default
   */
  prepare(conditions: Conditions, dataSources: DataSources): void {
    const { variableDefinitions = [] } = this.planned.operation.operation;
    const given = new Set(Object.keys(conditions));
    for (const { variable, defaultValue } of variableDefinitions) {
      if (defaultValue?.kind === Kind.BOOLEAN) given.add(variable.name.value);
    }
    if (!this.#names.every((name) => given.has(name))) return;
    const program = this.program(conditions);
    if (this.#options.fastAfterRuns !== Infinity) program.fast.prepare(dataSources);
  }

  get programs(): number {
    return this.#programs.size;
  }

  /** Lets go of the program that was made first, where there are several. */
  dropProgram(): boolean {
    const [first] = this.#programs;
    if (first === undefined || this.#programs.size < 2) return false;
    const [values, compiled] = first;
    this.#programs.delete(values);
    this.#grow(compiled, -compiled.bytes);
    return true;
  }

  /** What another supergraph needs to know to be ready for it. */
  get used(): UsedOperation {
    const conditions = [...this.#programs.values()].map((each) => each.conditions);
    return { ...this.source, uses: this.uses, conditions };
  }

  #grow(compiled: CompiledProgram, bytes: number): void {
    compiled.bytes += bytes;
    this.bytes += bytes;
    this.#listener.onGrown(this, bytes);
  }
}
