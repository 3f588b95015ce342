import { expect, test } from "vitest";
import { SharedAnswer } from "./shared-answer.ts";

test("a body that comes again is put behind each head", () => {
  const shared = new SharedAnswer();
  const body = Buffer.from("body é");
  expect(shared.join("first ", body)).toBeNull();
  expect(shared.join("the second ", body)?.toString()).toBe("the second body é");
  expect(shared.join("third ", body)?.toString()).toBe("third body é");
  expect(shared.join("the second ", Buffer.from("body é"))).toBeNull();
});

test("bodies of other lengths do not get into each other's way", () => {
  const shared = new SharedAnswer();
  for (const text of ["one", "a longer one", "x".repeat(100_000), "two"]) {
    const body = Buffer.from(text);
    shared.join("", body);
    expect(shared.join("head ", body)?.toString()).toBe(`head ${text}`);
  }
});

test("what is left to somebody is not written into", () => {
  const shared = new SharedAnswer();
  const body = Buffer.from("body");
  shared.join("", body);
  const left = shared.join("first ", body);
  shared.leave();
  expect(shared.join("second ", body)?.toString()).toBe("second body");
  expect(left?.toString()).toBe("first body");
});

test("large heads and bodies are written apart", () => {
  const shared = new SharedAnswer();
  const [body, large] = [Buffer.from("body"), Buffer.alloc(1024 * 1024)];
  shared.join("", body);
  expect(shared.join("x".repeat(10_000), body)).toBeNull();
  shared.join("", large);
  expect(shared.join("head", large)).toBeNull();
});
