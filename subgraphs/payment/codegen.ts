import { createCodegenConfig } from "../../scripts/codegen-config.ts";

// What the resolvers of a type get as their parent, where that is not the shape that the schema gives it.
export default createCodegenConfig({
  mappers: {
    LedgerEntry: "../domain/payment.ts#LedgerEntryRecord",
    Money: "../domain/money.ts#Money",
    Payment: "../domain/payment.ts#PaymentRecord",
  },
});
