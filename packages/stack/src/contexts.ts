import { CONTEXTS, type Context } from "@tributary/channels/contexts";

export { CONTEXTS, type Context };

/** Something of each context. */
export type PerContext<T> = Readonly<Record<Context, T>>;

/** Makes one of each, side by side. Waits for all also where one fails, so that nothing goes on unseen. */
export async function forEachContext<T>(make: (context: Context) => Promise<T>): Promise<PerContext<T>> {
  const making = CONTEXTS.map(async (context) => [context, await make(context)] as const);
  await Promise.allSettled(making);
  return Object.fromEntries(await Promise.all(making)) as PerContext<T>;
}

/** `CUSTOMER_DATABASE_URL` */
export function databaseVariable(context: Context): string {
  return `${context.toUpperCase()}_DATABASE_URL`;
}
