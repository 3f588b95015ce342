import { responseMemory } from "../fast/response-memory.ts";
import type { JsonObject } from "../json.ts";

/** What is behind a response's data: its text, until somebody looks into it. */
interface Lazy {
  response: Buffer | null;
  object: JsonObject | null;
  isReleased: boolean;
}

const lazies = new WeakMap<object, Lazy>();

const HEAD = '{"data":';
const TAIL = "}\n";

/**
 * The `data` of a response of which there is the text already. It reads as the object that the text tells of; the text
 * is parsed at the first look. Whoever looks may also change what is inside, so from then on the object counts and the
 * text is gone.
 *
 * @param response the whole response as JSON in UTF-8: `{"data":{...}}` and a newline
 */
export function createTextData(response: Buffer): JsonObject {
  const lazy: Lazy = { response, object: null, isReleased: false };
  const data = new Proxy<JsonObject>({}, handlerOf(lazy));
  lazies.set(data, lazy);
  return data;
}

/** The text of a response's data where there is one and nobody looked into the data; else undefined. */
export function textOfData(data: unknown): string | undefined {
  const response = responseOfData(data);
  return response?.toString("utf8", HEAD.length, response.length - TAIL.length);
}

/** The response that data came as where nobody looked into the data: `{"data":{...}}` and a newline. */
export function responseOfData(data: unknown): Buffer | undefined {
  return typeof data === "object" && data !== null ? (lazies.get(data)?.response ?? undefined) : undefined;
}

/**
 * Gives the memory of a response back once it is sent: another response will be written into it. Whoever looks into the
 * data from now on is told so, as it would be another's.
 */
export function releaseData(data: unknown): void {
  const lazy = typeof data === "object" && data !== null ? lazies.get(data) : undefined;
  if (lazy?.response == null) return;
  responseMemory.release(lazy.response);
  lazy.response = null;
  lazy.isReleased = true;
}

function objectOf(lazy: Lazy): JsonObject {
  if (lazy.isReleased) throw new Error("The data of a response was looked at after it had been sent.");
  lazy.object ??= (JSON.parse(lazy.response?.toString("utf8") ?? "{}") as { data: JsonObject }).data;
  lazy.response = null;
  return lazy.object;
}

/** Every way to look at an object leads to the parsed one. The target stays empty and extensible, so no trap is bound. */
function handlerOf(lazy: Lazy): ProxyHandler<JsonObject> {
  return {
    get: (_target, key) => Reflect.get(objectOf(lazy), key) as unknown,
    set: (_target, key, value) => Reflect.set(objectOf(lazy), key, value),
    has: (_target, key) => Reflect.has(objectOf(lazy), key),
    deleteProperty: (_target, key) => Reflect.deleteProperty(objectOf(lazy), key),
    ownKeys: () => Reflect.ownKeys(objectOf(lazy)),
    getOwnPropertyDescriptor(_target, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(objectOf(lazy), key);
      // What a proxy tells as fixed has to be fixed in its target.
      return descriptor === undefined ? undefined : { ...descriptor, configurable: true };
    },
    defineProperty: (_target, key, descriptor) => Reflect.defineProperty(objectOf(lazy), key, descriptor),
    preventExtensions: () => false,
  };
}
