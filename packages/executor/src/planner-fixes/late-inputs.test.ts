import type { FetchNode, PlanNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import { expect, test } from "vitest";
import { PlanningError } from "../planning/planning-error.ts";
import { checkOrder } from "./late-inputs.ts";

const ROOT = fetch("a", "{one{__typename id}}");
const SIZE = at("one", ofEntities("b", ["id"], "size"));
const PRICE = at("one", ofEntities("c", ["id", "size"], "price"));
const SIZE_RENAMED: NonNullable<FetchNode["outputRewrites"]>[number] = {
  kind: "KeyRenamer",
  path: ["... on E", "size__alias_0"],
  renameKeyTo: "size",
};

test("a fetch beside the one that brings what it sends is told of", () => {
  const check = () => checkOrder(planOf(ROOT, { kind: "Parallel", nodes: [PRICE, SIZE] }));
  expect(check).toThrow(PlanningError);
  expect(check).toThrow(
    'What "c" tells at one can\'t be had: it needs size, which the plan does not bring before.',
  );
});

test("so is one that is deeper beside it", () => {
  const late: PlanNode = { kind: "Sequence", nodes: [at("one", ofEntities("d", ["id"], "label")), PRICE] };
  expect(() => checkOrder(planOf(ROOT, { kind: "Parallel", nodes: [SIZE, late] }))).toThrow(PlanningError);
});

test("so is one that brings a part of what is sent", () => {
  const parcel = at("one", ofEntities("d", ["id", "box { size }"], "parcel"));
  const box = at("one", ofEntities("b", ["id"], "box{__typename id}"));
  const size = at("one.box", ofEntities("c", ["id"], "size"));
  const check = () => checkOrder(planOf(ROOT, box, { kind: "Parallel", nodes: [parcel, size] }));
  expect(check).toThrow(
    'What "d" tells at one can\'t be had: it needs box.size, which the plan does not bring before.',
  );
  expect(() => checkOrder(planOf(ROOT, box, { kind: "Parallel", nodes: [size] }, parcel))).not.toThrow();
});

test("what a plan asks for under a name of its own is known by the name that it gets", () => {
  const size = { ...ofEntities("b", ["id"], "size__alias_0:size"), outputRewrites: [SIZE_RENAMED] };
  const check = () => checkOrder(planOf(ROOT, { kind: "Parallel", nodes: [PRICE, at("one", size)] }));
  expect(check).toThrow(PlanningError);
});

test.each<[string, PlanNode[]]>([
  [
    "behind it",
    [ROOT, { kind: "Parallel", nodes: [SIZE, at("one", ofEntities("d", ["id"], "label"))] }, PRICE],
  ],
  [
    "behind it in one branch",
    [ROOT, { kind: "Parallel", nodes: [{ kind: "Sequence", nodes: [SIZE, PRICE] }, { ...SIZE }] }],
  ],
  [
    "at another place",
    [
      ROOT,
      {
        kind: "Parallel",
        nodes: [at("one", ofEntities("c", ["id"], "price")), at("two", ofEntities("b", ["id"], "size"))],
      },
    ],
  ],
])("a fetch %s is right", (_name, nodes) => {
  expect(() => checkOrder(planOf(...nodes))).not.toThrow();
});

function planOf(...nodes: PlanNode[]) {
  return { kind: "QueryPlan", node: { kind: "Sequence", nodes } } as const;
}

function at(place: string, node: FetchNode): PlanNode {
  return { kind: "Flatten", path: place.split("."), node };
}

function ofEntities(serviceName: string, required: string[], field: string): FetchNode {
  const operation = `query($representations:[_Any!]!){_entities(representations:$representations){...on E{${field}}}}`;
  const selections = ["__typename", ...required].map((each): QueryPlanSelectionNode => {
    const [name = "", inner] = each.split(" { ");
    if (inner === undefined) return { kind: "Field", name };
    return { kind: "Field", name, selections: [{ kind: "Field", name: inner.replace(" }", "") }] };
  });
  return {
    ...fetch(serviceName, operation),
    requires: [{ kind: "InlineFragment", typeCondition: "E", selections }],
  };
}

function fetch(serviceName: string, operation: string): FetchNode {
  return { kind: "Fetch", serviceName, operation, variableUsages: [] } as unknown as FetchNode;
}
