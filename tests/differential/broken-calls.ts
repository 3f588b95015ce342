/** An answer over HTTP. */
export interface WireAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer with a body of JSON, well-formed or not. */
export function json(body: string, status = 200, statusText = "OK"): WireAnswer {
  return { status, statusText, headers: { "content-type": "application/json; charset=utf-8" }, body };
}

const HTML = { "content-type": "text/html" };
const ANSWERS: readonly WireAnswer[] = [
  { status: 500, statusText: "Internal Server Error", headers: HTML, body: "<p>Oops" },
  json('{"errors":[{"message":"Busy","extensions":{"code":"BUSY"}}]}', 503, "Service Unavailable"),
  json('{"data":{"aOne":{"id":"1","na'),
  { status: 200, statusText: "OK", headers: HTML, body: "<p>Welcome" },
  {
    status: 200,
    statusText: "OK",
    headers: { "content-type": "text/plain" },
    body: '{"data":{"aOne":null}}',
  },
  { status: 200, statusText: "OK", headers: {}, body: '{"data":{"aOne":null}}' },
  json('{"errors":[{"message":"Refused"},{"message":"","extensions":{"code":"REFUSED"}}]}'),
  json('{"data":null,"errors":[{"message":"At no place","path":["somewhere"]}]}'),
  json("[1]", 401, "Unauthorized"),
  json("", 403, "Forbidden"),
  json("", 204, "No Content"),
  json(""),
  json("null"),
  json('"text"'),
  json("[]"),
  json("{}"),
  json('{"data":null}'),
  json('{"data":[]}'),
  json('{"data":"text"}'),
  json('{"data":{}}'),
  json('{"data":{},"errors":[]}'),
  json('{"data":{"_entities":[]}}'),
  {
    status: 200,
    statusText: "OK",
    headers: { "content-type": "application/graphql-response+json" },
    body: '{"errors":[{"message":"By the newer type"}]}',
  },
];

/** What a call that goes wrong as a whole gets. Throws where there is no answer at all. */
export function brokenCall(number: number): WireAnswer {
  const answer = ANSWERS[number % (ANSWERS.length + 1)];
  if (answer === undefined) throw new Error("connect ECONNREFUSED");
  return answer;
}

/** Makes text that JSON.parse rejects of text that it takes. */
export function breakText(text: string, number: number): string {
  const at = 1 + ((number >>> 4) % Math.max(1, text.length - 1));
  // In front of a token, where it is no part of a string.
  const bracket = text.search(/[[{]/) + 1;
  const texts = [
    text.slice(0, at),
    `${text}x`,
    `${text},`,
    `${text}${text}`,
    `\ufeff${text}`,
    `\u00a0${text}`,
    `${text}\u0000`,
    `//${text}`,
    text.replaceAll('"', "'"),
    text.replace("}", ",}"),
    text.replace("]", ",]"),
    text.replace(":", " "),
    text.replace(":", "::"),
    text.replace('"', '"\n'),
    text.replace('"', '"\u001f'),
    // Inside of a value that is a string.
    text.replace(/:("[^"\\]*)"(?=[,}\]])/, ':$1\n"'),
    text.replace(/:("[^"\\]*)"(?=[,}\]])/, ':$1\t"'),
    text.replace(/:("[^"\\]*)"(?=[,}\]])/, ':$1\\u12G4"'),
    text.replace(/:("[^"\\]*)"(?=[,}\]])/, ':$1\\a"'),
    text.replace(/:(\d+)(?=[,}\]])/, ":0$1"),
    text.replace(/:(\d+)(?=[,}\]])/, ":$1."),
    text.replace(/:(\d+)(?=[,}\]])/, ":$1e"),
    text.replace(/:(true|false|null)(?=[,}\]])/, ":$1y"),
    text.replace('"', '"\\x41'),
    text.replace('"', '"\\u12g4'),
    text.replace('"', ""),
    `${text.slice(0, bracket)}"n":01,${text.slice(bracket)}`,
    `${text.slice(0, bracket)}"n":+1,${text.slice(bracket)}`,
    `${text.slice(0, bracket)}"n":.5,${text.slice(bracket)}`,
    `${text.slice(0, bracket)}"n":1.,${text.slice(bracket)}`,
    `${text.slice(0, bracket)}"n":1e,${text.slice(bracket)}`,
    `${text.slice(0, bracket)}"n":-,${text.slice(bracket)}`,
    `${text.slice(0, bracket)}"n":NaN,${text.slice(bracket)}`,
    `${text.slice(0, bracket)}"n":tru,${text.slice(bracket)}`,
    `${text.slice(0, bracket)}"n":nulll,${text.slice(bracket)}`,
    `${text.slice(0, bracket)}n:1,${text.slice(bracket)}`,
    `${text.slice(0, bracket)},${text.slice(bracket)}`,
    text.replace(/\d(?=[,}\]])/, "$&n"),
  ];
  const broken = texts[number % texts.length];
  return broken === undefined || isJson(broken) ? `${text}x` : broken;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
