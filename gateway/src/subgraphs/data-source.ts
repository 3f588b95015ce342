import type { GraphQLDataSource } from "@apollo/gateway";
import { type GraphQLSchema, parse } from "graphql";
import { relayError } from "./error-policy.ts";
import type { Failure } from "./failure.ts";
import { readFetchKeys } from "./fetch-keys.ts";
import { matchRepresentations, type Path, type Position } from "./response-tree.ts";
import { fitToShape, type Keys, shapeOf } from "./shape.ts";
import type { SubgraphClient, SubgraphResponse, SubgraphResponseError } from "./subgraph-client.ts";
import { clientMessage, SubgraphError, type SubgraphErrorCode } from "./subgraph-error.ts";
import type { SubgraphRequest } from "./subgraph-request.ts";

export interface DataSourceOptions {
  readonly service: string;
  readonly url: string;
  readonly client: SubgraphClient;
  /** The schema of all subgraphs together; asked for when first needed. */
  readonly supergraphSchema: () => GraphQLSchema;
  /** Told what the client is not. */
  readonly onTrouble: (trouble: SubgraphTrouble) => void;
}

/** What went wrong with a subgraph, for the log. */
export interface SubgraphTrouble {
  readonly service: string;
  readonly requestId: string;
  readonly code: string;
  readonly detail: string;
}

type Variables = Readonly<Record<string, unknown>>;
type Data = Record<string, unknown>;

/** One fetch of a plan. */
interface Fetch {
  readonly operation: string;
  readonly path: readonly (string | number)[];
  /** Null for a fetch of root fields. */
  readonly representations: readonly Readonly<Record<string, unknown>>[] | null;
  readonly request: SubgraphRequest;
}

/**
 * Makes what sends one subgraph's fetches. It never throws for what a subgraph does: what a fetch failed to bring
 * stays null, and is put down in the request's `failures`, from where the errors of the answer are made.
 */
export function createDataSource(options: DataSourceOptions): GraphQLDataSource {
  const { service, url, client } = options;
  const shapes = new Map<string, Keys>();

  const shapeOfOperation = (operation: string) => {
    const known = shapes.get(operation);
    if (known !== undefined) return known;
    const shape = shapeOf(parse(operation, { noLocation: true }), options.supergraphSchema());
    if (shapes.size >= 2000) shapes.clear();
    shapes.set(operation, shape);
    return shape;
  };

  const send = async (
    fetch: Fetch,
    variables: Variables,
    operationName: string | undefined,
  ): Promise<SubgraphResponse> => {
    const { request } = fetch;
    const token = await request.identityTokenFor(service);
    return client.send({
      url,
      headers: {
        ...request.forwardedHeaders,
        "x-request-id": request.requestId,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query: fetch.operation, variables, operationName }),
      signal: request.signal,
    });
  };

  /** @throws SubgraphError where entities came back in another number than they were asked for */
  const take = (fetch: Fetch, response: SubgraphResponse): Data | null => {
    const { data } = response;
    if (data === null) return null;
    const misfits = fitToShape(data, shapeOfOperation(fetch.operation));
    if (fetch.representations !== null) {
      const { _entities: entities } = data;
      const asked = fetch.representations.length;
      if (entities === null || entities === undefined) {
        if (response.errors.length === 0) throw new SubgraphError("SUBGRAPH_INVALID_RESPONSE", "no entities");
        return null;
      }
      if (!Array.isArray(entities) || entities.length !== asked) {
        throw new SubgraphError("SUBGRAPH_INVALID_RESPONSE", `not ${asked} entities`, {
          status: response.status,
        });
      }
    }
    for (const path of misfits) {
      report(fetch, "SUBGRAPH_INVALID_RESPONSE", `a value of a wrong form at ${path.join(".")}`);
      fetch.request.failures.push(
        failureAt(fetch, { path, ...unusable("SUBGRAPH_INVALID_RESPONSE", service) }),
      );
    }
    return data;
  };

  const report = ({ request }: Fetch, code: string, detail: string) =>
    options.onTrouble({ service, requestId: request.requestId, code, detail });

  const relay = (fetch: Fetch, error: SubgraphResponseError): void => {
    const relayed = relayError(error);
    if (relayed === null) report(fetch, "INTERNAL_SERVER_ERROR", error.message);
    const { code, message, extensions } = relayed ?? {
      code: "INTERNAL_SERVER_ERROR",
      message: "Internal server error",
      extensions: { requestId: fetch.request.requestId },
    };
    fetch.request.failures.push(failureAt(fetch, { path: error.path, code, message, extensions }));
  };

  const failureAt = (
    fetch: Fetch,
    error: {
      path?: Path | undefined;
      code: string;
      message: string;
      extensions: Readonly<Record<string, unknown>>;
    },
  ): Failure => ({
    ...locate(fetch, error.path),
    service,
    code: error.code,
    message: error.message,
    extensions: error.extensions,
  });

  return {
    async process(input) {
      const { query = "", variables = {}, operationName } = input.request;
      const request = input.context as unknown as SubgraphRequest;
      const representations = (variables as Variables)["representations"];
      const fetch: Fetch = {
        operation: query,
        path: ("pathInIncomingRequest" in input && input.pathInIncomingRequest) || [],
        representations: isEntityFetch(query) && Array.isArray(representations) ? representations : null,
        request,
      };
      const startedAt = performance.now();
      const record = (status: number | null, code?: SubgraphErrorCode) =>
        request.subgraphCalls.push({
          service,
          durationMs: Math.round((performance.now() - startedAt) * 100) / 100,
          status,
          ...(code === undefined ? {} : { code }),
        });
      request.sent.push({ service, path: fetch.path, operation: query });
      try {
        const response = await send(fetch, variables, operationName);
        const data = take(fetch, response);
        for (const error of response.errors) relay(fetch, error);
        if (data !== null && fetch.representations === null) request.tree.add(data);
        record(response.status);
        return { data: data as never };
      } catch (error) {
        if (!(error instanceof SubgraphError)) throw error;
        record(error.status, error.code);
        // Nobody is left to be told, and nothing is wrong with the subgraph.
        if (!request.signal.aborted) report(fetch, error.code, error.detail);
        request.failures.push(failureAt(fetch, unusable(error.code, service)));
        return { data: null as never };
      }
    },
  };
}

