/** Who somebody is, read from Slack: remembered for a minute, and never guessed. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { slackError, slackRateLimited } from '../../playground/slack/faults.ts';
import { loadConfig } from '../../src/config.ts';
import { UserError } from '../../src/errors.ts';
import { createPeople, type People } from '../../src/slack/people.ts';
import { MovableClock } from '../bot.ts';
import { acmeFile } from '../config/acme-file.ts';
import { type OpenSlack, openSlack } from '../playground/slack-world.ts';

const JANE = 'U0JANE0001';
const SRE = 'S0SRE00001';
const OTHER = 'S0OTHER001';

async function openPeople(
  usergroups = [SRE],
): Promise<
  { slack: OpenSlack; people: People; clock: MovableClock; calls: () => string[]; logged: string[] } & AsyncDisposable
> {
  const slack = await openSlack();
  const clock = new MovableClock();
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line).msg) });
  using file = acmeFile({ roles: { admins: {}, operators: {}, approvers: { usergroups } } });
  const config = loadConfig(file.env);
  const people = createPeople({ client: slack.client, config, clock, log });
  return {
    slack,
    people,
    clock,
    logged,
    calls: () => slack.door.recorded.map((r) => r.call.operation),
    [Symbol.asyncDispose]: () => slack[Symbol.asyncDispose](),
  };
}

test('a person is read with locale and groups, and remembered for a minute', async () => {
  await using it = await openPeople();
  expect(await it.people.read('U0OMAR0001')).toEqual({
    id: 'U0OMAR0001',
    teamId: it.slack.slack.team.id,
    name: 'omar',
    deleted: false,
    bot: false,
    guest: false,
    stranger: false,
    usergroups: [SRE],
    language: 'en',
    email: 'omar@acme.example',
  });
  await it.people.read('U0OMAR0001');
  expect(it.calls()).toEqual(['users.info', 'usergroups.users.list']);
  it.clock.forward(60_001);
  await it.people.read('U0OMAR0001');
  expect(it.calls()).toHaveLength(4);
});

test('a decision reads afresh, and many at once ask for each group once', async () => {
  await using it = await openPeople();
  await it.people.read(JANE);
  await Promise.all([JANE, 'U0OMAR0001'].map((id) => it.people.read(id, { fresh: true })));
  expect(it.calls().filter((call) => call === 'users.info')).toHaveLength(3);
  expect(it.calls().filter((call) => call === 'usergroups.users.list')).toHaveLength(2);
});

test('a language once known is known at once, before anybody is asked', async () => {
  await using it = await openPeople();
  expect(it.people.languageOf(JANE)).toBeUndefined();
  await it.people.read(JANE);
  it.clock.forward(24 * 3_600_000);
  expect(it.people.languageOf(JANE)).toBe('ja');
});

test('a group that changed is forgotten, and with it what was known of its people', async () => {
  await using it = await openPeople();
  expect((await it.people.read(JANE)).usergroups).toEqual([]);
  it.slack.slack.userGroups.get(SRE)?.members.push(JANE);
  expect((await it.people.read(JANE)).usergroups).toEqual([]);
  it.people.forgetGroups();
  expect((await it.people.read(JANE)).usergroups).toEqual([SRE]);
  expect(it.people.languageOf(JANE)).toBe('ja');
});

for (const operation of ['users.info', 'usergroups.users.list'])
  for (const answer of [slackError('fatal_error'), slackRateLimited(30), { status: 500 }, 'reset'] as const)
    test(`trouble with ${operation} (${JSON.stringify(answer).slice(0, 40)}) fails closed, with a message`, async () => {
      await using it = await openPeople();
      it.slack.door.fail({ service: 'slack', operation, answer });
      const failure = await it.people.read(JANE).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(UserError);
      expect((failure as UserError).say('ja')).toContain('何も実行していません');
      expect((await it.people.read(JANE)).language).toBe('ja');
    });

test('whom Slack does not know counts as deactivated', async () => {
  await using it = await openPeople();
  expect(await it.people.read('U0NOBODY01')).toMatchObject({ id: 'U0NOBODY01', deleted: true });
});

test('a group that is gone, disabled or not in the plan is empty, and shuts nobody else out', async () => {
  await using it = await openPeople([SRE, OTHER]);
  expect((await it.people.read('U0OMAR0001')).usergroups).toEqual([SRE]);
  it.slack.slack.planUpgradeRequired = true;
  expect((await it.people.read('U0OMAR0001', { fresh: true })).usergroups).toEqual([]);
  expect(it.logged).toContain('a user group of the configuration cannot be read, so nobody is in it');
});
