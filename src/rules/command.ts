/** `/eks-audit rules list | show | enable | disable | delete`; what opens a dialog is in `dialogs.ts`. */
import { type ORIGINS, type ParsedCommand, RULE_STATES, specOf, usage } from '../commands.ts';
import { type Config, type Language, parseDuration } from '../config.ts';
import { DatadogError } from '../datadog/client.ts';
import { terraformOf } from '../datadog/rules.ts';
import { UserError } from '../errors.ts';
import { type Content, content, section } from '../slack/blocks.ts';
import type { Asked, CommandRequest } from '../slack/requests.ts';
import { type CatalogueRule, catalogue, filtered, findRule } from './catalogue.ts';
import { askChange, type ChangeDeps, datadogSays } from './changes.ts';
import { repairPayload } from './compile.ts';
import type { RuleChange, Wanted } from './store.ts';
import { text } from './text.ts';
import { ruleList, ruleView } from './views.ts';

const LONGEST_OFF_MS = 90 * 86_400_000;

export async function list(deps: ChangeDeps, command: ParsedCommand, language: Language): Promise<Content> {
  const { args, flags, typed } = command;
  const page = /^\d{1,4}$/.test(String(flags.page)) ? Number(flags.page) : 1;
  const rules = await look(deps);
  const shown = filtered(rules, {
    words: args,
    tactic: flags.tactic === undefined ? undefined : String(flags.tactic),
    from: flags.from as (typeof ORIGINS)[number] | undefined,
    state: RULE_STATES.find((state) => state === flags.state),
  });
  return ruleList(shown, { typed, page, all: rules.length }, language);
}

export async function show(deps: ChangeDeps, { args }: ParsedCommand, language: Language): Promise<Content> {
  const rule = findRule(await look(deps), args.join(' '));
  const { existing } = rule;
  // Terraform is an extra: without it the rest is still worth showing.
  const terraform = existing && (await terraformOf(deps.datadog, existing.id).catch(() => undefined));
  return ruleView(rule, { config: deps.config as Pick<Config, 'DD_SITE' | 'DD_APP_URL'>, terraform }, language);
}

/** Switches a rule on; one of the pack that people changed is put back as the pack has it. */
export async function enable(deps: ChangeDeps, { args }: ParsedCommand, request: CommandRequest): Promise<Content> {
  const rule = findRule(await look(deps), args.join(' '));
  const { existing, pack, name } = rule;
  if (!existing) throw new UserError((language) => text[language].refusal.notCreated(rule.key));
  if (pack && rule.edits.length > 0)
    return await ask(deps, request, 'restore', rule, {
      reason: '',
      payload: { ...repairPayload(pack, existing), isEnabled: true },
      differences: rule.edits,
    });
  if (existing.enabled) throw new UserError((language) => text[language].refusal.alreadyOn(name));
  return await ask(deps, request, 'enable', rule, { reason: '' });
}

export async function disable(deps: ChangeDeps, command: ParsedCommand, request: CommandRequest): Promise<Content> {
  const { args, flags } = command;
  const rule = findRule(await look(deps), args.join(' '));
  if (typeof flags.reason !== 'string' || typeof flags.for !== 'string') throw needsReason(command);
  const until = new Date(deps.clock.now().getTime() + span(flags.for));
  if (!rule.existing) throw new UserError((language) => text[language].refusal.notCreated(rule.key));
  if (!rule.existing.enabled) throw new UserError((language) => text[language].refusal.alreadyOff(rule.name));
  return await ask(deps, request, 'disable', rule, { reason: flags.reason }, until);
}

export async function remove(deps: ChangeDeps, command: ParsedCommand, request: CommandRequest): Promise<Content> {
  const { args, flags } = command;
  const rule = findRule(await look(deps), args.join(' '));
  if (rule.origin === 'pack') throw new UserError((language) => text[language].refusal.ofThePack(rule.key));
  if (rule.origin !== 'bot') throw new UserError((language) => text[language].refusal.notOurs(rule.name));
  if (typeof flags.reason !== 'string') throw needsReason(command);
  return await ask(deps, request, 'delete', rule, { reason: flags.reason });
}

async function ask(
  deps: ChangeDeps,
  request: Pick<Asked, 'id' | 'userId' | 'language'>,
  kind: RuleChange['kind'],
  { existing, key, name }: CatalogueRule,
  wanted: Pick<Wanted, 'reason' | 'payload' | 'differences'>,
  until: Date | null = null,
): Promise<Content> {
  const version = (existing?.wire as { version?: unknown } | undefined)?.version;
  const rule = { id: existing?.id, key, name, version: typeof version === 'number' ? version : undefined };
  // The request's own id: asked twice by a crash, it is one change.
  await askChange(deps, request, { id: request.id, kind, wanted: { ...wanted, rule }, until });
  const said = text[request.language].asked(kind, deps.config.approvals.channel);
  return content(said, [section(said)]);
}

async function look(deps: ChangeDeps): Promise<CatalogueRule[]> {
  try {
    return await catalogue(deps);
  } catch (error) {
    if (!(error instanceof DatadogError)) throw error;
    throw new UserError((language) => datadogSays(error, language), { cause: error });
  }
}

function needsReason({ name }: ParsedCommand): UserError {
  const line = name === 'help' ? name : `/eks-audit ${usage(specOf(name))}`;
  return new UserError((language) => text[language].refusal.needsReason(line));
}

function span(typed: string): number {
  let ms = Number.NaN;
  try {
    ms = parseDuration(typed);
  } catch {
    // Said below, with what would be right.
  }
  if (ms > 0 && ms <= LONGEST_OFF_MS) return ms;
  throw new UserError((language) => text[language].refusal.badFor(typed));
}
