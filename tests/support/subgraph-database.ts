/** Moved: import `@tributary/subgraph-testing`. */
export * from "@tributary/subgraph-testing";
