/** An answer of the gateway. */
export interface ApiAnswer {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of many shapes, and compare them whole.
  data: any;
  errors: {
    message: string;
    path?: (string | number)[];
    extensions: Record<string, unknown> & { code: string };
  }[];
}

/**
 * Sends an operation to the gateway as a client does.
 *
 * @param url the gateway's, without `/graphql`
 * @param token null for somebody who has none
 */
export async function askApi(
  url: string,
  token: string | null,
  operation: { query: string; variables?: Record<string, unknown> },
): Promise<ApiAnswer> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(operation),
  });
  const { data = null, errors = [] } = (await response.json()) as Partial<ApiAnswer>;
  return { status: response.status, data, errors };
}
