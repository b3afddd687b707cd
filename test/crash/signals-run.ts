/** One run: signals come, people click, bots are killed and started again; in the end everything must be as if nobody had died. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { PUBLIC_URL } from '../../playground/acme.ts';
import type { Fault, Phase, Recorded } from '../../playground/http.ts';
import type { Message } from '../../playground/slack/model.ts';
import type { World } from '../../playground/world.ts';
import { numbers } from './random.ts';
import { callerOf, makeBots, type Replica } from './signals-bots.ts';
import { BOUNDARIES, nameOf } from './signals-boundaries.ts';
import { UNFINISHED } from './signals-commits.ts';
import type { Row } from './signals-conditions.ts';
import { openFront } from './signals-front.ts';
import { judge } from './signals-judge.ts';
import { type Act, DEEDS, type Office, performs, sleep } from './signals-people.ts';
import { Reaper } from './signals-reaper.ts';
import {
  ANALYSTS,
  clusterOf,
  delayPost,
  openSignalsWorld,
  SIGNAL_CHANNELS,
  signalsSection,
  timing,
} from './signals-world.ts';

export interface RunOptions {
  row: Row;
  seed: number;
  template: string;
  compileCache: string;
  /** An empty, migrated database, where the row wants PostgreSQL. */
  databaseUrl: string | undefined;
  /** Nobody dies. */
  gently?: boolean;
}

export interface Outcome {
  problems: string[];
  signals: number;
  kills: number;
  acts: number;
  /** Marked repeats, where history could not be read. */
  repeats: number;
  folded: number;
  /** Boundaries where no bot died. */
  missing: string[];
  seconds: number;
}

/** Since the last start of any bot; the longest wait is for an answer that got lost. */
const PATIENCE_MS = 45_000;
/** Signals go on for so long while there is a boundary nobody has met, at half the pace. */
const ENCORE_MS = 90_000;
/** However often a bot is killed meanwhile. */
const AT_MOST_MS = 120_000;
/** Bots that died early have posted little by then: so many cards are to find somebody, if they come in this time. */
const ACTS_AT_LEAST = 6;
const ACTS_WITHIN_MS = 15_000;
/** Share of the boundaries that may remain: the rarest need a post in doubt, and luck. They are told. */
const MOST_NEVER_MET = 0.05;
const QUIET_MS = 1_200;
/** Wall milliseconds after which the row of a post says where it stands, at the latest. */
const IN_DOUBT_MS = 500;
const MAY_END = 2;
/** Every start during an outage of Slack ends by itself. */
const MAY_END_WHILE_AWAY = 60;

