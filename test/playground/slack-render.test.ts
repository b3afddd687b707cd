/** Messages as text, and whom they would notify. */
import { expect, test } from 'vitest';
import type { JsonObject } from '../../playground/slack/json.ts';
import { liveMentions } from '../../playground/slack/render.ts';
import { openSlack } from './slack-world.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const raw = (text: string) => ({ type: 'raw_text', text });
const rich = (...elements: JsonObject[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
});

test('classic blocks read like a conversation', async () => {
  await using world = await openSlack();
  const message = world.slack.post(world.slack.channel('#audit'), {
    text: 'fallback',
    blocks: [
      { type: 'header', text: plain('Plan for prod-a') },
      {
        type: 'section',
        text: mrkdwn(
          'Asked by <@U0JANE0001> in <#C0OPS00001|ops>, see <https://x.io/?a=1&amp;b=2|the logs> &lt;now&gt;',
        ),
        accessory: { type: 'overflow', action_id: 'more', options: [{ text: plain('Archive'), value: 'a' }] },
      },
      { type: 'section', fields: [mrkdwn('*Cluster*\nprod-a'), mrkdwn('*Cost*\n$3')] },
      { type: 'divider' },
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'a', text: plain('Approve') },
          { type: 'button', action_id: 'b', text: plain('Open'), url: 'https://x.io' },
          { type: 'static_select', action_id: 'c', placeholder: plain('Mute'), options: [] },
        ],
      },
      { type: 'context', elements: [mrkdwn('expires <!date^1771309947^{date_short}|2026-02-17>'), plain('*raw*')] },
    ],
  });
  expect(world.slack.render(message)).toMatchInlineSnapshot(`
    "# Plan for prod-a
    Asked by @jane in #ops, see the logs <https://x.io/?a=1&b=2> <now> [⋯ Archive]
    *Cluster* prod-a
    *Cost* $3
    ———
    [Approve] [Open] <https://x.io> [Mute ▾]
    expires 2026-02-17 · *raw*"
  `);
});

test('plans, tables and rich text keep their shape', async () => {
  await using world = await openSlack();
  const message = world.slack.post(world.slack.channel('#audit'), {
    blocks: [
      {
        type: 'plan',
        title: 'Fix prod-a',
        tasks: [
          {
            type: 'task_card',
            task_id: '1',
            title: 'Switch audit logs on',
            status: 'complete',
            output: rich({ type: 'text', text: 'done in 4 s' }),
          },
          { type: 'task_card', task_id: '2', title: 'Subscribe', status: 'in_progress' },
          { type: 'task_card', task_id: '3', title: 'Rules', status: 'pending' },
        ],
      },
      {
        type: 'data_table',
        caption: 'Coverage',
        rows: [
          [raw('Cluster'), raw('Coverage')],
          [raw('本番'), { type: 'raw_number', value: 97, text: '97 %' }],
          [raw('prod-a'), raw('100 %')],
        ],
      },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_list',
            style: 'ordered',
            elements: [
              {
                type: 'rich_text_section',
                elements: [{ type: 'text', text: 'pod <!channel>', style: { code: true } }],
              },
              { type: 'rich_text_section', elements: [{ type: 'user', user_id: 'U0OMAR0001' }] },
            ],
          },
          { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'kubectl exec' }] },
          { type: 'rich_text_quote', elements: [{ type: 'date', timestamp: 1771309947, format: '{date}' }] },
        ],
      },
    ],
  });
  expect(world.slack.render(message)).toMatchInlineSnapshot(`
    "Fix prod-a
      ✓ Switch audit logs on
        done in 4 s
      ◐ Subscribe
      ○ Rules
    Coverage
    Cluster  Coverage
    本番     97 %
    prod-a   100 %
    1. \`pod <!channel>\`
    2. @omar
    \`\`\`
    kubectl exec
    \`\`\`
    > 2026-02-17 06:32 UTC"
  `);
});

test('an attachment stands behind its colour bar', async () => {
  await using world = await openSlack();
  const message = world.slack.post(world.slack.channel('#audit'), {
    text: '*CRITICAL* shell in container',
    attachments: [
      {
        color: '#B00020',
        blocks: [
          { type: 'section', text: mrkdwn('pod `web-1`\nby root') },
          { type: 'actions', elements: [{ type: 'button', action_id: 'a', text: plain('Take it') }] },
        ],
      },
    ],
  });
  expect(world.slack.render(message)).toMatchInlineSnapshot(`
    "*CRITICAL* shell in container
    │ pod \`web-1\`
    │ by root
    │ [Take it]"
  `);
});

test('timeline entries say where, who and to whom', async () => {
  await using world = await openSlack();
  const { slack } = world;
  slack.whisper(slack.channel('#audit'), 'U0JANE0001', { text: 'only you' });
  const posted = slack.post(slack.channel('@omar'), { text: 'done' });
  slack.edit(posted, { text: 'done, really' }, true);
  slack.fail('operation_timeout', 'U0JANE0001', 'C0AUDIT001');
  expect(slack.unreadAsText()).toMatchInlineSnapshot(`
    "#audit, @eks-audit, only @jane
    only you

    DM with @omar, @eks-audit
    done

    DM with @omar, @eks-audit, edited
    done, really

    #audit, only @jane: operation_timeout"
  `);
});

test('what is shown decides whom a message notifies', async () => {
  await using world = await openSlack();
  const { slack } = world;
  const audit = slack.channel('#audit');
  const notify = (content: object) => slack.wouldNotify(slack.post(audit, content));
  expect(notify({ text: 'hi <@U0JANE0001> <!here>' })).toEqual(['@jane', '@here']);
  expect(notify({ text: 'hi <@U0JANE0001>', blocks: [{ type: 'section', text: mrkdwn('quiet') }] })).toEqual([]);
  expect(notify({ blocks: [{ type: 'section', text: mrkdwn('<!subteam^S0SRE00001>') }] })).toEqual(['@sre']);
  expect(notify({ blocks: [{ type: 'section', text: plain('<!channel>') }] })).toEqual([]);
  expect(notify({ blocks: [rich({ type: 'text', text: '<!channel>' })] })).toEqual([]);
  expect(notify({ blocks: [rich({ type: 'broadcast', range: 'channel' })] })).toEqual(['@channel']);
  expect(notify({ text: '&lt;!channel&gt;' })).toEqual([]);
  expect(notify({ attachments: [{ blocks: [{ type: 'section', text: mrkdwn('<!everyone>') }] }] })).toEqual([
    '@everyone',
  ]);
  slack.addUser({ id: 'U0AWAY0001', name: 'away' });
  expect(notify({ text: 'hi <@U0AWAY0001>' })).toEqual([]);
  expect(slack.wouldNotify(slack.post(slack.channel('@omar'), { text: 'done' }))).toEqual(['@omar']);
  const hidden = slack.post(audit, { text: '<!channel>', blocks: [{ type: 'divider' }] });
  expect(liveMentions(slack, hidden)).toEqual(['@channel']);
});

test('waiting in vain says what was left unread', async () => {
  await using world = await openSlack();
  world.slack.post(world.slack.channel('#audit'), { text: 'something else' });
  const waiting = world.slack.nextMessage('#ops', () => true, 30);
  await expect(waiting).rejects.toThrow('nothing in Slack within 30 ms: #audit, @eks-audit\nsomething else');
});
