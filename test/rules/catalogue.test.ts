/** Every rule in one list: which one is meant, which are shown, and what Slack makes of it. */
import { describe, expect, test } from 'vitest';
import { errors } from '../../playground/datadog/answers.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';
import { UserError } from '../../src/errors.ts';
import { type CatalogueRule, type Filter, filtered, findRule } from '../../src/rules/catalogue.ts';
import type { TestBot } from '../bot.ts';
import { enable, ourRules } from '../onboarding/journey.ts';
import { startRules } from './journey.ts';
import { foreign, missing, ofPack, packRule } from './samples.ts';

const RULES: readonly CatalogueRule[] = [
  ofPack(),
  missing(
    packRule({ id: 'exec-into-system-pod', title: { en: 'Command in a system pod', ja: 'システム Pod での実行' } }),
  ),
  foreign({ key: 'def-000-exe', name: 'User Exec into a Pod' }),
  foreign({ key: 'def-000-att', name: 'User Attached to a Pod', existing: undefined }),
  foreign({ key: 'aaa-bbb-001', name: 'Our exec', origin: 'bot', state: 'disabled', existing: undefined }),
  foreign({ key: 'aaa-bbb-002', name: 'Our exec', origin: 'other', existing: undefined }),
];

describe('the rule that is meant', () => {
  const table: [typed: string, key: string][] = [
    ['exec-into-pod', 'exec-into-pod'],
    ['  EXEC-into-pod ', 'exec-into-pod'],
    ['abc-def-ghi', 'exec-into-pod'],
    ['Command executed in a pod', 'exec-into-pod'],
    ['pod 内でのコマンド実行', 'exec-into-pod'],
    ['システム', 'exec-into-system-pod'],
    ['executed command', 'exec-into-pod'],
    ['def-000-exe', 'def-000-exe'],
    ['user exec into a pod', 'def-000-exe'],
    ['attached', 'def-000-att'],
    ['aaa-bbb-002', 'aaa-bbb-002'],
  ];
  for (const [typed, key] of table) test(typed, () => expect(findRule(RULES, typed).key).toBe(key));

  const refused: [typed: string, says: string][] = [
    ['exec', 'Several rules match `exec`: `exec-into-pod` (`Command executed in a pod`)'],
    [
      'our exec',
      'Several rules match `our exec`: `aaa-bbb-001` (`Our exec`), `aaa-bbb-002` (`Our exec`). Say which by',
    ],
    ['exec-into-pood', 'There is no detection rule `exec-into-pood`. Did you mean `exec-into-pod`? `/eks-audit rules'],
    ['User Exce into a Pod', 'Did you mean `User Exec into a Pod`?'],
    ['xyzzy', 'There is no detection rule `xyzzy`. `/eks-audit rules list` shows all.'],
    ['<!channel> `x`', 'There is no detection rule `&lt;!channel&gt;  x`.'],
  ];
  for (const [typed, says] of refused)
    test(`${typed} is refused`, () => {
      try {
        findRule(RULES, typed);
      } catch (error) {
        if (error instanceof UserError) return expect(error.say('en')).toContain(says);
        throw error;
      }
      throw new Error('it was found');
    });
});

describe('a list of', () => {
  const none: Filter = { words: [], tactic: undefined, from: undefined, state: undefined };
  const table: [what: string, filter: Partial<Filter>, keys: string[]][] = [
    ['one word', { words: ['attached'] }, ['def-000-att']],
    ['all of several words', { words: ['our', 'EXEC'] }, ['aaa-bbb-001', 'aaa-bbb-002']],
    ['a word of the other language', { words: ['コマンド'] }, ['exec-into-pod']],
    ['an origin as a word', { words: ['shipped', 'exec'] }, ['def-000-exe']],
    ['a tactic, by id or by a part of its name', { tactic: 'ta0002' }, ['exec-into-pod', 'exec-into-system-pod']],
    ['an origin', { from: 'pack' }, ['exec-into-pod', 'exec-into-system-pod']],
    ['a state', { state: 'missing' }, ['exec-into-system-pod']],
    ['several at once', { from: 'bot', state: 'disabled', words: ['our'] }, ['aaa-bbb-001']],
    ['nothing', { words: ['exec'], tactic: 'nope' }, []],
  ];
  for (const [what, filter, keys] of table)
    test(what, () => expect(filtered(RULES, { ...none, ...filter }).map(({ key }) => key)).toEqual(keys));
  test('all, without words', () => expect(filtered(RULES, none)).toEqual(RULES));
});

