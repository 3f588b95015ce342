import type { GraphQLLeafType } from "graphql";

/** What a subgraph answers at one place of an operation: the fields of the objects there, in the order of the answer. */
export interface Shape {
  /** Different from that of every other shape of the program. */
  readonly id: number;
  readonly fields: readonly ShapeField[];
  readonly byKey: ReadonlyMap<string, ShapeField>;
  /** Names of the object types that an object may be of here; never empty. */
  readonly types: readonly string[];
  /** Whether answers tell the type, as `__typename`. Of one possible type it is known anyway. */
  readonly tellsType: boolean;
  /** Whether each object becomes a node; otherwise its text is checked, and copied as a whole. */
  isNode: boolean;
  /** The fetches that bring more for objects of this shape, by their numbers. */
  readonly attachments: Set<number>;
  /** The places of the response that have objects of this shape, by their numbers. */
  readonly places: Set<number>;
  /** What is selected at these places, by number: several at one place where it depends on the objects around it. */
  readonly outputs: Set<number>;
}

export interface ShapeField {
  /** The response name in the subgraph's answer. */
  readonly key: string;
  /** Its position in the shape. */
  readonly index: number;
  readonly kind: "typename" | "leaf" | "object";
  /**
   * Whether the value, the items of the list, the items of these and so on must not be null. As many as there are
   * lists, and one for what is in the innermost.
   */
  readonly nonNull: readonly boolean[];
  /** The type of a leaf. */
  readonly leaf: GraphQLLeafType | null;
  /** The shape of an object. */
  readonly shape: Shape | null;
}

/** What one operation of a subgraph answers. */
export interface AnswerShape {
  /** Different from that of every other answer of the program; equal operations of one subgraph have the same. */
  readonly id: number;
  /** Of the entities, or of the root. */
  readonly root: Shape;
  /** All shapes of the answer, `root` first. */
  readonly shapes: readonly Shape[];
  readonly isOfEntities: boolean;
}
