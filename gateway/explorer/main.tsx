import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./explorer.css";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";

/** What the gateway tells its explorer: see `src/http/explorer.ts`. */
interface ExplorerSettings {
  readonly endpoint: string;
  readonly defaultQuery: string | null;
}

const headersTemplate = `{
  "Authorization": "Bearer "
}`;

const welcome = `# Ctrl-Space completes, Ctrl-Enter runs the operation.
# The book at the left opens the schema's documentation.
#
# To sign in, put a token behind "Bearer " in the
# Headers tab below.

{
  __typename
}
`;

/** A token left empty is no token: sending it would be refused as malformed. */
const withoutEmptyToken: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  if (/^bearer\s*$/i.test(headers.get("authorization") ?? "")) headers.delete("authorization");
  return fetch(input, { ...init, headers });
};

const settings = (await (await fetch("./settings.json")).json()) as ExplorerSettings;

createRoot(document.querySelector("#explorer")!).render(
  <GraphiQL
    fetcher={createGraphiQLFetcher({ url: settings.endpoint, fetch: withoutEmptyToken })}
    {...(settings.defaultQuery !== null && { initialQuery: settings.defaultQuery })}
    defaultQuery={settings.defaultQuery ?? welcome}
    initialHeaders={headersTemplate}
    defaultEditorToolsVisibility="headers"
    inputValueDeprecation
  >
    <GraphiQL.Logo>
      <a className="brand" href="./" aria-label="Tributary explorer">
        <img src="./icon.svg" alt="" width={22} height={22} />
        Tributary
      </a>
    </GraphiQL.Logo>
  </GraphiQL>,
);