/** What `/eks-audit` answered to olivia. */
async function answer(
  bot: TestBot,
  line: string,
  including = 'only @olivia',
): Promise<[entry: TimelineEntry, said: string]> {
  await bot.slash(`/eks-audit ${line}`);
  const entry = await bot.told('olivia', including);
  return [entry, bot.text(entry)];
}

test('the list in Slack is turned with buttons, which keep [Share] and the words; a page is shared as it is shown', async () => {
  await using bot = await startRules();
  const [first, said] = await answer(bot, 'rules list pod');
  expect(said).toMatch(/\*\d+ of 18 detection rules\*/);
  const [page] = await answer(bot, 'rules', 'Page 1 of 2');
  expect(bot.text(page)).toContain('18 detection rules');
  expect(bot.text(page)).toContain('[Share]');
  expect(bot.text(page)).not.toContain('[Previous]');
  await bot.click('Next', page, { as: 'olivia' });
  const second = await bot.told('olivia', 'Page 2 of 2');
  expect(bot.text(second)).toContain('[Previous]');
  expect(bot.text(second)).not.toContain('[Next]');
  await bot.click('Share', second, { as: 'olivia' });
  const shared = await bot.posted('platform', 'Shared by @olivia');
  expect(bot.text(shared)).toContain('Page 2 of 2');
  // Who may not list rules may not turn the page of a list that somebody showed, either.
  await bot.click('Previous', shared, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('is for operators');

  expect((await answer(bot, 'rules list --page 7 --from shipped'))[1]).toContain('13 of 18 detection rules');
  expect((await answer(bot, 'rules list xyzzy'))[1]).toContain('No rule matches.');
  expect((await answer(bot, 'rules list --state broken'))[1]).toContain('Usage: `/eks-audit rules list [words]');
  expect(first.message?.ephemeralFor).toBeDefined();
});

test('one rule in Slack: not created yet, Datadog’s own, edited, switched off as well, unknown', async () => {
  await using bot = await startRules();
  const [, missing] = await answer(bot, 'rules show exec-into-pod');
  expect(missing).toContain('pack · not created · ');
  expect(missing).toContain('Datadog does not have it yet.');
  expect(missing).toMatch(/\*Detection\* (Threshold|New value)/);
  expect(missing).not.toContain('Terraform');

  const [, shipped] = await answer(bot, 'rules show User Exec into a Pod');
  expect(shipped).toContain('· Datadog · enabled · info ·');
  expect(shipped).toContain('For Terraform, converted by Datadog');
  expect(shipped).toContain('resource "datadog_security_monitoring_rule"');
  expect(shipped).not.toContain('*What to do first*');

  expect(await enable(bot, '/eks-audit enable prod-a --only rules')).toContain('rules');
  const rule = ourRules(bot.world).find(({ tags }) => tags.includes('eks-audit-id:exec-into-pod'));
  if (!rule) throw new Error('the rule was not created');
  const [, created] = await answer(bot, 'rules show exec-into-pod');
  expect(created).toContain('pack · enabled · ');
  expect(created).not.toContain('Changed in Datadog');

  rule.cases = rule.cases.map((one) => ({ ...one, status: 'low', notifications: ['@slack-soc'] }));
  rule.tags.push('team:soc');
  const [, edited] = await answer(bot, 'rules show exec-into-pod');
  expect(edited).toContain('pack · edited · low · ');
  expect(edited).toContain('• `cases[0].status`: `medium` in our pack, `low` in Datadog');
  expect(edited.match(/in our pack/g)).toHaveLength(1);
  expect(edited).toContain('`/eks-audit rules enable exec-into-pod` asks to put the pack’s version back.');
  rule.isEnabled = false;
  const [, off] = await answer(bot, 'rules show exec-into-pod');
  expect(off).toContain('pack · disabled · low · ');
  expect(off).toContain('`low` in Datadog');

  expect((await answer(bot, 'rules show exec-into-pood'))[1]).toContain('Did you mean `exec-into-pod`?');
  const convert = { service: 'datadog', operation: 'ConvertExistingSecurityMonitoringRule' };
  bot.world.door.fail({ ...convert, answer: errors(500, 'Internal error') });
  expect((await answer(bot, 'rules show exec-into-pod'))[1]).toContain('*Query*');
  bot.world.door.fail({
    service: 'datadog',
    operation: 'ListSecurityMonitoringRules',
    answer: errors(403, 'Forbidden'),
  });
  expect((await answer(bot, 'rules list'))[1]).toContain('lacks the scope `security_monitoring_rules_read`');
});
