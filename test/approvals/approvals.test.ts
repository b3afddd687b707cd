/** Everything somebody can try on an approval, with the one right outcome: in the rows, and in what the person reads. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHANNELS, PEOPLE } from '../../playground/acme.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';
import { type Asked, type Desk, forged, lookAlike, openDesk } from './desk.ts';

const DORA = 'U0DORA0001';
const FAYE = 'U0FAYE0001';
const GUS = 'U0GUS00001';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({
    file: {
      roles: {
        admins: { users: [PEOPLE.ada] },
        operators: { users: [PEOPLE.olivia] },
        approvers: { users: [PEOPLE.arjun, PEOPLE.aiko, PEOPLE.olivia, DORA, FAYE, GUS, PEOPLE.guest] },
      },
    },
    seed({ slack }) {
      slack.addUser({ id: DORA, name: 'dora' });
      slack.addUser({ id: GUS, name: 'gus', isUltraRestricted: true });
      slack.addUser({ id: FAYE, name: 'faye', teamId: 'T0OTHER001', isStranger: true });
      for (const id of [DORA, GUS, FAYE]) slack.channel(CHANNELS.approvals).members.add(id);
    },
  });
});
afterAll(() => desk[Symbol.asyncDispose]());

const ASK = 'Ask @arjun, @aiko, @dora, @faye, @gus, @guest.';
const CANNOT = `Guests, bots, deactivated accounts and people of other workspaces cannot decide. ${ASK}`;

interface Attempt {
  what: string;
  by: string;
  /** Before the click; may give another message to click on. */
  before?: (asked: Asked) => TimelineEntry | Promise<TimelineEntry | undefined> | undefined;
  reads: string;
  /** All attempts on record afterwards. */
  record: string[];
  state?: string;
}

const ATTEMPTS: Attempt[] = [
  {
    what: 'the request of one’s own',
    by: PEOPLE.olivia,
    reads: `You asked for this, so somebody else must approve it. ${ASK}`,
    record: ['olivia approve own-request'],
  },
  {
    what: 'somebody who is no approver',
    by: PEOPLE.ana,
    reads: `You are not an approver for this. ${ASK}`,
    record: ['ana approve not-approver'],
  },
  {
    what: 'an admin of the bot, who is no approver for that',
    by: PEOPLE.ada,
    reads: `You are not an approver for this. ${ASK}`,
    record: ['ada approve not-approver'],
  },
  { what: 'a guest named as approver', by: PEOPLE.guest, reads: CANNOT, record: ['guest approve untrusted'] },
  { what: 'a guest of one channel', by: GUS, reads: CANNOT, record: ['gus approve untrusted'] },
  { what: 'an approver of another workspace', by: FAYE, reads: CANNOT, record: ['faye approve untrusted'] },
  {
    what: 'somebody deactivated since the click',
    by: DORA,
    before() {
      desk.world.door.onBoundary = (phase, { call }) => {
        if (phase === 'arrived' && call.operation === 'users.info') desk.world.slack.user(DORA).deleted = true;
        return true;
      };
      return undefined;
    },
    reads: CANNOT,
    record: ['dora approve untrusted'],
  },
  {
    what: 'an approval that was given before',
    by: PEOPLE.aiko,
    async before({ card }) {
      await desk.clickAndRead(PEOPLE.arjun, card);
      return undefined;
    },
    reads: 'すでに承認されています。操作は不要です。',
    record: ['arjun approve counted', 'aiko approve already-approved'],
    state: 'approved',
  },
  {
    what: 'a look-alike of the card in another message',
    by: PEOPLE.arjun,
    before: ({ approvalId }) => lookAlike(desk.world, approvalId),
    reads:
      'These buttons are not on the card this bot posted for the request, so the click does not count. Use the card in the approvals channel.',
    record: ['arjun approve not-our-message'],
  },
  {
    what: 'a look-alike that only this person sees',
    by: PEOPLE.arjun,
    before: ({ approvalId }) => lookAlike(desk.world, approvalId, PEOPLE.arjun),
    reads:
      'These buttons are not on the card this bot posted for the request, so the click does not count. Use the card in the approvals channel.',
    record: ['arjun approve not-our-message'],
  },
  {
    what: 'the id of another request behind the button of this one',
    by: PEOPLE.arjun,
    async before({ approvalId }) {
      const other = await desk.ask();
      return forged(other.card, approvalId);
    },
    reads:
      'These buttons are not on the card this bot posted for the request, so the click does not count. Use the card in the approvals channel.',
    record: ['arjun approve not-our-message'],
  },
  {
    what: 'Slack away while the person is read',
    by: PEOPLE.arjun,
    before() {
      desk.world.door.fail({
        service: 'slack',
        operation: 'users.info',
        answer: { status: 503, body: 'away' },
        times: 1,
      });
      return undefined;
    },
    reads:
      'Slack did not say who you or the earlier approvers are (users.info or usergroups.users.list failed), so this does not count and nothing was done. Try again in a minute; if it stays, an admin can run `/eks-audit doctor`.',
    record: ['arjun approve unread'],
  },
  {
    what: 'Slack hanging up while the person is read',
    by: PEOPLE.aiko,
    before() {
      desk.world.door.fail({ service: 'slack', operation: 'users.info', answer: 'reset', times: 1 });
      return undefined;
    },
    reads:
      'Slack からあなた、または先に承認した方の情報を取得できなかったため（users.info または usergroups.users.list が失敗）、この操作は無効です。何も実行していません。1 分ほど待ってからもう一度お試しください。続く場合は管理者が `/eks-audit doctor` を実行してください。',
    record: ['aiko approve unread'],
  },
];

describe('an attempt by', () => {
  for (const { what, by, before, reads, record, state = 'open' } of ATTEMPTS) {
    test(`${what} has one outcome`, async () => {
      const asked = await desk.ask();
      const card = (await before?.(asked)) ?? asked.card;
      const read = await desk.clickAndRead(by, card);
      desk.world.door.onBoundary = () => true;
      expect(read).toBe(reads);
      expect(await desk.attempts(asked.approvalId)).toEqual(record);
      const after = await desk.approval(asked);
      expect(after.state).toBe(state);
      if (state === 'open') expect(after.runState).toBe('approval');
    });
  }

  test('an id that never was is told, and on record', async () => {
    const asked = await desk.ask();
    expect(await desk.clickAndRead(PEOPLE.arjun, forged(asked.card, 'never-was'))).toBe(
      'This request does not exist any more. Nothing was done.',
    );
    expect(await desk.attempts('never-was')).toEqual(['arjun approve unknown']);
    expect(await desk.attempts(asked.approvalId)).toEqual([]);
  });

  test('a click before the bot knows where its card stands is asked again', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    desk.world.door.onBoundary = async (phase, { call }) => {
      if (phase === 'applied' && call.operation === 'chat.postMessage') await held;
      return true;
    };
    await desk.bot.slash('/eks-audit enable prod-a --only audit-logs');
    const card = await desk.bot.posted('approvals', '/prod-a ');
    const early = await desk.clickAndRead(PEOPLE.arjun, card);
    release();
    desk.world.door.onBoundary = () => true;
    expect(early).toBe('One moment: this card has just been posted. Please click again.');
    const [row] = await desk.bot.bot.db
      .selectFrom('approval_attempts')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(1)
      .execute();
    expect(row).toMatchObject({ user_id: PEOPLE.arjun, outcome: 'one-moment' });
  });
});
