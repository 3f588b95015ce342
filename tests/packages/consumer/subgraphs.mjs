// Two subgraphs on free ports. Prints their URLs, and ends when it is killed.
import { readFile } from "node:fs/promises";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";

const authors = new Map([
  ["a1", "George Eliot"],
  ["a2", "Mary Shelley"],
]);
const resolvers = {
  books: {
    Query: {
      books: () => [
        { isbn: "1", title: "Middlemarch", author: { id: "a1" } },
        { isbn: "2", title: "Frankenstein", author: { id: "a2" } },
      ],
    },
  },
  authors: { Author: { __resolveReference: ({ id }) => ({ id, name: authors.get(id) }) } },
};

const start = async (name) => {
  const typeDefs = parse(await readFile(`${name}.graphql`, "utf8"));
  const server = new ApolloServer({
    schema: buildSubgraphSchema([{ typeDefs, resolvers: resolvers[name] }]),
  });
  return (await startStandaloneServer(server, { listen: { port: 0, host: "127.0.0.1" } })).url;
};
console.log(JSON.stringify({ books: await start("books"), authors: await start("authors") }));
