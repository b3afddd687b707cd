/**
 * `/eks-audit rules create | export | clone | edit`: a dialog in three steps. Each step is worked from its row like
 * every submission; the draft is a row, too, so that nothing is lost when the bot dies between two of them.
 */
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ParsedCommand } from '../commands.ts';
import type { Language } from '../config.ts';
import { DatadogError } from '../datadog/client.ts';
import { type ExistingRule, listAuditRules, validateRule } from '../datadog/rules.ts';
import { UserError } from '../errors.ts';
import { loadingView, openView, refusedView, replaceView } from '../slack/dialog.ts';
import type { KnownPerson, People } from '../slack/people.ts';
import type { Asked, Click, Command, Request, Submission } from '../slack/requests.ts';
import { type Advice, adviceFor } from './advice.ts';
import { catalogue, findRule } from './catalogue.ts';
import { askChange, type ChangeDeps, customId, datadogSays } from './changes.ts';
import { differsFrom } from './compile.ts';
import {
  cleanQuery,
  type Draft,
  draftOf,
  fieldOf,
  fieldsIn,
  fromExplorerUrl,
  isAddress,
  METHODS,
  newDraft,
  payloadOf,
  problemsOf,
  SUITS,
  tagsIn,
} from './draft.ts';
import { askedModal, askModal, detailModal, type Errors, LONGEST, queryModal, RULE_MODALS } from './modals.ts';
import { severitySchema } from './pack-schema.ts';
import { parseQuery, QuerySyntaxError } from './query.ts';
import { findChange, openDraft, type RuleChange, saveDraft } from './store.ts';
import { text } from './text.ts';
import { type Tried, tryQuery, wouldRaise } from './try-out.ts';

export type RuleDialogDeps = ChangeDeps & {
  client: WebClient;
  people: Pick<People, 'read' | 'languageOf'>;
  log: Logger;
  /** Refuses whoever may not change rules, and says whom to ask. */
  requireOperator: (person: KnownPerson) => void;
};

/** What a dialog carries. Not a capability: whose draft it is, is looked up. */
const Metadata = z.object({ id: z.string().max(100) });
const BackValue = Metadata.extend({ to: z.enum(['query', 'detail']) });

/** Commands that open the dialog, by their second word. */
export const OPENS_DIALOG = new Set(['rules create', 'rules export', 'rules clone', 'rules edit']);

export async function openRuleDialog(
  deps: RuleDialogDeps,
  asked: Asked & Command,
  command: ParsedCommand,
): Promise<void> {
  const viewId = await openView(deps.client, asked.triggerId, loadingView(asked.language));
  if (!viewId) return;
  await inView(deps, asked, viewId, async (language) => {
    const person = await deps.people.read(asked.userId);
    deps.requireOperator(person);
    const draft = await begin(deps, command);
    const kind = draft.base?.edit ? 'edit' : 'create';
    const now = deps.clock.now();
    const id = await openDraft(deps.db, { kind, draft, by: asked.userId, language: person.language }, now);
    return queryModal({ id, draft }, language());
  });
}

async function begin(deps: RuleDialogDeps, { name, args }: ParsedCommand): Promise<Draft> {
  const now = deps.clock.now();
  const typed = args.join(' ');
  if (name === 'rules create' || name === 'rules export') {
    const explored = fromExplorerUrl(typed);
    if (!explored && isAddress(typed)) throw new UserError((language) => text[language].refusal.notExplorer);
    const draft = newDraft(explored?.query ?? typed, now);
    return { ...editable(draft), ...windowOf(explored) };
  }
  const rule = findRule(await inWords(() => catalogue(deps)), typed);
  const edit = name === 'rules edit';
  if (edit && rule.origin === 'pack') throw new UserError((language) => text[language].refusal.editOfThePack(rule.key));
  if (edit && rule.origin !== 'bot') throw new UserError((language) => text[language].refusal.notOurs(rule.name));
  const { existing } = rule;
  if (!existing) throw new UserError((language) => text[language].refusal.notCreated(rule.key));
  const draft = draftOf(existing, edit, now);
  if (!draft) throw new UserError((language) => text[language].refusal.otherMethod(rule.name));
  return editable(draft);
}

/** A query that Slack's input would cut must not be asked for as if it were whole. */
function editable(draft: Draft): Draft {
  if (draft.query.length <= LONGEST) return draft;
  throw new UserError((language) => text[language].refusal.queryTooLong(draft.query.length));
}

function windowOf(explored: ReturnType<typeof fromExplorerUrl>): Partial<Pick<Draft, 'from' | 'to'>> {
  if (!explored?.from || !explored.to) return {};
  return { from: explored.from.toISOString(), to: explored.to.toISOString() };
}

