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
  ],
  output: { supergraph: "supergraph.graphql", api: "api.graphql" },
  operations: [{ name: "clients", folder: "operations" }],
  approvals: "approvals",
} satisfies SchemaConfig;
