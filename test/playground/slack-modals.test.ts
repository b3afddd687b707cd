/** Modals: triggers, stack, hash, submissions and their answers, with a real Bolt app. */
import { expect, test } from 'vitest';
import { errorOf, openSlack, startBolt } from './slack-world.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });

const reasonInput = {
  type: 'input',
  block_id: 'reason',
  label: plain('Reason'),
  element: { type: 'plain_text_input', action_id: 'v', multiline: true },
};

function modal(title: string, more: object = {}) {
  return { type: 'modal', title: plain(title), submit: plain('Send'), blocks: [reasonInput], ...more } as never;
}

test('a command opens a modal, and its submission arrives with the state of its inputs', async () => {
  await using world = await openSlack();
  const submitted: Record<string, unknown>[] = [];
  await startBolt(world, (app) => {
    app.command('/eks-audit', async ({ ack, client, command }) => {
      await ack();
      const view = modal('Deny', { callback_id: 'deny', private_metadata: 'p1' });
      await client.views.open({ trigger_id: command.trigger_id, view });
    });
    app.view('deny', async ({ ack, body }) => {
      submitted.push(body as never);
      const reason = body.view.state.values.reason?.v?.value ?? '';
      if (reason.length < 5) await ack({ response_action: 'errors', errors: { reason: 'Say a little more.' } });
      else await ack();
    });
  });
  await world.slack.slash('jane', '#audit', '/eks-audit');
  const view = await world.slack.nextView('jane');
  expect(world.slack.render(view)).toMatchInlineSnapshot(`
    "▣ Deny
    Reason: []
    [Send]"
  `);
  await expect(world.slack.submit('jane', view.id)).rejects.toThrow(
    'Slack would not submit v / reason / Reason: it is required',
  );
  const refused = await world.slack.submit('jane', view.id, { Reason: 'no' });
  expect(refused.errors).toEqual({ reason: 'Say a little more.' });
  expect(world.slack.render(await world.slack.nextView('jane'))).toContain('! reason: Say a little more.');
  const accepted = await world.slack.submit('jane', view.id, { reason: 'too risky' });
  expect(accepted).toMatchObject({ errors: {}, view: undefined, failure: undefined });
  expect(world.slack.modalOf('jane')).toBeUndefined();
  expect(submitted[1]).toMatchObject({
    type: 'view_submission',
    view: {
      id: view.id,
      callback_id: 'deny',
      private_metadata: 'p1',
      state: { values: { reason: { v: { type: 'plain_text_input', value: 'too risky' } } } },
      root_view_id: view.id,
      previous_view_id: null,
      submit: { type: 'plain_text', text: 'Send', emoji: true },
      close: null,
    },
    response_urls: [],
  });
});

test('a trigger opens one view, within three seconds', async () => {
  let now = Date.now();
  await using world = await openSlack({ clock: { now: () => new Date(now) } });
  await startBolt(world, (app) => {
    app.command('/eks-audit', ({ ack }) => ack());
  });
  const trigger = async () => (await world.slack.slash('jane', '#audit', '/eks-audit')).triggerId;
  const open = (trigger_id: string) => errorOf(world.client.views.open({ trigger_id, view: modal('Hello') }));
  const first = await trigger();
  expect(await open(first)).toBe('ok');
  expect(await open(first)).toBe('exchanged_trigger_id');
  const second = await trigger();
  now += 3_001;
  expect(await open(second)).toBe('expired_trigger_id');
  expect(await open('1.2.abc')).toBe('invalid_trigger_id');
});

test('an invalid view is refused with pointers and does not use the trigger up', async () => {
  await using world = await openSlack();
  await startBolt(world, (app) => {
    app.command('/eks-audit', ({ ack }) => ack());
  });
  const { triggerId } = await world.slack.slash('jane', '#audit', '/eks-audit');
  const open = (view: never) => world.client.views.open({ trigger_id: triggerId, view });
  await expect(open(modal('Hello', { submit: undefined }))).rejects.toMatchObject({
    data: {
      error: 'invalid_arguments',
      response_metadata: {
        messages: [
          '[ERROR] must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]',
        ],
      },
    },
  });
  await open(modal('Hello'));
});

