/** Why the stack cannot start or go on. The message is for people and says what to do. */
export class StackError extends Error {
  override readonly name = "StackError";
}
