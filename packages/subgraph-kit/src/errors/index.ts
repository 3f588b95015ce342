export { type ErrorCode, type ErrorCodeEntry, errorCodes, isErrorCode } from "./codes.ts";
export {
  badUserInput,
  codedError,
  type CodedErrorOptions,
  codeOf,
  currencyMismatch,
  type Fault,
  forbidden,
  internalServerError,
  invalidCursor,
  isCodedError,
  pageSizeOutOfRange,
  payloadTooLarge,
  relayedError,
  unauthenticated,
  unauthorizedField,
} from "./factories.ts";
