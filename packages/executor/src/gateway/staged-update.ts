import type { ApolloGateway } from "@apollo/gateway";
import { type ApolloInternals, readInternals, readProperties } from "./apollo-internals.ts";

/** A supergraph that a gateway could go on with. */
export interface StagedUpdate {
  readonly internals: ApolloInternals;
  /** Makes it the gateway's supergraph, and tells its listeners, as ApolloGateway does. */
  install(): void;
}

interface Updatable {
  updateWithSupergraphSdl(update: { readonly id: string; readonly supergraphSdl: string }): void;
  compositionId: string;
  state: { phase: string };
  serviceMap: ApolloInternals["serviceMap"];
  queryPlanStore: ApolloInternals["queryPlanStore"];
  onSchemaChangeListeners: Iterates;
  onSchemaLoadOrUpdateListeners: Iterates;
  experimental_didUpdateSupergraph: ((...about: unknown[]) => void) | undefined;
}

interface Iterates {
  forEach(tell: (listener: (about: never) => void) => void): void;
}

/** What an update changes, apart from listeners and the store of plans. */
const CHANGED = [
  "compositionId",
  "supergraphSdl",
  "supergraphSchema",
  "apiSchema",
  "schema",
  "queryPlanner",
  "serviceMap",
] as const;

/**
 * Has a gateway's updates done by `update`, which is given ApolloGateway's own way to do one, on any object.
 *
 * ApolloGateway calls it in the middle of its `update` callback, whose caller is told of what it throws.
 */
export function takeOverUpdates(
  gateway: ApolloGateway,
  update: (id: string, stock: (on: ApolloGateway) => void) => void,
): void {
  const updatable = gateway as unknown as Updatable;
  const { updateWithSupergraphSdl } = readProperties(updatable, ["updateWithSupergraphSdl"]);
  updatable.updateWithSupergraphSdl = (next) =>
    update(next.id, (on) => updateWithSupergraphSdl.call(on as unknown as Updatable, next));
}

/** The id of the supergraph that a gateway has. */
export function compositionIdOf(gateway: ApolloGateway): string {
  return readProperties(gateway as unknown as Updatable, ["compositionId"]).compositionId;
}

/**
 * Has ApolloGateway do an update aside: by its own code, on an object that stands in front of the gateway and takes all
 * that is set. The gateway itself goes on with what it has, and nobody is told.
 *
 * @throws Error as ApolloGateway does where the supergraph cannot be served
 */
export function stageUpdate(gateway: ApolloGateway, stock: (on: ApolloGateway) => void): StagedUpdate {
  const real = gateway as unknown as Updatable;
  const announcements: (() => void)[] = [];
  const held = (listenersOf: (from: Updatable) => Iterates): Iterates => ({
    forEach: (tell) => void announcements.push(() => listenersOf(real).forEach(tell)),
  });
  const aside = Object.assign(Object.create(gateway) as Updatable, {
    serviceMap: Object.assign(Object.create(null), real.serviceMap) as Updatable["serviceMap"],
    queryPlanStore: { get: async () => undefined, set: async () => undefined, clear: () => undefined },
    onSchemaChangeListeners: held((from) => from.onSchemaChangeListeners),
    onSchemaLoadOrUpdateListeners: held((from) => from.onSchemaLoadOrUpdateListeners),
    experimental_didUpdateSupergraph: (...about: unknown[]) =>
      void announcements.push(() => real.experimental_didUpdateSupergraph?.(...about)),
  });
  stock(aside as unknown as ApolloGateway);
  const changed = readProperties(aside as unknown as Updatable & ApolloInternals, CHANGED);
  return {
    internals: { ...readInternals(aside as unknown as ApolloGateway), queryPlanStore: real.queryPlanStore },
    install() {
      // Listeners must not stop or update the gateway, and ApolloGateway sees to it by this.
      real.state = { phase: "updating schema" };
      try {
        real.queryPlanStore.clear();
        Object.assign(real, changed);
        for (const announce of announcements) announce();
      } finally {
        real.state = { phase: "loaded" };
      }
    },
  };
}
