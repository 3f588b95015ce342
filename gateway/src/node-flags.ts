/**
 * Flags of Node for a process that serves.
 *
 * Young objects get 32 MB before they are looked through, whatever the default of V8's version is: with 16, what many
 * large answers under way hold is taken for old; 64 cost 60 MB more and gained nothing that could be measured.
 *
 * The whole heap is looked through when it has grown by half, and not by as much again or more: what was under way when the
 * young objects were looked through becomes garbage among the old ones, and memory that nobody has used yet is dearer, by
 * the pages that the system has to find for it, than looking through the heap more often.
 */
export const nodeFlags: readonly string[] = ["--max-semi-space-size=32", "--heap-growing-percent=50"];
