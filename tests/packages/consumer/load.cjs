// Prints what the packages export, as a CommonJS module gets it.
const loaded = [
  require("@tributary/executor"),
  require("@tributary/schema-cli"),
  require("@tributary/subgraph-kit"),
  require("@tributary/subgraph-kit/errors"),
  require("@tributary/subgraph-kit/identity"),
  require("@tributary/subgraph-kit/money"),
];
console.log(JSON.stringify(loaded.map((each) => Object.keys(each))));
