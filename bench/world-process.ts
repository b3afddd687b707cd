/**
 * The playground in a process of its own, so that what Slack, AWS and Datadog cost is not measured as the bot's. Takes
 * one order at a time over IPC and answers it.
 */
import { acmeConfig, CHANNELS, PEOPLE, seedAcme } from '../playground/acme.ts';
import { openWorld } from '../playground/world.ts';

export type Order =
  | { do: 'config'; dataDir: string; env: Record<string, string> }
  | { do: 'connect'; botUrl: string }
  /** Types commands, all at once; answers with the milliseconds until each was acknowledged. */
  | { do: 'commands'; count: number }
  /** From now on nobody answers the bot. */
  | { do: 'hang' }
  | { do: 'recover' };

export type Report = { config: { env: Record<string, string>; yaml: string } } | { ackMs: number[] } | 'done';

/** As people would: reading commands that call AWS, the database or nobody. */
const COMMANDS = ['list', 'status prod-a', 'runs', 'help', 'approvals'];

const world = await openWorld();
seedAcme(world);

async function carryOut(order: Order): Promise<Report> {
  switch (order.do) {
    case 'config':
      return { config: acmeConfig(world, order) };
    case 'connect':
      world.slack.connect({ eventsUrl: `${order.botUrl}/slack/events` });
      return 'done';
    case 'commands':
      return { ackMs: await typeCommands(order.count) };
    case 'hang':
      for (const service of ['slack', 'aws', 'datadog'])
        world.door.fail({ service, operation: '*', times: Number.POSITIVE_INFINITY, answer: 'hang' });
      return 'done';
    case 'recover':
      world.door.faults.length = 0;
      return 'done';
  }
}

async function typeCommands(count: number): Promise<number[]> {
  const acks = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      world.slack.slash(PEOPLE.olivia, CHANNELS.platform, `/eks-audit ${COMMANDS[i % COMMANDS.length]}`),
    ),
  );
  const refused = acks.find((ack) => ack.failure);
  if (refused) throw new Error(`a command was not acknowledged: ${refused.failure} (${refused.status})`);
  return acks.map((ack) => ack.ackMs);
}

process.on('message', async (order: Order) => {
  try {
    process.send?.({ report: await carryOut(order) });
  } catch (error) {
    process.send?.({ failure: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit(0));
process.send?.({ report: 'done' });
