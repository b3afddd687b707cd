/**
 * The playground in a process of its own, so that what Slack, AWS and Datadog cost is not measured as the bot's. Takes
 * one order at a time over IPC and answers it.
 */
import { type AcmeOptions, acmeConfig, CHANNELS, connectBot, PEOPLE, seedAcme } from '../playground/acme.ts';
import type { SignalSeed } from '../playground/datadog/raise-signal.ts';
import { openWorld } from '../playground/world.ts';
import { createSignalsWorld, type StormReport } from './signals-world.ts';

export type Order =
  | { do: 'config'; options: AcmeOptions }
  | { do: 'connect'; botUrl: string }
  /** Types commands, all at once; answers with the milliseconds until each was acknowledged. */
  | { do: 'commands'; count: number }
  /** From now on nobody answers the bot. */
  | { do: 'hang' }
  | { do: 'recover' }
  /** Makes Datadog's webhook, and so many channels for signals; `paced` as Slack's are, to one message a second. */
  | { do: 'prepare-signals'; lanes: number; paced: boolean }
  | { do: 'raise'; seeds: readonly SignalSeed[] }
  /** When each signal's message reached Slack since the last time this was asked. */
  | { do: 'arrivals' }
  | { do: 'storm-report'; lane: number; first: number; count: number };

/** What the order asked for; nothing for orders that ask nothing. */
export interface Report {
  config?: { env: Record<string, string>; yaml: string };
  ackMs?: number[];
  doorbells?: string[];
  arrivals?: Record<number, number>;
  storm?: StormReport;
}

/** As people would: reading commands that call AWS, the database or nobody. */
const COMMANDS = ['list', 'status prod-a', 'runs', 'help', 'approvals'];

const world = await openWorld();
seedAcme(world);
const signals = createSignalsWorld(world);

async function carryOut(order: Order): Promise<Report> {
  switch (order.do) {
    case 'config':
      return { config: acmeConfig(world, order.options) };
    case 'connect':
      connectBot(world, order.botUrl);
      return {};
    case 'commands':
      return { ackMs: await typeCommands(order.count) };
    case 'hang':
      for (const service of ['slack', 'aws', 'datadog'])
        world.door.fail({ service, operation: '*', times: Number.POSITIVE_INFINITY, answer: 'hang' });
      return {};
    case 'recover':
      world.door.faults.length = 0;
      return {};
    case 'prepare-signals':
      signals.prepare(order.lanes, order.paced);
      return {};
    case 'raise':
      return { doorbells: order.seeds.map(signals.raise) };
    case 'arrivals':
      return { arrivals: signals.arrivals() };
    case 'storm-report':
      return { storm: await signals.stormReport(order.lane, order.first, order.count) };
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
process.send?.({ report: {} });