test('views stack three deep, and an update keeps what was typed and needs the right hash', async () => {
  await using world = await openSlack();
  const { slack, client } = world;
  const triggers: string[] = [];
  await startBolt(world, (app) => {
    app.command('/eks-audit', ({ ack }) => ack());
    app.action('next', async ({ ack, body }) => {
      await ack();
      triggers.push((body as unknown as { trigger_id: string }).trigger_id);
    });
    app.view('done', ({ ack }) => ack({ response_action: 'clear' }));
  });
  const withButton = (title: string) =>
    modal(title, {
      callback_id: 'done',
      blocks: [
        reasonInput,
        { type: 'actions', elements: [{ type: 'button', action_id: 'next', text: plain('Next') }] },
      ],
    });
  const { triggerId } = await slack.slash('jane', '#audit', '/eks-audit');
  await client.views.open({ trigger_id: triggerId, view: withButton('One') });
  const push = async (title: string) => {
    const front = slack.modalOf('jane');
    if (front) await slack.click('jane', front, 'Next');
    return errorOf(client.views.push({ trigger_id: triggers.at(-1) as string, view: withButton(title) }));
  };
  expect(await push('Two')).toBe('ok');
  expect(await push('Three')).toBe('ok');
  expect(await push('Four')).toBe('push_limit_reached');
  const front = slack.modalOf('jane');
  expect(front?.content.title).toMatchObject({ text: 'Three' });
  const { id: view_id = '', hash = '' } = front ?? {};
  expect(await errorOf(client.views.update({ view_id, hash: '1.old', view: withButton('New') }))).toBe('hash_conflict');
  await client.views.update({ view_id, hash, view: withButton('New') });
  const done = await slack.submit('jane', view_id, { Reason: 'because' });
  expect(done.view).toBeUndefined();
  expect(await errorOf(client.views.update({ view_id, view: withButton('Late') }))).toBe('not_found');
});

test('a submission may be answered with the next view, and closing tells the bot if it asked', async () => {
  await using world = await openSlack();
  const closed: unknown[] = [];
  await startBolt(world, (app) => {
    app.shortcut('audit', async ({ ack, client, body }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view: modal('One', { callback_id: 'one' }) });
    });
    app.view('one', ({ ack }) =>
      ack({ response_action: 'update', view: modal('Two', { callback_id: 'two', notify_on_close: true }) }),
    );
    app.view({ callback_id: 'two', type: 'view_closed' }, async ({ ack, body }) => {
      await ack();
      closed.push((body as { is_cleared: boolean }).is_cleared);
    });
  });
  await world.slack.shortcut('jane', 'audit');
  const { view } = await world.slack.submit('jane', (await world.slack.nextView('jane')).id, { Reason: 'x' });
  expect(view?.content.title).toMatchObject({ text: 'Two' });
  await world.slack.closeView('jane', view?.id ?? '', { all: true });
  expect(closed).toEqual([true]);
});

test('an answer the client cannot use leaves the modal open with an error', async () => {
  await using world = await openSlack();
  await startBolt(world, (app) => {
    app.command('/eks-audit', async ({ ack, client, command }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: modal('One', { callback_id: 'one' }) });
    });
    app.view('one', ({ ack }) => ack({ response_action: 'errors', errors: { elsewhere: 'no' } }));
  });
  await world.slack.slash('jane', '#audit', '/eks-audit');
  const view = await world.slack.nextView('jane');
  await world.slack.submit('jane', view.id, { Reason: 'x' });
  expect(world.slack.failures.map((f) => f.text)).toEqual(['invalid_response_action']);
  expect(world.slack.modalOf('jane')?.id).toBe(view.id);
});
