/** What people type after `/eks-audit`, and what they read when it is not understood. */
import { describe, expect, test } from 'vitest';
import { closest } from '../src/closest.ts';
import { COMMANDS, type CommandSpec, type ParsedCommand, parseCommand, usage } from '../src/commands.ts';
import type { Language } from '../src/config.ts';
import { UserError } from '../src/errors.ts';

describe('is understood:', () => {
  const table: [typed: string, parsed: Partial<ParsedCommand>][] = [
    ['', { name: 'help', args: [] }],
    ['   ', { name: 'help', args: [] }],
    ['help', { name: 'help' }],
    ['help enable', { name: 'help' }],
    ['list', { name: 'list', args: [], flags: {} }],
    ['  list  ', { name: 'list', typed: 'list' }],
    ['status prod-a', { name: 'status', args: ['prod-a'] }],
    ['status production/us-east-1/prod-a', { name: 'status', args: ['production/us-east-1/prod-a'] }],
    ['enable a b\tc\nd', { name: 'enable', args: ['a', 'b', 'c', 'd'], typed: 'enable a b c d' }],
    ['enable prod-a --dry-run', { args: ['prod-a'], flags: { 'dry-run': true } }],
    ['enable --dry-run prod-a', { args: ['prod-a'], flags: { 'dry-run': true } }],
    ['enable prod-a —dry-run', { flags: { 'dry-run': true } }],
    ['enable prod-a –dry-run', { flags: { 'dry-run': true } }],
    ['enable prod-a ——dry-run', { flags: { 'dry-run': true } }],
    ['enable prod-a --only rules', { flags: { only: 'rules' } }],
    ['enable prod-a --only=rules', { flags: { only: 'rules' } }],
    ['enable prod-a —only audit-logs —dry-run', { flags: { only: 'audit-logs', 'dry-run': true } }],
    [
      'disable prod-a --audit-logs --reason cluster is being retired',
      { args: ['prod-a'], flags: { 'audit-logs': true, reason: 'cluster is being retired' } },
    ],
    ['disable prod-a --reason retired today --audit-logs', { flags: { reason: 'retired today', 'audit-logs': true } }],
    [
      'disable prod-a —reason broken — see OPS-7 – really',
      { args: ['prod-a'], flags: { reason: 'broken — see OPS-7 – really' } },
    ],
    ['disable prod-a --reason=not needed', { flags: { reason: 'not needed' } }],
    ['disable prod-a --reason a=b', { flags: { reason: 'a=b' } }],
    [
      'logs prod-a @objectRef.resource:pods -@verb:get',
      { name: 'logs', args: ['prod-a', '@objectRef.resource:pods', '-@verb:get'] },
    ],
    ['runs', { name: 'runs', args: [] }],
    ['runs prod-a', { name: 'runs', args: ['prod-a'] }],
    ['approvals', { name: 'approvals' }],
  ];
  for (const [typed, parsed] of table)
    test(JSON.stringify(typed), () => expect(parseCommand(typed)).toMatchObject(parsed));
});

