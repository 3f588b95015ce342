// The gateway of the executor's README, as an app in CommonJS writes it.
const { readFileSync } = require("node:fs");
const { ApolloServer } = require("@apollo/server");
const { startStandaloneServer } = require("@apollo/server/standalone");
const { stringifyResult, TributaryGateway } = require("@tributary/executor");

const supergraphSdl = readFileSync("supergraph.graphql", "utf8");
const gateway = new TributaryGateway({ supergraphSdl }, { textResults: true });
const server = new ApolloServer({ gateway, stringifyResult });
void startStandaloneServer(server, { listen: { port: Number(process.env.PORT) } }).then(({ url }) =>
  console.log(url),
);
