// The load generator of one server, in a process of its own; bench/generator.ts starts it.
import { type Client, openClient } from './client.ts';
import type { Order } from './generator.ts';
import { putLoad } from './load.ts';
import { mixed, prepareStock, type Stock, scenarios } from './scenarios.ts';
import { floodSignIn } from './sign_in_flood.ts';

let client: Client | undefined;
let stock: Stock | undefined;
const connectionsMax = 1000;

async function carryOut(order: Order): Promise<unknown> {
  if (order.kind === 'prepare') {
    client = openClient(order.target, connectionsMax);
    stock = await prepareStock(client);
    return undefined;
  }
  if (!client || !stock) throw new Error('the stock is not prepared');
  if (order.kind === 'sign_in_flood') return floodSignIn(client, order);
  const scenario = [...scenarios, mixed].find(({ name }) => name === order.scenario);
  if (!scenario) throw new Error(`no scenario ${order.scenario}`);
  return putLoad(client, stock, scenario, order);
}

process.on('message', (order: Order) => {
  carryOut(order).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
