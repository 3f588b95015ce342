import { HINTS } from "@apollo/composition/dist/hints.js";
import { ERRORS } from "@apollo/federation-internals";
import type { StepName } from "../result/step-name.ts";

/** What a code means, and what to do about it. */
export interface CodeEntry {
  /** The step that finds it; null for what stands beside the steps. */
  step: StepName | null;
  meaning: string;
  action: string;
}

const deprecate = "Keep it, deprecate it, and remove it once no client uses it; or have the change approved.";
const optional = "Leave it nullable or give it a default; or have the change approved.";
const notice =
  "Make sure that clients take what they do not know; nothing fails unless --fail-on dangerous is given.";
const none = "Nothing.";

const diff = (meaning: string, action: string): CodeEntry => ({ step: "diff", meaning, action });

/** Every code of ours. What the composer finds has the composer's own codes. */
export const codes = {
  INVALID_GRAPHQL: {
    step: "compose",
    meaning: "A subgraph's SDL is not GraphQL.",
    action: "Repair the syntax at the place that is named.",
  },
  COMPOSITION_ERROR: {
    step: "compose",
    meaning: "The subgraphs do not compose, for a reason that the composer has no code for.",
    action: "Repair the SDL as the message says.",
  },
  UNCHECKED: {
    step: null,
    meaning: "A step could not look. That is never taken for a pass.",
    action: "Do what the message says, and run the check again.",
  },
  BASE_MISSING: {
    step: null,
    meaning: "The base has no configuration, as where a change brings the first one.",
    action: "Nothing, if it is the first one. If it had another name before, give that with --base-config.",
  },
  BASE_BROKEN: {
    step: null,
    meaning:
      "The base does not compose. The change is compared with the last state before it that does, which is what clients have.",
    action: "Nothing, if the change mends it.",
  },
  OUTPUT_MISSING: {
    step: "compose",
    meaning: "A composed schema that the configuration names is not there.",
    action: "Run `schema compose`, and commit what it wrote.",
  },
  OUTPUT_OUT_OF_DATE: {
    step: "compose",
    meaning: "A committed schema is not what the subgraphs compose to.",
    action: "Run `schema compose`, and commit what it wrote.",
  },
  TYPE_REMOVED: diff("A type is gone. Whoever names it, or gets it, fails.", deprecate),
  TYPE_ADDED: diff("There is a new type.", none),
  TYPE_KIND_CHANGED: diff(
    "A type is of another kind, such as a union that was an interface.",
    "Give the new one another name.",
  ),
  FIELD_REMOVED: diff("A field is gone. Operations that ask for it are refused.", deprecate),
  FIELD_ADDED: diff("There is a new field.", none),
  FIELD_TYPE_CHANGED: diff(
    "A field has another type. That is safe only where what was nullable no longer is.",
    "Add a field of the new type beside it, and deprecate this one.",
  ),
  FIELD_ARGUMENT_REMOVED: diff("An argument is gone. Operations that give it are refused.", deprecate),
  FIELD_ARGUMENT_ADDED: diff(
    "There is a new argument. It breaks all who use the field if it has to be given.",
    optional,
  ),
  FIELD_ARGUMENT_TYPE_CHANGED: diff(
    "An argument has another type. That is safe only where it takes all it took.",
    optional,
  ),
  FIELD_ARGUMENT_DEFAULT_CHANGED: diff(
    "An argument has another default, or none. Without it, one that is not nullable has to be given.",
    "Keep the default, or add another argument.",
  ),
  INPUT_FIELD_REMOVED: diff("A field of an input is gone. Whoever sends it is refused.", deprecate),
  INPUT_FIELD_ADDED: diff(
    "An input has a new field. It breaks all who send the input if it has to be given.",
    optional,
  ),
  INPUT_FIELD_TYPE_CHANGED: diff(
    "A field of an input has another type. That is safe only where it takes all it took.",
    optional,
  ),
  INPUT_FIELD_DEFAULT_VALUE_CHANGED: diff(
    "A field of an input has another default, or none. Without it, one that is not nullable has to be given.",
    "Keep the default.",
  ),
  ENUM_VALUE_REMOVED: diff("A value of an enum is gone. Whoever sends it is refused.", deprecate),
  ENUM_VALUE_ADDED: diff("An enum has a new value, which clients may get and not know.", notice),
  UNION_MEMBER_REMOVED: diff("A union lost a member. Fragments on it are refused.", deprecate),
  UNION_MEMBER_ADDED: diff("A union has a new member, which clients may get and not know.", notice),
  OBJECT_TYPE_INTERFACE_REMOVED: diff(
    "A type no longer implements an interface. Fragments are refused.",
    deprecate,
  ),
  OBJECT_TYPE_INTERFACE_ADDED: diff(
    "A type implements one more interface, and comes where that is asked for.",
    notice,
  ),
  DIRECTIVE_REMOVED: diff("A directive is gone. Operations that carry it are refused.", deprecate),
  DIRECTIVE_ADDED: diff("There is a new directive.", none),
  DIRECTIVE_LOCATION_REMOVED: diff("A directive may no longer stand where it could.", deprecate),
  DIRECTIVE_LOCATION_ADDED: diff("A directive may stand at one more place.", none),
  DIRECTIVE_REPEATABLE_REMOVED: diff("A directive may no longer be repeated.", deprecate),
  DIRECTIVE_REPEATABLE_ADDED: diff("A directive may be repeated.", none),
  DIRECTIVE_ARGUMENT_REMOVED: diff("A directive lost an argument.", deprecate),
  DIRECTIVE_ARGUMENT_ADDED: diff(
    "A directive has a new argument. It breaks all who use it if it has to be given.",
    optional,
  ),
  DIRECTIVE_ARGUMENT_TYPE_CHANGED: diff("A directive's argument has another type.", optional),
  DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED: diff(
    "A directive's argument has another default, or none.",
    "Keep the default.",
  ),
  SCHEMA_QUERY_TYPE_CHANGED: diff("The query root is another type, or none.", "Keep its name."),
  SCHEMA_MUTATION_TYPE_CHANGED: diff("The mutation root is another type, or none.", "Keep its name."),
  SCHEMA_SUBSCRIPTION_TYPE_CHANGED: diff("The subscription root is another type, or none.", "Keep its name."),
  DIRECTIVE_USAGE_ADDED: diff(
    "A directive stands at a definition. `@oneOf` refuses inputs that were taken.",
    "Have it approved if it breaks clients.",
  ),
  DIRECTIVE_USAGE_REMOVED: diff("A directive no longer stands at a definition.", none),
  DIRECTIVE_USAGE_CHANGED: diff(
    "A directive at a definition has other arguments.",
    "For `@specifiedBy`, make sure that the format is the same.",
  ),
  DESCRIPTION_CHANGED: diff("A description changed.", none),
  DEPRECATION_CHANGED: diff("Something is deprecated, or no longer, or for another reason.", none),
  UNNAMED_CHANGE: diff(
    "The schemas differ in a way that could not be named.",
    "Compare the composed API schemas.",
  ),
  AUTH_TIGHTENED: {
    step: "auth",
    meaning: "A type or field demands what some callers do not have who could see it.",
    action: "See to it that callers have what is demanded, then approve the change.",
  },
  AUTH_LOOSENED: {
    step: "auth",
    meaning: "A type or field can be seen by callers who could not see it.",
    action: "Have it approved by somebody who may say so.",
  },
  OPERATION_BROKEN: {
    step: "operations",
    meaning: "A known operation ran on the base and is refused by the head.",
    action: "Change the operation and its client first, or take the change back.",
  },
  OPERATION_AFFECTED: {
    step: "operations",
    meaning:
      "A known operation still runs, but may get what it never got: null, an unknown value, another default.",
    action: "Look whether the client takes it.",
  },
  OPERATION_INVALID: {
    step: "operations",
    meaning: "A known operation is refused by both schemas.",
    action: "Repair or delete it.",
  },
  OPERATION_UNREADABLE: {
    step: "operations",
    meaning: "A file of known operations is not GraphQL.",
    action: "Repair it.",
  },
  OPERATIONS_INCOMPLETE: {
    step: "operations",
    meaning:
      "A set of operations is declared complete, but the usage file that it is from left some out, is old, or tells of too short a time. It excuses nothing.",
    action:
      "Export it anew from a gateway that has counted for as long as `days` says, or take `complete` away.",
  },
  PLAN_FAILED: {
    step: "plan",
    meaning: "A known operation cannot be planned any more, though it is valid.",
    action: "Look at which subgraph can no longer be reached from where; take that change back.",
  },
  PLAN_WORSE: {
    step: "plan",
    meaning:
      "A known operation needs more fetches, a longer chain of them or deeper entities than the thresholds let it.",
    action: "Look at which field needs another subgraph now; raise `thresholds.plan`, or have it approved.",
  },
  COST_WORSE: {
    step: "cost",
    meaning: "A known operation is estimated to cost more, by more than `thresholds.cost.factor`.",
    action:
      "Bound the lists that it asks for (`@listSize`, page sizes); raise the threshold, or have it approved.",
  },
  ROLLOUT_ORDER: {
    step: "rollout",
    meaning: "Several subgraphs change; in this order they can be deployed one at a time.",
    action: "Deploy them in this order.",
  },
  ROLLOUT_CONFLICT: {
    step: "rollout",
    meaning:
      "In no order can the subgraphs be deployed one at a time without breaking something for a while.",
    action: "Make it two changes; a field moves to another subgraph with `@override(from:)` first.",
  },
  FIELD_BROKEN: {
    step: "rollout",
    meaning: "While only some of the subgraphs are deployed, a field is gone that is there before and after.",
    action: "Deploy in another order, or in two steps.",
  },
  APPROVAL_INVALID: {
    step: null,
    meaning: "An approval's file is not one.",
    action: "Write it with `schema approve`.",
  },
  APPROVAL_EXPIRED: {
    step: null,
    meaning: "An approval ended.",
    action: "Delete it, or approve the change again.",
  },
  APPROVAL_UNUSED: {
    step: null,
    meaning: "The change brings an approval of something that it does not do.",
    action: "Delete it; `schema approve` writes one that fits if the change is another one now.",
  },
  APPROVAL_USED_UP: {
    step: null,
    meaning: "The base has an approval already, and what it is for is merged.",
    action: "Delete it before it ends: an approval that ended fails the check.",
  },
} as const satisfies Record<string, CodeEntry>;

/** What there is to say about a code: ours, the linter's, or the composer's for an error or a hint; null for any other. */
export function explain(code: string): CodeEntry | null {
  if (code.startsWith("lint/")) {
    return {
      step: "lint",
      meaning: `The rule ${code.slice(5)} of @graphql-eslint is broken where it was not before.`,
      action: "Repair it; the configuration's `lint.rules` says which rules there are.",
    };
  }
  if (Object.hasOwn(codes, code)) return codes[code as keyof typeof codes];
  const error = Object.values(ERRORS).find((each) => each.code === code);
  if (error !== undefined) {
    const action = "Repair the SDL at the places that are named.";
    return { step: "compose", meaning: error.description, action };
  }
  const hint = Object.values(HINTS).find((each) => each.code === code);
  if (hint === undefined) return null;
  const action = "Nothing has to be done; look whether it is meant.";
  return { step: "compose", meaning: hint.description, action };
}

/** The step that finds a code; null where it is no step's. */
export function stepOfCode(code: string): StepName | null {
  return explain(code)?.step ?? null;
}
