import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  createLogger,
  parseConfig,
  type RunningSubgraph,
  startSubgraph,
  subgraphSettings,
} from "@tributary/subgraph-kit";
import { anonymous, createIdentityIssuer } from "@tributary/subgraph-kit/identity";
import { schemaText } from "./schema-text.ts";

// The data that the checks expect.

const DIMENSION = { size: "small", weight: 1, unit: "kg" };

const USER = {
  email: "support@apollographql.com",
  name: "Jane Smith",
  totalProductsCreated: 1337,
  yearsOfEmployment: 10,
};

const DEPRECATED_PRODUCT = {
  sku: "apollo-federation-v1",
  package: "@apollo/federation-v1",
  reason: "Migrate to Federation V2",
  createdBy: USER,
};

const RESEARCH = [
  { study: { caseNumber: "1234", description: "Federation Study" }, outcome: null },
  { study: { caseNumber: "1235", description: "Studio Study" }, outcome: null },
];

const PRODUCTS = [
  {
    id: "apollo-federation",
    sku: "federation",
    package: "@apollo/federation",
    variation: { id: "OSS" },
    dimensions: DIMENSION,
    research: [RESEARCH[0]],
    createdBy: USER,
    notes: null,
  },
  {
    id: "apollo-studio",
    sku: "studio",
    package: "",
    variation: { id: "platform" },
    dimensions: DIMENSION,
    research: [RESEARCH[1]],
    createdBy: USER,
    notes: null,
  },
];

interface ProductReference {
  readonly id?: string;
  readonly sku?: string;
  readonly package?: string;
  readonly variation?: { readonly id: string };
}

interface UserReference {
  readonly email: string;
  readonly totalProductsCreated?: number | null;
  readonly yearsOfEmployment?: number;
}

const resolvers = {
  Query: {
    product: (_parent: unknown, { id }: { id: string }) => findProduct({ id }),
    deprecatedProduct: (_parent: unknown, key: { sku: string; package: string }) => findDeprecated(key),
  },
  Product: { __resolveReference: findProduct },
  DeprecatedProduct: { __resolveReference: findDeprecated },
  ProductResearch: {
    __resolveReference: ({ study }: { study: { caseNumber: string } }) =>
      RESEARCH.find((each) => each.study.caseNumber === study.caseNumber),
  },
  User: {
    __resolveReference: (reference: UserReference) =>
      reference.email === USER.email ? { ...reference, name: USER.name } : null,
    averageProductsCreatedPerYear: ({ totalProductsCreated, yearsOfEmployment }: UserReference) =>
      totalProductsCreated == null || yearsOfEmployment === undefined
        ? null
        : Math.round(totalProductsCreated / yearsOfEmployment),
  },
  Inventory: {
    __resolveReference: ({ id }: { id: string }) =>
      id === "apollo-oss" ? { id, deprecatedProducts: [DEPRECATED_PRODUCT] } : null,
  },
};

/** By whichever of its keys. */
function findProduct(key: ProductReference) {
  return PRODUCTS.find(
    (product) =>
      (key.id === undefined || product.id === key.id) &&
      (key.sku === undefined || product.sku === key.sku) &&
      (key.package === undefined || product.package === key.package) &&
      (key.variation === undefined || product.variation.id === key.variation.id),
  );
}

function findDeprecated(key: { readonly sku: string; readonly package: string }) {
  return key.sku === DEPRECATED_PRODUCT.sku && key.package === DEPRECATED_PRODUCT.package
    ? DEPRECATED_PRODUCT
    : null;
}

export interface RunningProducts extends RunningSubgraph {
  /** The header that a gateway sends. */
  readonly authorization: string;
}

/** Starts the subgraph `products` as all our subgraphs are: by subgraph-kit. It has no database. */
export async function startProducts(): Promise<RunningProducts> {
  const issuer = await createIdentityIssuer({ lifetimeSeconds: 3_600 });
  const folder = await mkdtemp(path.join(tmpdir(), "tributary-products-"));
  const keys = path.join(folder, "gateway.jwks.json");
  await writeFile(keys, JSON.stringify(issuer.jwks));
  const subgraph = await startSubgraph({
    name: "products",
    typeDefs: schemaText("products"),
    resolvers,
    config: parseConfig(subgraphSettings, {
      DATABASE_URL: "postgresql://localhost/none",
      IDENTITY_JWKS: keys,
      LOG_LEVEL: "silent",
    }),
    logger: createLogger("products", "silent"),
    createContext: (base) => base,
    ready: async () => {},
    close: () => rm(folder, { recursive: true }),
  });
  return { ...subgraph, authorization: `Bearer ${await issuer.issue(anonymous, "products")}` };
}
