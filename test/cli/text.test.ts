import { expect, test } from 'vitest';
import { mrkdwnText, plainText } from '../../src/cli-text.ts';
import { actions, button, content, context, header, section } from '../../src/slack/blocks.ts';
import { code, link, plain, time } from '../../src/slack/mrkdwn.ts';

test('markup becomes what a person would read', () => {
  const cases: [mrkdwn: string, text: string][] = [
    ['*What will change*', 'What will change'],
    [':white_check_mark: *Cloud SIEM* (in sync): yes', '✓ Cloud SIEM (in sync): yes'],
    [':unknown_emoji: stays', ':unknown_emoji: stays'],
    [
      link('https://app.datadoghq.com/logs?a=1&b=2', 'Log Explorer'),
      'Log Explorer: https://app.datadoghq.com/logs?a=1&b=2',
    ],
    ['<https://a.example>', 'https://a.example'],
    ['<@U01ADA> and <!subteam^S01OPS> in <#C01GEN>', '@U01ADA and @S01OPS in #C01GEN'],
    [time(new Date('2026-11-22T10:00:00Z')), '2026-11-22 10:00 UTC'],
    [plain('a <b> & c'), 'a <b> & c'],
    ['2 * 3 * 4', '2 * 3 * 4'],
    ['```10:00 *x* &lt;y&gt;```', '10:00 *x* <y>'],
  ];
  for (const [mrkdwn, text] of cases) expect(mrkdwnText(mrkdwn)).toBe(text);
});

test('what is set in code stays as it is', () => {
  const arn = 'arn:aws:logs:*:*:log-group:/aws/eks/*/cluster:*';
  expect(mrkdwnText(`*May* ${code(arn)} :x:`)).toBe(`May \`${arn}\` ✗`);
  expect(mrkdwnText(code(':x: *bold*'))).toBe('`:x: *bold*`');
});

test('blocks stand apart, and a button of a question is what to choose from', () => {
  const row = actions('q', [button('prod/eu-west-1/a', 'command.run.0', { value: 'status prod/eu-west-1/a' })]);
  expect(plainText(content('t', [header('Title'), section('One\nTwo'), context('small'), row]))).toBe(
    'Title\n\nOne\nTwo\n\nsmall\n\n  prod/eu-west-1/a\n',
  );
});

test('a name from outside cannot steer the terminal', () => {
  const hostile = 'pod\u001b[2J\u001b]0;owned\u0007\r\u009b31m';
  expect(plainText(content('t', [section(`${code(hostile)}\n${plain(hostile)}`), header(hostile)]))).not.toMatch(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/,
  );
});