export async function runSignals({ row, seed, gently = false, ...options }: RunOptions): Promise<Outcome> {
  const started = Date.now();
  const { conditions } = row;
  const random = numbers(seed * 7_919 + row.name.length * 104_729);
  const chance = numbers(seed * 15_485_863);
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-signals-'));
  const world = await openSignalsWorld(conditions, chance);
  const storm = row.storm !== undefined;
  let lastStart = Date.now();
  let doubts = 0;
  /** Posts by bot: whoever dies leaves those of the last moment in doubt. */
  const lately: { by: Replica | undefined; at: number }[] = [];
  const replicas: Replica[] = await makeBots({
    ...options,
    world,
    dir,
    replicas: conditions.database === 'replicas' ? 2 : 1,
    mayEnd: row.slackAwayMs ? MAY_END_WHILE_AWAY : MAY_END,
    file: { timing: timing(conditions, storm), signals: signalsSection() },
    onReady() {
      lastStart = Date.now();
      if (!gently) reaper.lives();
    },
    onKilled(replica) {
      reaper.died(replica);
      doubts += lately.filter(({ by, at }) => by === replica && Date.now() - at < IN_DOUBT_MS).length;
    },
  });
  const reaper = new Reaper({ victims: replicas, random });
  const front = await openFront(replicas);
  front.onBoundary = (phase, what, to) => reaper.pass(phase, what, to);
  world.slack.connect({ eventsUrl: `${front.url}/slack/events` });
  world.datadog.sender.names.set(PUBLIC_URL, front.url);
  world.door.onBoundary = (phase: Phase, { call, answer }: Recorded) => {
    if (phase === 'arrived' && delayPost(world, call, conditions, chance)) doubts += 1;
    if (phase === 'applied' && call.operation === 'chat.postMessage' && answer?.status === 500) doubts += 1;
    if (phase === 'answered' && call.service === 'datadog') reaper.works();
    const caller = callerOf(replicas, call);
    if (phase === 'arrived' && call.operation === 'chat.postMessage') lately.push({ by: caller, at: Date.now() });
    return !caller || reaper.pass(phase, nameOf(call), caller);
  };

  const acts: Act[] = [];
  const problems: string[] = [];
  let raising = true;
  const office: Office = {
    world,
    async open() {
      const check = office.patience('no bot listens');
      for (; replicas.every(({ address }) => address === ''); await sleep(50)) check();
    },
    patience(complaint) {
      const since = Date.now();
      return () => {
        const forMs = Date.now() - Math.max(since, lastStart);
        if (forMs > PATIENCE_MS) throw new Error(`${complaint}, ${forMs} ms after the last start`);
        if (Date.now() - since > AT_MOST_MS) throw new Error(`${complaint}, after ${AT_MOST_MS} ms and several starts`);
      };
    },
  };

  async function raise(): Promise<void> {
    for (let i = 0; i < row.signals; i++) {
      raiseOne(world, i, i % SIGNAL_CHANNELS.length);
      if (row.storm && i === Math.floor(row.signals / 2))
        for (let extra = 0; extra < row.storm; extra++) raiseOne(world, row.signals + extra, 0);
      if (row.slackAwayMs && i === Math.floor(row.signals / 2)) void slackAway(world, row.slackAwayMs);
      await sleep(row.everyMs * (0.5 + random()));
    }
    const until = Date.now() + ENCORE_MS;
    for (let i = row.signals; row.everywhere && !gently && reaper.missing.length > 0 && Date.now() < until; i++) {
      raiseOne(world, i, i % SIGNAL_CHANNELS.length);
      await sleep(row.everyMs * 2);
    }
    for (const late = Date.now() + ACTS_WITHIN_MS; acts.length < ACTS_AT_LEAST && Date.now() < late; ) await sleep(200);
    raising = false;
    // Whoever is in the middle of something gets to its end.
    reaper.stop();
  }

  /** Takes the next card nobody has had, does something with it, and so on. */
  async function works(who: string, turn: number): Promise<void> {
    for (let i = turn; raising; i += 1) {
      const found = nextCard(world, acts);
      if (!found) {
        await sleep(200);
        continue;
      }
      const { signalId, card } = found;
      const act: Act = { deed: DEEDS[i % DEEDS.length] ?? 'take', who, signalId, clicks: 0 };
      acts.push(act);
      await performs(office, act, () => cardIn(world, card.channel, signalId) ?? card);
    }
  }

  try {
    for (const replica of replicas) replica.process.start();
    await Promise.all(replicas.map((replica) => replica.process.ready()));
    await Promise.all([raise(), ...ANALYSTS.map((who, i) => works(who, i))].map(settling(() => (raising = false))));
    reaper.stop();
    await settled(replicas, options.databaseUrl, office, world.datadog.signals.length);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    problems.push(`open then: ${(await unfinished(replicas, options.databaseUrl)).join('; ')}`);
  } finally {
    raising = false;
    reaper.stop();
    await Promise.all(replicas.map((replica) => replica.process.close('SIGTERM')));
  }
  const verdict = await judge({ world, env: replicas[0]?.env ?? {}, acts, allowedRepeats: doubts });
  problems.push(...verdict.problems);
  for (const { process } of replicas)
    for (const error of process.errors) problems.push(`a bot logged ${JSON.stringify(error)}`);
  for (const { what, error } of world.time.errors) problems.push(`an effect of the world failed: ${what}: ${error}`);
  if (!gently && reaper.kills === 0) problems.push('nobody died');
  if (row.everywhere && !gently && reaper.missing.length > MOST_NEVER_MET * BOUNDARIES.length)
    problems.push(`nobody died at ${reaper.missing.length} of ${BOUNDARIES.length} boundaries`);
  await front.close();
  await world.close();
  rmSync(dir, { recursive: true, force: true });
  return {
    problems,
    signals: world.datadog.signals.length,
    kills: reaper.kills,
    acts: acts.length,
    repeats: verdict.repeats,
    folded: verdict.folded,
    missing: reaper.missing,
    seconds: (Date.now() - started) / 1000,
  };
}

