import type { CodegenConfig } from "@graphql-codegen/cli";

export interface CodegenOptions {
  /**
   * GraphQL type -> the TypeScript type that its resolvers get as parent, `<module>#<type>`, the module relative to
   * `src/generated/`. A type without one has the shape that the schema gives it.
   */
  mappers: Record<string, string>;
}

/** What all subgraphs' resolver types have in common; a subgraph's own `codegen.ts` adds its mappers. */
export function createCodegenConfig({ mappers }: CodegenOptions): CodegenConfig {
  return {
    schema: "schema.graphql",
    generates: {
      "src/generated/resolvers.ts": {
        plugins: ["typescript", "typescript-resolvers"],
        config: {
          federation: true,
          contextType: "../context.ts#Context",
          mappers,
          scalars: {
            Currency: "string",
            DateTime: "Date",
            EmailAddress: "string",
            ID: "string",
            SafeInt: "number",
            // Federation's own, which directives use.
            _FieldSet: "string",
            federation__Policy: "string",
            federation__Scope: "string",
          },
          // A scalar that is not listed is an error, not `any`.
          strictScalars: true,
          // The files are run by type stripping: no enums, and imports of types say so.
          enumsAsTypes: true,
          useTypeImports: true,
          importExtension: ".ts",
          // What a union's or an interface's resolver returns says which member it is; no __resolveType to write then.
          resolversNonOptionalTypename: { unionMember: true, interfaceImplementingType: true },
        },
      },
    },
  };
}
