/**
 * One signal as a person hands it to the CLI: as Datadog's API answers, in a list or alone, as we keep it, or typed by
 * hand with just what routes look at.
 */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { expected, listed } from './config-values.ts';
import { messageOf, UserError } from './errors.ts';
import { readSignal } from './signals/read.ts';
import { routingText } from './signals/routing-text.ts';
import { SEVERITIES, type Signal } from './signals/signal.ts';

type Wrong = (typeof routingText)['en']['wrong'];

/** `source` is a path, or `-` for standard input. Throws a `UserError` with one line for whatever is not right. */
export async function readOneSignal(source: string): Promise<Signal> {
  const written = await (source === '-' ? text(process.stdin) : readFile(source, 'utf8')).catch((error: unknown) =>
    refuse((wrong) => wrong.unreadable(source, messageOf(error))),
  );
  const answer = parsed(written, source);
  const data = isObject(answer) && 'data' in answer ? answer.data : answer;
  if (Array.isArray(data) && data.length !== 1) refuse((wrong) => wrong.notOne(source, data.length));
  const [item]: unknown[] = [data].flat();
  if (!isObject(item)) return refuse((wrong) => wrong.noSignal(source));
  if ('attributes' in item) return readSignal(item) ?? refuse((wrong) => wrong.noSignal(source));
  return ownSignal(item, source);
}

function parsed(written: string, source: string): unknown {
  try {
    return JSON.parse(written);
  } catch (error) {
    return refuse((wrong) => wrong.noJson(source, messageOf(error)));
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(say: (wrong: Wrong) => string): never {
  throw new UserError((language) => say(routingText[language].wrong));
}

const words = z.string({ error: expected('a text') });
const unsaid = words.nullish().transform((value) => value ?? undefined);

const like = (example: string) => ({ error: expected(`settings such as ${example}`) });
const list = <T extends z.ZodType>(schema: T) =>
  z.array(schema, { error: expected('a list, even of one') }).default([]);

const clusterSchema = z.object({ name: words, accountId: unsaid, region: unsaid }, like('{"name": "prod-a"}'));

const sampleSchema = z.object(
  {
    actor: z.object({ name: unsaid, arn: unsaid, session: unsaid }, like('{"name": "jane"}')).prefault({}),
    object: z
      .object(
        { resource: unsaid, subresource: unsaid, namespace: unsaid, name: unsaid },
        like('{"resource": "pods", "namespace": "web"}'),
      )
      .prefault({}),
  },
  like('{"actor": {"name": "jane"}}'),
);

/** What routing looks at; everything else of a signal may be there and is left aside. */
const ownSchema = z.object({
  id: words.default(''),
  title: words.default(''),
  severity: z.enum(SEVERITIES, { error: expected(listed(SEVERITIES)) }),
  rule: z.object({ id: unsaid, name: words.default('') }, like('{"name": "Exec into a pod"}')).prefault({}),
  tags: list(words),
  clusters: list(clusterSchema),
  groupedBy: list(z.object({ path: words, value: words }, like('{"path": "@usr.name", "value": "jane"}'))),
  samples: list(sampleSchema),
});

function ownSignal(value: unknown, source: string): Signal {
  const { success, data, error } = ownSchema.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    return refuse((wrong) => wrong.field(source, z.core.toDotPath(issue?.path ?? []), issue?.message ?? ''));
  }
  const { rule, samples, ...rest } = data;
  const never = new Date(0).toISOString();
  return {
    ...rest,
    rule: { ...rule, shipped: false },
    at: never,
    firstSeen: never,
    lastSeen: never,
    events: 0,
    triage: { state: 'open', assignee: undefined, archiveReason: undefined, by: undefined, at: undefined },
    message: '',
    samples: samples.map((sample) => ({
      ...sample,
      eventId: undefined,
      at: undefined,
      cluster: undefined,
      verb: undefined,
      status: undefined,
      ip: undefined,
      userAgent: undefined,
    })),
  };
}
