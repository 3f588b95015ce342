import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import { type GraphQLSchema, isAbstractType } from "graphql";
import { type EntityField, entityFields, readFetch, withEntityFields } from "./fetch-document.ts";
import { mapFetches } from "./plan-nodes.ts";
import { keysOfType, needsOfField, without } from "./required-selections.ts";
import { joined, type PlannedFor } from "./subgraph-inputs.ts";

type Rewrite = NonNullable<FetchNode["inputRewrites"]>[number];

/** As what a fetch sends entities of some types. */
interface SentAs {
  readonly rewrite: Rewrite;
  /** The type that the subgraph is told. */
  readonly type: string;
  /** The object types that this is told of. */
  readonly objects: ReadonlySet<string>;
}

/**
 * Splits fetches that ask for fields of several interface objects (`@interfaceObject`) that an entity is of: it is sent as
 * an object of one type, and of the fields of the others it would have none.
 *
 * A plan in which nothing is to be split is the same one.
 */
export function splitSentTypes(plan: QueryPlan, planned: PlannedFor): QueryPlan {
  return mapFetches(plan, (fetch) => splitFetch(fetch, planned));
}

function splitFetch(fetch: FetchNode, { supergraphSchema: schema, inputs }: PlannedFor): PlanNode {
  const sent = (fetch.inputRewrites ?? []).flatMap((rewrite) => sentAs(rewrite, schema));
  const byType = Map.groupBy(sent, ({ type }) => type);
  const isConflicting = sent.some((one) =>
    sent.some((other) => one.type !== other.type && !one.objects.isDisjointFrom(other.objects)),
  );
  if (!isConflicting || fetch.requires === undefined) return fetch;
  const document = readFetch(fetch);
  const fields = Map.groupBy(entityFields(document), ({ around: [first] }) => {
    const type = first?.typeCondition?.name.value ?? "";
    return byType.has(type) ? type : undefined;
  });
  const { requires, inputRewrites = [], serviceName } = fetch;
  const taken = inputs.get(serviceName);
  const needsOf = (of: readonly EntityField[]) =>
    joined(taken === undefined ? [] : of.map((each) => needsOfField(each, taken, schema)));
  const allNeeds = needsOf([...fields.values()].flat());
  const nodes = [...fields].map(([type, own]): FetchNode => {
    const part = withEntityFields(fetch, document, own);
    const others = new Set(sent.flatMap((each) => (each.type === type ? [] : [each.rewrite])));
    const objects = new Set(sent.flatMap((each) => (each.type === type ? [...each.objects] : [])));
    const isOne = (name: string) =>
      type === undefined ? !sent.some((of) => of.objects.has(name)) : objects.has(name);
    const ownNeeds = needsOf(own);
    return {
      ...part,
      inputRewrites: inputRewrites.filter((each) => !others.has(each)),
      requires: requires
        .flatMap((each) => ofTypes(each, isOne, schema))
        // What the others need may not be there, and an entity that lacks something is not sent.
        .flatMap((each) => {
          const ofType = type ?? (each.kind === "InlineFragment" ? each.typeCondition : undefined) ?? "";
          const keys = taken === undefined ? [] : keysOfType(ofType, taken, schema);
          return without([each], allNeeds, joined([ownNeeds, ...keys]));
        }),
    };
  });
  return nodes.length === 1 ? (nodes[0] as FetchNode) : { kind: "Parallel", nodes };
}

function sentAs(rewrite: Rewrite, schema: GraphQLSchema): SentAs[] {
  const [condition, name, ...rest] = rewrite.path;
  if (rewrite.kind !== "ValueSetter" || name !== "__typename" || rest.length > 0) return [];
  const type = condition?.replace(/^\.\.\. on /, "") ?? "";
  return [{ rewrite, type: String(rewrite.setValueTo), objects: new Set(objectTypes(schema, type)) }];
}

/** What is required of the types that are asked for alone, in a fragment for each where not all are. */
function ofTypes(
  required: QueryPlanSelectionNode,
  isOne: (type: string) => boolean,
  schema: GraphQLSchema,
): QueryPlanSelectionNode[] {
  if (required.kind !== "InlineFragment" || required.typeCondition === undefined) return [required];
  const types = objectTypes(schema, required.typeCondition);
  const kept = types.filter(isOne);
  if (kept.length === types.length) return [required];
  return kept.map((typeCondition) => ({ ...required, typeCondition }));
}

function objectTypes(schema: GraphQLSchema, name: string): string[] {
  const type = schema.getType(name);
  return isAbstractType(type) ? schema.getPossibleTypes(type).map((each) => each.name) : [name];
}
