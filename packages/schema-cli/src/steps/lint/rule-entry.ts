import { rules } from "@graphql-eslint/eslint-plugin/rules/index";
import type { CodeEntry } from "../../codes/codes.ts";

/** What @graphql-eslint says about one of its rules; null where it has none of that name. */
export function ruleEntry(name: string): CodeEntry | null {
  const rule = Object.hasOwn(rules, name) ? rules[name as keyof typeof rules] : undefined;
  if (rule === undefined) return null;
  const { description = "", url } = (rule.meta.docs ?? {}) as { description?: string; url?: string };
  return {
    step: "lint",
    meaning: description.trim(),
    action: `Repair it where it is new, or change \`lint.rules\`${url === undefined ? "" : `: ${url}`}`,
  };
}
