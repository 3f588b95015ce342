import { test } from "vitest";
import { expectPartToBeRight, PART_TIMEOUT } from "./part.ts";

test(
  "generated operations on generated supergraphs are answered right, with faults as without (3 of 4)",
  () => expectPartToBeRight(3),
  PART_TIMEOUT,
);
