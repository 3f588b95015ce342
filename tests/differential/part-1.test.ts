import { test } from "vitest";
import { expectPartToBeRight, PART_TIMEOUT } from "./part.ts";

test(
  "generated operations on generated supergraphs are answered right, with faults as without (1 of 4)",
  () => expectPartToBeRight(1),
  PART_TIMEOUT,
);
