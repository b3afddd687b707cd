/**
 * What Slack sends, checked at the door: a signed body can still be nonsense (`payload=null`, `actions: []`), and
 * Bolt answers some of that with a 500. Only the fields we use are looked at; the body is kept as it came.
 */
import { z } from 'zod';

export interface Delivery {
  kind: 'command' | 'action' | 'submission' | 'event';
  /** Slack's id of this delivery; the same id twice is the same delivery. */
  id: string;
  teamId: string;
  userId: string;
  /** The slash command's name, or the id of the button, modal or event. */
  name: string;
  body: Record<string, unknown>;
  /** It was begun before and may have had its effect; if this attempt fails, there is another. */
  resumed?: boolean;
  /** There is no further attempt: whoever waits for it must be told now. */
  last?: boolean;
}

export type Parsed =
  | { what: 'delivery'; delivery: Delivery }
  | { what: 'challenge'; challenge: string }
  | { what: 'ignored'; reason: string }
  | { what: 'malformed'; reason: string };

/** Deeper than anything Slack sends; PostgreSQL and JSON.stringify give up on far deeper ones. */
const MAX_DEPTH = 60;

const id = z.string().regex(/^[\x21-\x7e]{1,256}$/, 'not an id');
/** Answers may go to a person directly, so an id that Slack would not give is no person. */
const userId = z.string().regex(/^[UW][A-Z0-9]{1,40}$/, 'not a user id');
const responseUrl = z.url({ protocol: /^https?$/ }).max(2000);

const command = z.looseObject({
  command: z.string().min(1).max(100),
  text: z.string().max(10_000).default(''),
  team_id: id,
  user_id: userId,
  channel_id: id,
  trigger_id: id,
  response_url: responseUrl,
});

const user = z.looseObject({ id: userId, team_id: id.optional() });
const team = z.looseObject({ id }).nullish();

const action = z.looseObject({
  type: z.literal('block_actions'),
  user,
  team,
  trigger_id: id,
  container: z.looseObject({ type: z.string() }),
  channel: z.looseObject({ id }).optional(),
  response_url: responseUrl.optional(),
  actions: z.array(z.looseObject({ action_id: z.string().min(1).max(255), type: z.string() })).min(1),
});

const submission = z.looseObject({
  type: z.literal('view_submission'),
  user,
  team,
  trigger_id: id,
  view: z.looseObject({
    id,
    app_installed_team_id: id.nullish(),
    callback_id: z.string().max(255),
    private_metadata: z.string().max(3000).default(''),
    state: z.looseObject({ values: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  }),
});

const event = z.looseObject({
  type: z.literal('event_callback'),
  team_id: id,
  event_id: id,
  event: z.looseObject({ type: z.string().max(100), user: z.unknown().optional() }),
});

/** Reads the body of `POST /slack/events`; never throws. */
export function parseHttpBody(contentType: string | undefined, rawBody: Buffer): Parsed {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  const text = rawBody.toString('utf8');
  if (type === 'application/json') return parseObject(fromJson(text));
  if (type !== 'application/x-www-form-urlencoded') return { what: 'malformed', reason: 'unsupported content type' };
  const form = new URLSearchParams(text);
  if (form.get('ssl_check') === '1') return { what: 'ignored', reason: 'ssl_check' };
  const payload = form.get('payload');
  if (payload === null) return parseObject(Object.fromEntries(form));
  return parseObject(fromJson(payload));
}

/** Reads one decoded object, from HTTP or from a Socket Mode envelope. */
export function parseObject(value: unknown): Parsed {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed('not an object');
  if (isDeeperThan(MAX_DEPTH, value)) return malformed('nested too deeply');
  const body = value as Record<string, unknown>;
  if (body.type === 'url_verification' && typeof body.challenge === 'string')
    return { what: 'challenge', challenge: body.challenge };
  if (typeof body.command === 'string') return parseCommand(body);
  if (body.type === 'block_actions') return parseAction(body);
  if (body.type === 'view_submission') return parseSubmission(body);
  if (body.type === 'event_callback') return parseEvent(body);
  if (typeof body.type === 'string') return { what: 'ignored', reason: `type ${body.type.slice(0, 40)}` };
  return malformed('neither a command nor an interaction nor an event');
}

function parseCommand(body: Record<string, unknown>): Parsed {
  const result = command.safeParse(body);
  if (!result.success) return malformed(problem(result.error));
  const { trigger_id, team_id, user_id, command: name } = result.data;
  return delivery({ kind: 'command', id: trigger_id, teamId: team_id, userId: user_id, name, body });
}

function parseAction(body: Record<string, unknown>): Parsed {
  const result = action.safeParse(body);
  if (!result.success) return malformed(problem(result.error));
  const { trigger_id, actions } = result.data;
  const name = actions[0]?.action_id ?? '';
  return delivery({
    kind: 'action',
    id: trigger_id,
    teamId: teamOf(result.data),
    userId: result.data.user.id,
    name,
    body,
  });
}

function parseSubmission(body: Record<string, unknown>): Parsed {
  const result = submission.safeParse(body);
  if (!result.success) return malformed(problem(result.error));
  const { trigger_id, view } = result.data;
  return delivery({
    kind: 'submission',
    id: trigger_id,
    teamId: view.app_installed_team_id ?? teamOf(result.data),
    userId: result.data.user.id,
    name: view.callback_id,
    body,
  });
}

function parseEvent(body: Record<string, unknown>): Parsed {
  const result = event.safeParse(body);
  if (!result.success) return malformed(problem(result.error));
  const { event_id, team_id, event: inner } = result.data;
  const userId = typeof inner.user === 'string' ? inner.user : '';
  return delivery({ kind: 'event', id: event_id, teamId: team_id, userId, name: inner.type, body });
}

/**
 * Where the app is installed. The person may be of another company, in a channel shared by Slack Connect; that is for
 * those to judge who read the person. `team` is null on organisation-wide installations.
 */
function teamOf(body: { user: { team_id?: string | undefined }; team?: { id: string } | null | undefined }): string {
  return body.team?.id ?? body.user.team_id ?? '';
}

/** Slack's old verification token is nothing we use and nothing to store. */
function delivery(value: Delivery): Parsed {
  const { token: _, ...body } = value.body;
  return { what: 'delivery', delivery: { ...value, body } };
}

/** Without recursion, which is what deep nesting is meant to exhaust. */
function isDeeperThan(limit: number, value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((inner) => (typeof inner === 'object' && inner !== null ? Object.values(inner) : []));
  }
  return false;
}

function malformed(reason: string): Parsed {
  return { what: 'malformed', reason };
}

function problem(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.')}: ${issue.message}` : 'wrong shape';
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
