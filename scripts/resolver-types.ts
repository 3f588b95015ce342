import path from "node:path";
import type { CodegenConfig } from "@graphql-codegen/cli";

/**
 * What GraphQL Code Generator is told to make of a subgraph's SDL: the types of its resolvers.
 *
 * @param folder the subgraph's folder, absolute
 * @param mappers GraphQL type -> TypeScript type of the parent that its resolvers get, as the subgraph's codegen.ts has it
 */
export function resolverTypes(folder: string, mappers: Record<string, string>): CodegenConfig {
  return {
    cwd: folder,
    schema: "schema.graphql",
    generates: {
      [path.join(folder, "src/generated/resolvers.ts")]: {
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
    silent: true,
  };
}