/** Which submissions are steps of the dialog, and what each does. */
export function ruleSubmissions(
  deps: RuleDialogDeps,
): Record<string, (request: Request & Submission) => Promise<void>> {
  /** `again`: what a step says that is worked on anew after a crash, when the change was asked for already. */
  const step =
    (
      work: (change: Drafted, request: Request & Submission) => Promise<ModalView>,
      again?: (request: Request) => ModalView,
    ) =>
    (request: Request & Submission): Promise<void> =>
      inView(deps, request, request.viewId, async () => {
        deps.requireOperator(request.person);
        const carried = fromJson(request.metadata);
        if (again && (await wasAsked(deps, request, carried))) return again(request);
        return await work(await drafted(deps, request, carried), request);
      });
  return {
    [RULE_MODALS.query]: step((change, request) => queryStep(deps, change, request)),
    [RULE_MODALS.detail]: step((change, request) => detailStep(deps, change, request)),
    [RULE_MODALS.ask]: step(
      (change, request) => askStep(deps, change, request),
      ({ language }) => askedModal(deps.config.approvals.channel, language),
    ),
  };
}

/** [Back]: the step before, as it was left. */
export async function goBack(deps: RuleDialogDeps, request: Request & Click): Promise<void> {
  const { viewId } = request;
  const wanted = BackValue.safeParse(fromJson(request.value)).data;
  if (!viewId || !wanted) return;
  await inView(deps, request, viewId, async () => {
    const change = await drafted(deps, request, wanted);
    if (wanted.to === 'query') return queryModal(change, request.language);
    return await detailView(deps, change, {}, request.language);
  });
}

async function wasAsked({ db }: RuleDialogDeps, { userId }: Asked, carried: unknown): Promise<boolean> {
  const change = await findChange(db, Metadata.safeParse(carried).data?.id ?? '');
  return change !== undefined && change.state !== 'draft' && change.requested_by === userId;
}

type Drafted = { id: string; draft: Draft; kind: RuleChange['kind'] };

async function drafted({ db }: RuleDialogDeps, { userId }: Asked, carried: unknown): Promise<Drafted> {
  const { id } = Metadata.safeParse(carried).data ?? { id: '' };
  const change = await findChange(db, id);
  if (change?.state !== 'draft' || !change.draft || change.requested_by !== userId)
    throw new UserError((language) => text[language].refusal.draftGone);
  return { id, draft: change.draft, kind: change.kind };
}

async function queryStep(
  deps: RuleDialogDeps,
  { id, draft, kind }: Drafted,
  { field, language }: Request & Submission,
): Promise<ModalView> {
  // Pasted here or behind the command, an address is one.
  const typed = field('query', 'text').trim();
  const explored = fromExplorerUrl(typed);
  const { query, notes } = cleanQuery(explored?.query ?? typed);
  const method = METHODS.find((known) => known === field('method', 'value')) ?? draft.method;
  const changed: Draft = {
    ...draft,
    ...windowOf(explored),
    query,
    method: draft.base?.edit ? draft.method : method,
    notes: [
      ...new Set([...draft.notes.filter((note) => note.startsWith('queries') || note.startsWith('cases')), ...notes]),
    ],
    ...(method !== draft.method ? SUITS[method] : {}),
  };
  await saveDraft(deps.db, id, changed);
  const problem = !explored && isAddress(typed) ? text[language].refusal.notExplorer : problemIn(query, language);
  if (problem) return queryModal({ id, draft: changed, errors: { query: problem } }, language);
  return await detailView(deps, { id, draft: changed, kind }, {}, language);
}

async function detailStep(
  deps: RuleDialogDeps,
  { id, draft, kind }: Drafted,
  request: Request & Submission,
): Promise<ModalView> {
  const { language } = request;
  const changed = fromForm(draft, request);
  await saveDraft(deps.db, id, changed);
  const change = { id, draft: changed, kind };
  const errors: Errors = {};
  for (const { field, code } of problemsOf(changed)) errors[field] ??= text[language].problem[code];
  if (Object.keys(errors).length > 0) return await detailView(deps, change, errors, language);
  const refused = await validated(deps, changed, id);
  if (refused) return await detailView(deps, change, refused, language);
  const { tried, advice } = await looked(deps, changed);
  return askModal(change, wouldRaise(changed, tried), tried, advice, language);
}

