// Prints what the packages export, as an ES module gets it.
import * as executor from "@tributary/executor";
import * as schema from "@tributary/schema-cli";
import * as kit from "@tributary/subgraph-kit";
import * as errors from "@tributary/subgraph-kit/errors";
import * as identity from "@tributary/subgraph-kit/identity";
import * as money from "@tributary/subgraph-kit/money";

console.log(
  JSON.stringify([executor, schema, kit, errors, identity, money].map((each) => Object.keys(each))),
);
