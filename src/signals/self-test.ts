/**
 * `/eks-audit test`: a marked signal goes the way a real one does (from the internet to our webhook, into the database,
 * through the routes, into Slack), and each hop is timed. Datadog itself is not part of it: it raises no signal on
 * request.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Config, Language } from '../config.ts';
import type { Db } from '../db/database.ts';
import { messageOf } from '../errors.ts';
import { postedAt } from '../messages/store.ts';
import type { Content } from '../slack/blocks.ts';
import { OWN_TEST } from './doorbell.ts';
import { cardKey } from './drawing.ts';
import { permalink } from './lists.ts';
import { type SelfTest, selfTestReport } from './self-test-view.ts';
import type { Severity, Signal } from './signal.ts';
import { findSignal, saveSignals } from './store.ts';

export interface SelfTestDeps {
  db: Db;
  clock: Clock;
  config: Config;
  workspaceUrl: () => string;
  nudge: (work: 'signals-group') => void;
}

const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 50;

export async function selfTest(deps: SelfTestDeps, severity: Severity, language: Language): Promise<Content> {
  const { db, config, workspaceUrl } = deps;
  const signalId = `test-${randomBytes(12).toString('base64url')}`;
  const start = performance.now();
  const since = () => Math.round(performance.now() - start);
  const webhook = config.PUBLIC_URL ? await ring(config, config.PUBLIC_URL, signalId, severity) : undefined;
  // Without a way from outside, the rest can still be tested.
  if (webhook !== 'ok') await storeTest(deps, signalId, severity);
  const test: SelfTest = {
    webhook,
    webhookMs: since(),
    groupedMs: undefined,
    postedMs: undefined,
    permalink: undefined,
  };
  while (since() < PATIENCE_MS) {
    const row = await findSignal(db, signalId);
    if (row?.group_id && test.groupedMs === undefined) test.groupedMs = since();
    const posted = row?.group_id ? await postedAt(db, cardKey(row.group_id)) : undefined;
    if (posted) {
      test.postedMs = since();
      test.permalink = permalink(workspaceUrl(), posted.channel, posted.ts);
      break;
    }
    if (row && row.work === null && !row.group_id) break;
    await wait(LOOK_EVERY_MS);
  }
  return selfTestReport(test, signalId, language);
}

/** Rings our own bell from outside; the reason when nobody answers. */
async function ring(
  config: Config,
  publicUrl: string,
  signalId: string,
  severity: Severity,
): Promise<'ok' | { reason: string }> {
  try {
    const response = await fetch(`${publicUrl}/webhooks/datadog`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${config.WEBHOOK_TOKEN}` },
      body: JSON.stringify({ v: 1, kind: OWN_TEST, signal_id: signalId, severity }),
      redirect: 'error',
      signal: AbortSignal.timeout(config.timing.http_timeout),
    });
    return response.status === 202 ? 'ok' : { reason: `HTTP ${response.status}` };
  } catch (error) {
    const { cause } = error as Error;
    return { reason: messageOf(cause ?? error) };
  }
}

/** Marked, and not to be read from Datadog, which knows nothing of it. */
export async function storeTest(
  { db, clock, nudge }: Pick<SelfTestDeps, 'db' | 'clock' | 'nudge'>,
  signalId: string,
  severity: Severity,
): Promise<void> {
  const now = clock.now();
  await saveSignals(db, [testSignal(signalId, severity, now)], { via: 'test', askedAt: now, now });
  nudge('signals-group');
}

function testSignal(id: string, severity: Severity, now: Date): Signal {
  const at = now.toISOString();
  return {
    id,
    title: 'Test of eks-audit',
    severity,
    // A message of its own, whatever it is grouped by.
    rule: { id, name: 'Test of eks-audit', shipped: false },
    at,
    firstSeen: at,
    lastSeen: at,
    events: 1,
    tags: ['source:kubernetes.audit'],
    triage: { state: 'open', assignee: undefined, archiveReason: undefined, by: undefined, at: undefined },
    message: '',
    clusters: [],
    groupedBy: [],
    samples: [],
  };
}
