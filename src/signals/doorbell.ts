/**
 * What Datadog's webhook delivers: a doorbell. Datadog signs nothing, substitutes variables as plain text and may send
 * the same twice or in any order, so only the id is trusted to mean anything; the signal itself is read from the API.
 * Payloads people wrote by hand may say more, which serves while Datadog cannot be read.
 */
import { z } from 'zod';
import { SEVERITIES, type Severity, type Signal } from './signal.ts';

export interface Doorbell {
  signalId: string;
  severity: Severity | undefined;
  ruleId: string | undefined;
  /** When Datadog says it was raised, in milliseconds since the epoch. */
  dateMs: number | undefined;
  /** From a payload written by hand; an attacker may have chosen it. */
  title: string | undefined;
  message: string | undefined;
}

export type Rung =
  | { what: 'signal'; doorbell: Doorbell }
  /** Datadog's test button, or a monitor that uses the webhook: there is no signal behind it. */
  | { what: 'test' }
  /** `/eks-audit test`, sent by ourselves. */
  | { what: 'own-test'; signalId: string; severity: Severity }
  | { what: 'malformed'; reason: string };

/** What our own test says it is; only whoever knows the secret can say it. */
export const OWN_TEST = 'eks_audit.test';

/** Signal ids as Datadog makes them, with room: `AQAAAY…`. */
const SIGNAL_ID = /^[A-Za-z0-9_-]{20,120}$/;
const TEST_ID = /"signal_id"\s*:\s*"\$SECURITY_SIGNAL_ID"/;
const LITERAL = /\$(SECURITY|EVENT|ID\b)/;
const TEXT_LIMIT = 3000;
/** Clocks differ, and nobody raises signals a year ahead. */
const PLAUSIBLE_MS = { from: Date.UTC(2020, 0), to: Date.UTC(2100, 0) };

/** Fields beside the id are hints: one of a wrong type is passed over, not refused. */
const hint = z.string().optional().catch(undefined);
const Payload = z.looseObject({
  kind: hint,
  signal_id: z.string().optional(),
  id: hint,
  severity: hint,
  rule_id: hint,
  date: z.union([z.string(), z.number()]).optional().catch(undefined),
  title: hint,
  message: hint,
});

/** Reads a body; never throws. */
export function readDoorbell(body: Buffer): Rung {
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // In a payload written by hand a bare variable, left as it is by the test button, is no JSON.
    if (TEST_ID.test(text)) return { what: 'test' };
    return { what: 'malformed', reason: text.trim() === '' ? 'the body is empty' : 'the body is not JSON' };
  }
  const payload = Payload.safeParse(value);
  if (!payload.success) return { what: 'malformed', reason: 'the body is not an object with the text signal_id' };
  const { kind, signal_id, id, severity, rule_id, date, title, message } = payload.data;
  const signalId = signal_id ?? id;
  if (signalId === '' || (signalId !== undefined && LITERAL.test(signalId))) return { what: 'test' };
  if (signalId === undefined || !SIGNAL_ID.test(signalId))
    return { what: 'malformed', reason: 'signal_id is missing or not a signal id' };
  if (kind === OWN_TEST) return { what: 'own-test', signalId, severity: severityOf(severity) ?? 'medium' };
  return {
    what: 'signal',
    doorbell: {
      signalId,
      severity: severityOf(severity),
      ruleId: said(rule_id),
      dateMs: plausible(Number(date)),
      title: said(title),
      message: said(message),
    },
  };
}

/** A doorbell that said nothing but the id, or none at all. */
export function silentDoorbell(signalId: string): Doorbell {
  return {
    signalId,
    severity: undefined,
    ruleId: undefined,
    dateMs: undefined,
    title: undefined,
    message: undefined,
  };
}

/** The signal as far as its doorbell tells, until Datadog can be read. */
export function provisionalSignal(doorbell: Doorbell, receivedAt: Date): Signal {
  const at = new Date(doorbell.dateMs ?? receivedAt.getTime()).toISOString();
  return {
    id: doorbell.signalId,
    title: doorbell.title ?? '',
    // Unknown is not harmless: it is shown rather than kept for the digest.
    severity: doorbell.severity ?? 'medium',
    rule: { id: doorbell.ruleId, name: doorbell.title ?? '', shipped: false },
    at,
    firstSeen: at,
    lastSeen: at,
    events: 0,
    tags: [],
    triage: { state: 'open', assignee: undefined, archiveReason: undefined, by: undefined, at: undefined },
    message: doorbell.message ?? '',
    clusters: [],
    groupedBy: [],
    samples: [],
  };
}

function severityOf(text: string | undefined): Severity | undefined {
  return SEVERITIES.find((severity) => severity === text?.toLowerCase());
}

/** An empty or unsubstituted text says nothing. */
function said(text: string | undefined): string | undefined {
  return text && !LITERAL.test(text) ? text.slice(0, TEXT_LIMIT) : undefined;
}

function plausible(ms: number): number | undefined {
  return ms > PLAUSIBLE_MS.from && ms < PLAUSIBLE_MS.to ? ms : undefined;
}