function isEntityFetch(operation: string): boolean {
  return operation.includes("_entities(representations:");
}

function unusable(code: SubgraphErrorCode, service: string) {
  return { code, message: clientMessage(code, service), extensions: {} };
}

/** Where in the answer a failure of a fetch is, given the path that the subgraph named, if it did. */
function locate(
  fetch: Fetch,
  path: Path | undefined,
): Pick<Failure, "places" | "exact" | "objects" | "fetch"> {
  const keys = readFetchKeys(fetch.operation);
  const positions = fetch.request.tree.positionsAt(fetch.path);
  if (fetch.representations === null) {
    const at = { objects: [[]], fetch: { path: fetch.path, keys: keys.root } };
    if (path !== undefined && path.length > 0) return { ...at, places: [path], exact: true };
    return { ...at, places: keys.root.map((key) => [key]), exact: false };
  }
  const matched = matchRepresentations(fetch.representations, positions);
  const typeOf = (index: number) => String(fetch.representations?.[index]?.["__typename"]);
  const placesOf = (position: Position | undefined, index: number): Path[] =>
    position === undefined ? [] : keys.ofEntity(typeOf(index)).map((key) => [...position.path, key]);
  const index = path?.[0] === "_entities" && typeof path[1] === "number" ? path[1] : undefined;
  const about = index === undefined ? matched : [matched[index]];
  const at = {
    objects: about.flatMap((position) => (position === undefined ? [] : [position.path])),
    fetch: { path: fetch.path, keys: keys.ofEntity(typeOf(index ?? 0)) },
  };
  if (index === undefined) return { ...at, places: matched.flatMap(placesOf), exact: false };
  const rest = path?.slice(2) ?? [];
  const position = matched[index];
  if (rest.length === 0 || position === undefined)
    return { ...at, places: placesOf(position, index), exact: false };
  return { ...at, places: [[...position.path, ...rest]], exact: true };
}
