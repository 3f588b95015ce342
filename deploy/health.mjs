/**
 * Asks one URL for its health, for images without curl: `node health.mjs http://127.0.0.1:4000/health/ready`.
 * Exits with 0 where the answer is 200, else with 1 and what was said.
 *
 * Plain JavaScript on node:http: it starts every few seconds beside each process, and should cost next to nothing.
 */
import { get } from "node:http";

const fail = (reason) => {
  console.log(reason);
  process.exit(1);
};

get(process.argv[2], { timeout: 3_000 }, (response) => {
  let body = "";
  response.setEncoding("utf8").on("data", (text) => (body += text));
  response.on("end", () => {
    if (response.statusCode !== 200) fail(`${response.statusCode} ${body}`);
  });
})
  .on("timeout", () => fail("no answer in 3 seconds"))
  .on("error", (error) => fail(error.message));