/** The first that fails ends the others' work. */
function settling(end: () => void): (work: Promise<void>) => Promise<void> {
  return (work) =>
    work.catch((error) => {
      end();
      throw error;
    });
}

function raiseOne({ datadog }: World, number: number, channel: number): void {
  datadog.raiseSignal({
    severity: number % 3 === 0 ? 'high' : 'medium',
    user: `user-${number}`,
    cluster: clusterOf(channel),
  });
}

/** A card nobody has acted on, oldest first. */
function nextCard({ slack, datadog }: World, acts: readonly Act[]): { signalId: string; card: Message } | undefined {
  const taken = new Set(acts.map(({ signalId }) => signalId));
  for (const signal of datadog.signals) {
    if (taken.has(signal.id)) continue;
    for (const id of SIGNAL_CHANNELS) {
      const card = cardIn({ slack }, id, signal.id);
      if (card) return { signalId: signal.id, card };
    }
  }
  return undefined;
}

/** Of one that stands there twice the last, which says so. */
function cardIn({ slack }: Pick<World, 'slack'>, channel: string, signalId: string): Message | undefined {
  return slack.channel(channel).messages.findLast((m) => !m.threadTs && !m.deleted && isAbout(m, signalId));
}

/** By the link to the signal in its buttons. */
function isAbout({ blocks, attachments }: Message, signalId: string): boolean {
  return JSON.stringify([blocks, attachments]).includes(encodeURIComponent(signalId));
}

async function slackAway({ door }: World, forMs: number): Promise<void> {
  const away: Fault = door.fail({
    service: 'slack',
    operation: '*',
    answer: { status: 503 },
    times: Number.POSITIVE_INFINITY,
  });
  await sleep(forMs);
  door.faults.splice(door.faults.indexOf(away), 1);
}

/** Until nothing is left to do, twice in a row: Datadog repeats a doorbell after seconds. */
async function settled(
  replicas: readonly Replica[],
  databaseUrl: string | undefined,
  { patience }: Office,
  raised: number,
): Promise<void> {
  const unstored = `select (${raised} - count(*)) || ' signals nobody stored' as what from signals having count(*) < ${raised}`;
  let quiet = 0;
  const check = patience('not finished');
  while (quiet < 2) {
    const open = await unfinished(replicas, databaseUrl, unstored);
    quiet = open.length === 0 ? quiet + 1 : 0;
    check();
    await sleep(quiet > 0 ? QUIET_MS : 250);
  }
}

/** What the bots still have to do, and what else `sql` finds. */
async function unfinished(replicas: readonly Replica[], databaseUrl: string | undefined, sql?: string) {
  const all = sql ? `${UNFINISHED} union all ${sql}` : UNFINISHED;
  const rows = databaseUrl ? await ask(databaseUrl, all) : await replicas[0]?.process.ask<{ what: string }[]>(all);
  return rows?.map(({ what }) => what) ?? ['the bot is down'];
}

async function ask(databaseUrl: string, sql: string): Promise<{ what: string }[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<{ what: string }>(sql)).rows;
  } finally {
    await client.end();
  }
}
