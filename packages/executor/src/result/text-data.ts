import { responseMemory } from "../response-memory.ts";
import type { JsonObject } from "../json.ts";

/** The way from a response's data to what is behind it. */
const LAZY: unique symbol = Symbol("lazy");

const HEAD = '{"data":';
const TAIL = "}\n";

/**
 * What is behind a response's data: its text, until somebody looks into it. Every way to look at the data leads to the
 * parsed object. The proxy's target stays empty and extensible, so that no trap is bound by it.
 */
class Lazy implements ProxyHandler<JsonObject> {
  response: Buffer | null;
  #object: JsonObject | null = null;
  #text: string | null = null;
  #isReleased = false;

  constructor(response: Buffer) {
    this.response = response;
  }

  get(_target: JsonObject, key: string | symbol): unknown {
    return key === LAZY ? this : Reflect.get(this.#parsed(), key);
  }

  set(_target: JsonObject, key: string | symbol, value: unknown): boolean {
    return Reflect.set(this.#parsed(), key, value);
  }

  has(_target: JsonObject, key: string | symbol): boolean {
    return Reflect.has(this.#parsed(), key);
  }

  deleteProperty(_target: JsonObject, key: string | symbol): boolean {
    return Reflect.deleteProperty(this.#parsed(), key);
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.#parsed());
  }

  getOwnPropertyDescriptor(_target: JsonObject, key: string | symbol): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(this.#parsed(), key);
    // What a proxy tells as fixed has to be fixed in its target.
    return descriptor === undefined ? undefined : { ...descriptor, configurable: true };
  }

  defineProperty(_target: JsonObject, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    return Reflect.defineProperty(this.#parsed(), key, descriptor);
  }

  preventExtensions(): boolean {
    return false;
  }

  /** The response as text, which is kept in place of its bytes; undefined where somebody looked into the data. */
  toText(): string | undefined {
    if (this.response !== null) {
      this.#text = this.response.toString("utf8");
      responseMemory.release(this.response);
      this.response = null;
    }
    return this.#text ?? undefined;
  }

  /** Gives the memory of the bytes back. */
  release(): void {
    if (this.response === null) return;
    responseMemory.release(this.response);
    this.response = null;
    this.#isReleased = true;
  }

  #parsed(): JsonObject {
    if (this.#isReleased) throw new Error("The data of a response was looked at after it had been sent.");
    this.#object ??= (JSON.parse(this.toText() ?? "{}") as { data: JsonObject }).data;
    this.#text = null;
    return this.#object;
  }
}

/**
 * The `data` of a response of which there is the text already. It reads as the object that the text tells of; the text
 * is parsed at the first look. Whoever looks may also change what is inside, so from then on the object counts and the
 * text is gone.
 *
 * @param response the whole response as JSON in UTF-8: `{"data":{...}}` and a newline
 */
export function createTextData(response: Buffer): JsonObject {
  return new Proxy<JsonObject>({}, new Lazy(response));
}

/**
 * The `data` of a response as a plain object. The memory of the response is given back.
 *
 * @param response as for `createTextData`
 */
export function parseData(response: Buffer): JsonObject {
  const { data } = JSON.parse(response.toString("utf8")) as { data: JsonObject };
  responseMemory.release(response);
  return data;
}

/** The text of a response's data where there is one and nobody looked into the data; else undefined. */
export function textOfData(data: unknown): string | undefined {
  return lazyOf(data)?.toText()?.slice(HEAD.length, -TAIL.length);
}

/** The response that data came as where nobody looked into the data: `{"data":{...}}` and a newline. */
export function responseTextOfData(data: unknown): string | undefined {
  return lazyOf(data)?.toText();
}

/** The same as bytes, where nobody asked for it as text either. */
export function responseOfData(data: unknown): Buffer | undefined {
  return lazyOf(data)?.response ?? undefined;
}

/**
 * Gives the memory of a response back once it is sent: another response will be written into it. Whoever looks into the
 * data from now on is told so, as it would be another's.
 */
export function releaseData(data: unknown): void {
  lazyOf(data)?.release();
}

// Not by a WeakMap: the garbage collector goes through those each time.
function lazyOf(data: unknown): Lazy | undefined {
  return typeof data === "object" && data !== null ? (data as { [LAZY]?: Lazy })[LAZY] : undefined;
}
