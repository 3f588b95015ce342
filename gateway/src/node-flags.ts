/**
 * Flags of Node for a process that serves. Young objects get 64 MB before they are looked through, as most of what an
 * answer is made of is garbage by then; with V8's default, 16 or 32 MB by its version, more of it is
 * copied first.
 */
export const nodeFlags: readonly string[] = ["--max-semi-space-size=64"];
