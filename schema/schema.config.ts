import type { SchemaConfig } from "@tributary/schema-cli";

export default {
  subgraphs: [
    {
      name: "customer",
      url: "http://localhost:4001/graphql",
      schema: "../subgraphs/customer/schema.graphql",
    },
    { name: "order", url: "http://localhost:4002/graphql", schema: "../subgraphs/order/schema.graphql" },
    { name: "payment", url: "http://localhost:4003/graphql", schema: "../subgraphs/payment/schema.graphql" },
    { name: "history", url: "http://localhost:4004/graphql", schema: "../subgraphs/history/schema.graphql" },
  ],
  output: { supergraph: "supergraph.graphql", api: "api.graphql" },
  operations: [{ name: "clients", folder: "operations" }],
  approvals: "approvals",
  lint: {
    rules: {
      "naming-convention": [
        "error",
        {
          types: "PascalCase",
          FieldDefinition: "camelCase",
          InputValueDefinition: "camelCase",
          Argument: "camelCase",
          DirectiveDefinition: "camelCase",
          EnumValueDefinition: "UPPER_CASE",
        },
      ],
      "no-hashtag-description": "error",
      "require-deprecation-reason": "error",
      // What the roots are for, their names say.
      "require-description": [
        "warn",
        {
          types: true,
          ignoredSelectors: ["[type=ObjectTypeDefinition][name.value=/^(Query|Mutation|Subscription)$/]"],
        },
      ],
      "unique-enum-value-names": "error",
    },
  },
  // One more fetch may be a fair price for a field; half as much again is not.
  thresholds: { plan: { fetches: 1, depth: 1, sequential: 1 }, cost: { factor: 1.5 } },
} satisfies SchemaConfig;
