// A process that takes messages, tells so, and never settles them: the contract suite kills it.
import { openBroker } from "./open-broker.ts";

const [url = "", channel = "", consumer = ""] = process.argv.slice(2);
const broker = openBroker(url, {
  subscriptions: { [channel]: [consumer] },
  onError: (error) => console.error(error.message),
});
await broker.subscribe({
  channels: [channel],
  consumer,
  batchSize: 20,
  async handle(batch) {
    process.stdout.write(`${batch.length}\n`);
    await new Promise(() => {});
  },
});