async function askStep(
  deps: RuleDialogDeps,
  { id, draft, kind }: Drafted,
  request: Request & Submission,
): Promise<ModalView> {
  const { field, language } = request;
  const changed: Draft = {
    ...draft,
    // One that is too long for the dialog was not shown.
    message: draft.message.length > LONGEST ? draft.message : field('message', 'text'),
    tags: tagsIn(field('tags', 'text')),
  };
  await saveDraft(deps.db, id, changed);
  const refused = await validated(deps, changed, id);
  if (refused) return await detailView(deps, { id, draft: changed, kind }, refused, language);
  const { tried, advice, rules } = await looked(deps, changed);
  const payload = payloadOf(changed, customId(id, changed));
  const before = changed.base?.edit ? rules.find((rule) => rule.id === changed.base?.id) : undefined;
  await askChange(deps, request, {
    id,
    kind,
    wanted: {
      rule: {
        id: changed.base?.edit ? changed.base.id : undefined,
        key: customId(id, changed),
        name: changed.name,
        version: changed.base?.edit ? changed.base.version : undefined,
      },
      payload,
      differences: before && differsFrom(before, payload),
      reason: field('reason', 'text').trim(),
      preview: {
        signals: wouldRaise(changed, tried).length,
        events: tried.events.length,
        from: changed.from,
        to: changed.to,
      },
      advice,
    },
    until: null,
  });
  return askedModal(deps.config.approvals.channel, language);
}

/** What a forged form leaves out stays as it was. */
function fromForm(draft: Draft, { field }: Submission): Draft {
  const number = (name: string, before: number) => {
    const value = Number(field(name, 'value'));
    return field(name, 'value') !== '' && Number.isInteger(value) ? value : before;
  };
  return {
    ...draft,
    name: field('name', 'text').trim(),
    severity: severitySchema.safeParse(field('severity', 'value')).data ?? draft.severity,
    groupBy: fieldsIn(field('groupBy', 'text'), draft.groupBy),
    keepAlive: number('keepAlive', draft.keepAlive),
    maxDuration: number('maxDuration', draft.maxDuration),
    ...(draft.method === 'threshold'
      ? {
          moreThan: number('moreThan', draft.moreThan),
          distinct: fieldsIn(field('distinct', 'text'), draft.distinct),
          window: number('window', draft.window),
        }
      : {
          of: fieldsIn(field('of', 'text'), draft.of),
          learnDays: number('learnDays', draft.learnDays),
          forgetDays: number('forgetDays', draft.forgetDays),
        }),
  };
}

/** What Datadog has against it, beside the field each complaint is about; undefined when it takes the rule. */
async function validated({ datadog }: RuleDialogDeps, draft: Draft, id: string): Promise<Errors | undefined> {
  try {
    await validateRule(datadog, payloadOf(draft, customId(id, draft)));
    return undefined;
  } catch (error) {
    if (!(error instanceof DatadogError)) throw error;
    if (error.kind !== 'invalid') throw new UserError((language) => datadogSays(error, language), { cause: error });
    const errors: Errors = {};
    for (const reason of error.reasons.filter((one) => one !== 'Invalid rule configuration')) {
      const at = fieldOf(reason) ?? 'other';
      const place = at === 'query' ? 'other' : at;
      errors[place] = [errors[place], reason].filter(Boolean).join('; ');
    }
    return Object.keys(errors).length > 0 ? errors : { other: error.reasons.join('; ') };
  }
}

async function detailView(
  deps: RuleDialogDeps,
  { id, draft }: Drafted,
  errors: Errors,
  language: Language,
): Promise<ModalView> {
  const { tried, advice } = await looked(deps, draft);
  return detailModal({ id, draft, errors }, tried, advice, deps.config, language);
}

async function looked(
  { datadog }: RuleDialogDeps,
  draft: Draft,
): Promise<{ tried: Tried; advice: Advice[]; rules: ExistingRule[] }> {
  const [tried, rules] = await inWords(() => Promise.all([tryQuery(datadog, draft), listAuditRules(datadog)]));
  return { tried, advice: adviceFor(draft, tried, rules), rules };
}

function problemIn(query: string, language: Language): string | undefined {
  const { refusal } = text[language];
  if (query === '') return refusal.emptyQuery;
  try {
    parseQuery(query);
    return undefined;
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    return refusal.badQuery(error.message);
  }
}

/** Draws into the dialog; why nothing happens is said there, too. */
async function inView(
  deps: RuleDialogDeps,
  asked: Asked,
  viewId: string,
  draw: (language: () => Language) => Promise<ModalView>,
): Promise<void> {
  const language = () => deps.people.languageOf(asked.userId) ?? asked.language;
  try {
    await replaceView(deps, viewId, await draw(language));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    await replaceView(deps, viewId, refusedView(error.say(language()), language()));
  }
}

async function inWords<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof DatadogError)) throw error;
    throw new UserError((language) => datadogSays(error, language), { cause: error });
  }
}

function fromJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
