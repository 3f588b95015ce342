import { failures } from "@tributary/subgraph-kit";
import {
  changeCreditLimit,
  reinstate,
  suspend,
  type Decision,
  type ForeignCurrency,
  type IllegalState,
} from "../domain/customer.ts";
import {
  checkCreditLimitChange,
  checkRegistration,
  checkReinstatement,
  checkSuspension,
} from "../domain/customer-input.ts";
import type { MutationResolvers } from "../generated/resolvers.ts";
import { requireAuthor } from "./permission.ts";

export const Mutation: MutationResolvers = {
  async registerCustomer(_parent, { input }, { identity, changes }) {
    const caller = requireAuthor(identity, "customer:write");
    const checked = checkRegistration(input);
    if (!checked.ok) return failures.invalidInput(checked.faults);
    const once = { operation: "registerCustomer" as const, caller, key: input.idempotencyKey };
    return changes.register(checked.value, once);
  },

  async changeCreditLimit(_parent, { input }, { identity, changes }) {
    const caller = requireAuthor(identity, "credit:write");
    const checked = checkCreditLimitChange(input);
    if (!checked.ok) return failures.invalidInput(checked.faults);
    const once = { operation: "changeCreditLimit" as const, caller, key: input.idempotencyKey };
    return changes.change(checked.value, once, (customer) =>
      refuseWith(creditFailure, changeCreditLimit(customer, checked.value.creditLimit)),
    );
  },

  async suspendCustomer(_parent, { input }, { identity, changes }) {
    const caller = requireAuthor(identity, "customer:write");
    const checked = checkSuspension(input);
    if (!checked.ok) return failures.invalidInput(checked.faults);
    const once = { operation: "suspendCustomer" as const, caller, key: input.idempotencyKey };
    return changes.change(checked.value, once, (customer) =>
      refuseWith(stateFailure, suspend(customer, checked.value.reason)),
    );
  },

  async reinstateCustomer(_parent, { input }, { identity, changes }) {
    const caller = requireAuthor(identity, "customer:write");
    const checked = checkReinstatement(input);
    if (!checked.ok) return failures.invalidInput(checked.faults);
    const once = { operation: "reinstateCustomer" as const, caller, key: input.idempotencyKey };
    return changes.change(checked.value, once, (customer) => refuseWith(stateFailure, reinstate(customer)));
  },
  redriveCustomerMessages: (_, { input }, { identity, deadLetters }) => deadLetters.redrive(input, identity),
};

/** The domain's refusal, as the schema answers it. */
function refuseWith<Refusal, Failure>(
  failureOf: (refusal: Refusal) => Failure,
  decision: Decision<Refusal>,
): Decision<Failure> {
  return "refusal" in decision ? { refusal: failureOf(decision.refusal) } : decision;
}

const stateFailure = ({ state, message }: IllegalState) => failures.illegalState(state, message);

const creditFailure = (refusal: IllegalState | ForeignCurrency) =>
  refusal.kind === "ILLEGAL_STATE"
    ? stateFailure(refusal)
    : failures.currencyMismatch(refusal.expected, refusal.actual);
