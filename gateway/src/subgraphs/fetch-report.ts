import type { SentCall } from "@tributary/executor";
import { type Failure, FailureReport, type Path } from "./failure.ts";
import { readFetchKeys } from "./fetch-keys.ts";

/** What is told of a failure, wherever it is. */
type Told = Pick<Failure, "code" | "message" | "extensions">;

/** Makes the reports about one fetch. */
export interface FetchReport {
  /** Null for a fetch of root fields. */
  readonly representations: readonly Readonly<Record<string, unknown>>[] | null;
  /** Reports of what the whole fetch came to: one for each entity, or one. */
  ofAll(told: Told): readonly FailureReport[];
  /** Reports of an error with the path that the subgraph gave it, if it did. */
  at(path: Path | undefined, told: Told): readonly FailureReport[];
}

/** Prepares reports about a fetch. Used where something went wrong, and not before. */
export function createFetchReport(service: string, { body, node, path }: SentCall): FetchReport {
  const keys = readFetchKeys(node.operation);
  const representations = keys.isOfEntities ? representationsIn(body) : null;
  const typeOf = (index: number) => String(representations?.[index]?.["__typename"]);
  const failure = (told: Told, exact: boolean, own: readonly string[]): Failure => ({
    service,
    ...told,
    exact,
    fetch: { path, keys: own },
  });

  const ofEntity = (index: number, told: Told): FailureReport => {
    const own = keys.ofEntity(typeOf(index));
    return new FailureReport(failure(told, false, own), ["_entities", index], own);
  };
  const ofAll = (told: Told): readonly FailureReport[] => {
    if (representations === null) return [new FailureReport(failure(told, false, keys.root), [], keys.root)];
    const one = failure(told, false, keys.ofEntity(typeOf(0)));
    return representations.map(
      (_, index) => new FailureReport(one, ["_entities", index], keys.ofEntity(typeOf(index))),
    );
  };

  return {
    representations,
    ofAll,
    at(place = [], told) {
      if (representations === null) {
        return place.length === 0 ? ofAll(told) : [new FailureReport(failure(told, true, keys.root), place)];
      }
      const [first, index] = place;
      // An index of no entity that was asked for tells nothing of which it is.
      if (first !== "_entities" || typeof index !== "number" || representations[index] === undefined)
        return ofAll(told);
      if (place.length === 2) return [ofEntity(index, told)];
      return [new FailureReport(failure(told, true, keys.ofEntity(typeOf(index))), place)];
    },
  };
}

function representationsIn(body: string): FetchReport["representations"] {
  const { variables } = JSON.parse(body) as {
    variables: { representations: readonly Readonly<Record<string, unknown>>[] };
  };
  return variables.representations;
}