function refusal(typed: string): UserError {
  try {
    parseCommand(typed);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error(`${typed} was understood`);
}

/** As Slack shows it: nothing in it may link or mention before. */
function read(error: UserError, language: Language = 'en'): string {
  const said = error.say(language);
  expect(said).not.toMatch(/[<>]/);
  return said.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

describe('is refused with the next step:', () => {
  const ENABLE = 'Usage: `/eks-audit enable <cluster>… [--only audit-logs|forwarder|rules] [--dry-run]`';
  const DISABLE = 'Usage: `/eks-audit disable <cluster> [--audit-logs] [--dry-run] [--reason text]`';
  const table: [typed: string, says: string][] = [
    ['lst', 'There is no command `lst`. Did you mean `/eks-audit list`? `/eks-audit help` shows all.'],
    ['enabel prod-a', 'There is no command `enabel`. Did you mean `/eks-audit enable`? `/eks-audit help` shows all.'],
    ['ENABLE prod-a', 'There is no command `ENABLE`. Did you mean `/eks-audit enable`? `/eks-audit help` shows all.'],
    ['--help', 'There is no command `--help`. Did you mean `/eks-audit help`? `/eks-audit help` shows all.'],
    ['—', 'There is no command `—`. `/eks-audit help` shows all.'],
    ['hello bot', 'There is no command `hello`. `/eks-audit help` shows all.'],
    ['destroy prod-a', 'There is no command `destroy`. `/eks-audit help` shows all.'],
    ['__proto__', 'There is no command `__proto__`. `/eks-audit help` shows all.'],
    ['<!channel>', 'There is no command `<!channel>`. `/eks-audit help` shows all.'],
    ['`x` now', 'There is no command `x`. `/eks-audit help` shows all.'],
    ['status', 'Usage: `/eks-audit status <cluster>`'],
    ['status a b', 'Usage: `/eks-audit status <cluster>`'],
    ['list everything', 'Usage: `/eks-audit list`'],
    ['enable', ENABLE],
    [`enable ${'c '.repeat(21)}`, ENABLE],
    ['enable prod-a --only', ENABLE],
    ['enable prod-a --only everything', ENABLE],
    ['enable prod-a --only --dry-run', ENABLE],
    ['enable prod-a --dry-run=yes', ENABLE],
    ['enable prod-a --dryrun', `\`enable\` has no \`--dryrun\`. Did you mean \`--dry-run\`? ${ENABLE}`],
    ['enable prod-a —onyl rules', `\`enable\` has no \`--onyl\`. Did you mean \`--only\`? ${ENABLE}`],
    ['enable prod-a --force', `\`enable\` has no \`--force\`. ${ENABLE}`],
    ['enable prod-a --__proto__', `\`enable\` has no \`--__proto__\`. ${ENABLE}`],
    ['disable prod-a --audit-logs=false', DISABLE],
    ['disable prod-a --reason', DISABLE],
    ['disable prod-a --reason --audit-logs', DISABLE],
  ];
  for (const [typed, says] of table)
    test(JSON.stringify(typed).slice(0, 60), () => expect(read(refusal(typed))).toBe(says));

  test('in Japanese too', () => {
    expect(read(refusal('lst'), 'ja')).toBe(
      '`lst` というコマンドはありません。`/eks-audit list` のことでしょうか。`/eks-audit help` で一覧を表示します。',
    );
    expect(read(refusal('enable x --dryrun'), 'ja')).toBe(
      '`enable` に `--dryrun` はありません。`--dry-run` のことでしょうか。使い方：`/eks-audit enable <cluster>… [--only audit-logs|forwarder|rules] [--dry-run]`',
    );
    expect(read(refusal('status'), 'ja')).toBe('使い方：`/eks-audit status <cluster>`');
  });
});

test('every command is described in both languages and parses from its own usage', () => {
  for (const spec of COMMANDS as readonly CommandSpec[]) {
    expect(spec.does.en).not.toBe('');
    expect(spec.does.ja).toMatch(/[ぁ-んァ-ヶ一-龠]/);
    expect(usage(spec).startsWith(spec.name)).toBe(true);
    const args = Array.from({ length: spec.min }, (_, i) => `c${i}`);
    expect(parseCommand([spec.name, ...args].join(' '))).toMatchObject({ name: spec.name, args });
  }
});

describe('did you mean', () => {
  const names = ['prod-a', 'prod-b', 'staging', 'payments-production'];
  const table: [typed: string, meant: string | undefined][] = [
    ['prdo-a', 'prod-a'],
    ['prdo', 'prod-a'],
    ['PROD-B', 'prod-b'],
    ['stagin', 'staging'],
    ['stag', 'staging'],
    ['payments', 'payments-production'],
    ['dev', undefined],
    ['x', undefined],
    ['', undefined],
    ['x'.repeat(10_000), undefined],
  ];
  for (const [typed, meant] of table)
    test(`${JSON.stringify(typed).slice(0, 20)}: ${meant}`, () => expect(closest(typed, names)).toBe(meant));
});
