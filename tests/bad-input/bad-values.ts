/** A value as text: in JSON, and as a GraphQL literal. JSON's grammar allows more than JavaScript can hold. */
export interface ValueText {
  readonly json: string;
  readonly literal: string;
}

const same = (text: string): ValueText => ({ json: text, literal: text });

/** GraphQL has all of JSON's escapes. */
const text = (value: string): ValueText => same(JSON.stringify(value));

const deepList = (depth: number) => same("[".repeat(depth) + "]".repeat(depth));

/** Values that fit nothing, or almost nothing. */
const anywhere = [
  same("true"),
  same("[]"),
  same("[[[[]]]]"),
  same("1e400"),
  same("-1e400"),
  { json: '{"toString":1,"valueOf":2}', literal: "{toString:1,valueOf:2}" },
  { json: '{"__proto__":{"a":1}}', literal: "{__proto__:{a:1}}" },
  { json: '{"constructor":{"prototype":1}}', literal: "{constructor:{prototype:1}}" },
  deepList(500),
];

const texts = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "a\udc00",
  "%",
  "\\",
  "'",
  '"',
  "null",
  "x".repeat(20_000),
  "😀".repeat(300),
].map(text);

/** For each scalar values that it refuses, or that lie at the edge of what it takes. */
const byScalar: Readonly<Record<string, readonly ValueText[]>> = {
  Int: [0, -1, 1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 1.5]
    .map((value) => same(String(value)))
    .concat(text("1")),
  Float: ["0", "1e308", "-0.0"].map(same),
  Boolean: [text("true"), same("1")],
  ID: [...texts, same("7"), same("1.5"), text("00000000-0000-0000-0000-000000000000")],
  String: [...texts, same("7")],
  SafeInt: [
    ...["0", "-0", "-1", "1.5", "1e3", "0.1e1"].map(same),
    ...[2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53, -(2 ** 53)].map((value) => same(String(value))),
    same("9".repeat(400)),
    text("1"),
  ],
  DateTime: [
    ...["yesterday", "", "2026-02-30T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "2016-12-31T23:59:60Z"],
    ...[
      "0000-01-01T00:00:00Z",
      "0001-01-01T00:00:00+23:59",
      "9999-12-31T23:59:59-23:59",
      "+275760-09-13T00:00:00Z",
    ],
    ...["2026-01-01t00:00:00z", "2026-01-01T00:00:00.123456789Z", "\0", "x".repeat(20_000)],
  ]
    .map(text)
    .concat(same("0"), same("1e15")),
  Currency: ["DOLLARS", "usd", "uSd", "", "US", "XQQ", "USD\n", " USD", "ＵＳＤ", "\0", "x".repeat(20_000)]
    .map(text)
    .concat(same("840"), { json: '"EUR"', literal: "EUR" }),
};

/** @param scalar a scalar's name, or an enum's: those take names that they have, and nothing else */
export function badValues(scalar: string): readonly ValueText[] {
  return [...(byScalar[scalar] ?? [text("NONE"), { json: '"NONE"', literal: "NONE" }]), ...anywhere];
}
