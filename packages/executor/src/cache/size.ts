import type { QueryPlan } from "@apollo/query-planner";
import { type DocumentNode, visit } from "graphql";

/*
 * What things take in memory, in bytes. Fitted to what V8's heap grew by for operations of 37 to 315 nodes with plans of
 * 288 to 3,747 characters, each many times over under other names; on the upper side of what was seen.
 */

/** A node of a syntax tree with its place in the text, and the tokens that belong to it. */
const NODE = 310;

/** What a document takes. */
export function sizeOfDocument(document: DocumentNode): number {
  let nodes = 0;
  visit(document, { enter: () => void nodes++ });
  return nodes * NODE;
}

/** What a plan takes, and what a program does that is made of it, without generated code. */
export function sizesOfPlan(plan: QueryPlan): { readonly plan: number; readonly program: number } {
  const { length } = JSON.stringify(plan);
  return { plan: 2_000 + length * 3, program: 5_000 + length * 7 };
}

/**
 * What generated code takes: its text, and what V8 makes of it.
 *
 * @param characters the text's length
 */
export function sizeOfCode(characters: number): number {
  return 12_000 + characters * 3;
}
