/** The pack in Datadog, through Datadog's own client: created, found, mended and removed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import { envSchema, fileSchema } from '../../src/config-schema.ts';
import { createDatadog, type Datadog } from '../../src/datadog/client.ts';
import { createRule, deleteRule, getRule, listOwnRules, updateRule } from '../../src/datadog/rules.ts';
import { compileRule, differs, repairPayload } from '../../src/rules/compile.ts';
import { loadPack } from '../../src/rules/pack.ts';
import { API_KEY, APP_KEY, type DatadogWorld, openDatadog } from '../playground/datadog-world.ts';

const { rules } = await loadPack();
const first = rules[0];
if (!first) throw new Error('the pack is empty');
const pack = first;

function configFor(url: string): Config {
  const roles = {
    admins: { users: ['U01ADMIN'] },
    operators: { users: ['U01OPER'] },
    approvers: { users: ['U01LEAD'] },
  };
  const env = envSchema.parse({
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_SIGNING_SECRET: '0123456789abcdef',
    DD_API_KEY: API_KEY,
    DD_APP_KEY: APP_KEY,
    DD_API_URL: url,
    WEBHOOK_TOKEN: '0123456789abcdef',
  });
  const file = fileSchema.parse({
    admin_channel: 'C01ADMIN',
    aws: { accounts: [{ id: '111122223333', name: 'production', regions: ['us-east-1'] }] },
    roles,
    approvals: { channel: 'C01APPROVE' },
  });
  return { ...env, ...file };
}

describe('the rule pack in Datadog', () => {
  let world: DatadogWorld;
  let datadog: Datadog;

  beforeAll(async () => {
    world = await openDatadog();
    datadog = createDatadog(configFor(world.url));
  });
  afterAll(async () => {
    await datadog.close();
    await world[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    for (const rule of [...world.datadog.rules.all]) if (!rule.isDefault) world.datadog.rules.remove(rule);
  });

  it('sends the compiled rule unchanged', async () => {
    for (const rule of rules) {
      const created = await createRule(datadog, compileRule(rule));
      expect(created).toMatchObject({ name: rule.title.en, enabled: true, packId: rule.id });
      expect(created.wire).toMatchObject({ ...compileRule(rule) });
      expect(differs(created, rule)).toEqual([]);
    }
    expect((await listOwnRules(datadog)).map((found) => found.packId).sort()).toEqual(rules.map(({ id }) => id));
  });

  it('finds its own rules over several pages, and nobody else’s', async () => {
    const mine = compileRule(pack);
    for (let i = 0; i < 200; i++) world.datadog.addRule({ ...mine, name: `rule ${i}` });
    world.datadog.addRule({ ...mine, name: 'foreign', tags: ['managed-by:terraform', 'source:kubernetes.audit'] });
    const found = await listOwnRules(datadog);
    expect(found).toHaveLength(200);
    expect(new Set(found.map(({ id }) => id)).size).toBe(200);
  });

  it('sees an edit, mends it and leaves the rule switched off', async () => {
    const { id } = await createRule(datadog, compileRule(pack));
    const sent = compileRule(pack);
    await updateRule(datadog, id, { ...sent, name: 'edited', isEnabled: false, tags: [...sent.tags, 'team:payments'] });
    const edited = await getRule(datadog, id);
    if (!edited) throw new Error('the rule is gone');
    expect(edited).toMatchObject({ name: 'edited', enabled: false, packId: pack.id });
    expect(differs(edited, pack).map(({ path }) => path)).toEqual(['name']);
    const mended = await updateRule(datadog, id, repairPayload(pack, edited));
    expect(differs(mended, pack)).toEqual([]);
    expect(mended.enabled).toBe(false);
    expect(mended.wire).toMatchObject({ version: 3, tags: expect.arrayContaining(['team:payments']) });
  });

  it('takes a rule that is already gone for deleted', async () => {
    const { id } = await createRule(datadog, compileRule(pack));
    await deleteRule(datadog, id);
    await deleteRule(datadog, id);
    expect(await getRule(datadog, id)).toBeUndefined();
    expect(await listOwnRules(datadog)).toEqual([]);
  });

  it('passes on what Datadog has against a rule', async () => {
    const refused = createRule(datadog, { ...compileRule(pack), name: '' });
    await expect(refused).rejects.toMatchObject({
      kind: 'invalid',
      reasons: ['Invalid rule configuration', 'Rule name cannot be empty'],
    });
  });

  it('says that a key may not read the rules, instead of that there are none', async () => {
    world.datadog.addApplicationKey({ key: 'blind', owner: 'eks-audit@example.com', permissions: [] });
    const blind = createDatadog({ ...configFor(world.url), DD_APP_KEY: 'blind' });
    await expect(listOwnRules(blind)).rejects.toMatchObject({ kind: 'denied' });
    await blind.close();
  });
});
