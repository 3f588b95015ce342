import type { PlanPath } from "../run/places.ts";
import type { AnswerShape, Shape, ShapeField } from "./shape.ts";
import { Unsupported } from "./unsupported.ts";

/** Objects at one place of the response, and what the fetches of the plan bring for them. */
export interface Place {
  /** Different from that of every other place. */
  readonly id: number;
  /** What the fetch answers that the objects came with. */
  readonly shape: Shape;
  /** The fetches that bring more, in the order of the plan. */
  readonly attached: Attached[];
  /** The places inside of this one, by response name. */
  readonly inside: Map<string, Place>;
}

export interface Attached {
  /** The number of the fetch. */
  readonly fetch: number;
  readonly answer: AnswerShape;
}

/** Where a field of an object is found: in what it came with, or in what a fetch has brought. */
export interface Source {
  readonly attached: Attached | null;
  readonly field: ShapeField;
}

/** All places of a program. */
export class Places {
  readonly root: Place;
  /** Shapes whose objects fetches look into. */
  readonly walked = new Set<Shape>();
  #count = 0;

  constructor(rootShape: Shape) {
    this.root = this.#place(rootShape);
  }

  /** The sources of a field, those that count most last: what comes later replaces what was there. */
  sources({ shape, attached }: Place, key: string): readonly Source[] {
    const sources: Source[] = [];
    const own = shape.byKey.get(key);
    if (own !== undefined) sources.push({ attached: null, field: own });
    for (const each of attached) {
      const field = each.answer.root.byKey.get(key);
      if (field !== undefined) sources.push({ attached: each, field });
    }
    return sources;
  }

  /**
   * The source of the objects in a field.
   *
   * @throws Unsupported where they are put together from two answers
   */
  objectSource(place: Place, key: string): Source & { readonly field: { readonly shape: Shape } } {
    const [source, ...others] = this.sources(place, key);
    if (source === undefined) throw new Unsupported(`no objects in ${key}`);
    if (others.length > 0) throw new Unsupported("objects of two answers");
    const { field, attached } = source;
    if (field.shape === null) throw new Unsupported(`a leaf in the way: ${key}`);
    return { attached, field: { ...field, shape: field.shape } };
  }

  /** The place of the objects in a field. */
  inside(place: Place, key: string): Place {
    const known = place.inside.get(key);
    if (known !== undefined) return known;
    const inner = this.#place(this.objectSource(place, key).field.shape);
    place.inside.set(key, inner);
    return inner;
  }

  /** The place at a path of the plan. */
  at(path: PlanPath): Place {
    let place = this.root;
    for (const name of path) {
      if (name === "@") continue;
      place = this.inside(place, name);
      this.walked.add(place.shape);
    }
    return place;
  }

  #place(shape: Shape): Place {
    const place: Place = { id: this.#count++, shape, attached: [], inside: new Map() };
    shape.places.add(place.id);
    return place;
  }
}
