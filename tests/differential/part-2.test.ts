import { test } from "vitest";
import { expectPartToBeRight, PART_TIMEOUT } from "./part.ts";

test(
  "generated operations on generated supergraphs are answered right, with faults as without (2 of 4)",
  () => expectPartToBeRight(2),
  PART_TIMEOUT,
);
