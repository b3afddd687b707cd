/** What onboarding shows: status, plan, prerequisites, the card with its progress, the end. Pure. */
import type { KnownBlock } from '@slack/types';
import { APPROVAL_ACTIONS } from '../approvals/buttons.ts';
import type { Approval } from '../approvals/store.ts';
import { functionNameOf } from '../aws/lambda.ts';
import { type Cluster, fullName, managerOf } from '../clusters/cluster.ts';
import type { Config, Language } from '../config.ts';
import { whomToAsk } from '../permissions.ts';
import {
  actions,
  button,
  type Content,
  confirm,
  content,
  context,
  header,
  section,
  sections,
} from '../slack/blocks.ts';
import { link } from '../slack/mrkdwn.ts';
import { NEEDS } from './change.ts';
import { orderOf, type Plan } from './plan.ts';
import { instructionFor } from './prerequisites.ts';
import { audienceNames, sayChanges, sayFinding, sayThings, text } from './say.ts';
import type { Observed, State } from './step.ts';
import type { Run, StepProgress } from './store.ts';

/** Buttons of these ids are joined to their handlers in `bot.ts`. */
export const ACTIONS = {
  ...APPROVAL_ACTIONS,
  chooseForwarder: 'forwarder.choose',
  withdraw: 'run.withdraw',
} as const;

/** A sign and a word: colour and shape alone are not readable by everyone. */
const SIGNS: Record<State, string> = {
  'in-sync': ':white_check_mark:',
  missing: ':x:',
  drifted: ':warning:',
  blocked: ':no_entry:',
  unknown: ':grey_question:',
  waiting: ':hourglass_flowing_sand:',
};

const PROGRESS_SIGNS: Record<StepProgress['state'], string> = {
  open: ':white_circle:',
  working: ':arrow_forward:',
  waiting: ':hourglass_flowing_sand:',
  done: ':white_check_mark:',
  warned: ':warning:',
  stopped: ':no_entry:',
};

/** `/eks-audit status prod-a`, and what `enable` says when there is nothing to do. */
export function statusView(
  cluster: Cluster,
  observed: readonly Observed[],
  language: Language,
  lead?: string,
): Content {
  const t = text[language];
  const fine = observed.filter((o) => o.state === 'in-sync').length;
  const title = t.statusTitle(fullName(cluster), fine, observed.length);
  const auditOff = observed.some((o) => o.finding.code === 'audit-off');
  const manager = managerOf(cluster.tags);
  return content(lead ?? title, [
    lead ? section(lead) : undefined,
    section(`*${title}*`),
    ...sections(observed.map((o) => observedLine(o, language))),
    auditOff && manager ? section(t.infrastructureWarning(manager)) : undefined,
    fine < observed.length ? context(t.nextEnable(fullName(cluster))) : undefined,
  ]);
}

/** What an approver reads before deciding. */
function planBlocks(plan: Plan, options: Run['options'], language: Language): KnownBlock[] {
  const t = text[language];
  const { cluster } = plan;
  const manager =
    plan.kind === 'enable' && plan.changes.some((c) => c.operation === 'enable-audit-logs')
      ? managerOf(cluster.tags)
      : undefined;
  const leaves = leavesLines(plan, language);
  const needs = [...new Set(plan.changes.map((change) => NEEDS[change.operation]))];
  return [
    ...(plan.changes.length > 0 ? sections([t.changesTitle, ...numbered(sayChanges(language, plan.changes))]) : []),
    ...(leaves.length > 0 ? sections([t.leavesTitle, ...leaves]) : []),
    ...(plan.warnings.length > 0 ? sections([t.warnings, ...plan.warnings.map((o) => observedLine(o, language))]) : []),
    ...(manager ? [section(t.infrastructureWarning(manager))] : []),
    ...(plan.cost ? [section(t.cost(plan.cost))] : []),
    ...(options.reason ? [section(t.reason(options.reason))] : []),
    ...(plan.changes.some((change) => change.conditional) ? [context(t.conditional)] : []),
    context(plan.kind === 'enable' ? t.undo(fullName(cluster)) : t.undoDisable(fullName(cluster))),
    ...(needs.length > 0 ? [context(t.needs(needs))] : []),
  ];
}

/** `--dry-run`: the plan, and that nothing happens. */
export function dryRun(plan: Plan, options: Run['options'], language: Language): Content {
  const t = text[language];
  const name = fullName(plan.cluster);
  const title = t.planTitle(plan.kind, name, plan.changes.length);
  const first = plan.prerequisites.map((observed) => observedLine(observed, language));
  return content(title, [
    section(`*${title}*`),
    ...(first.length > 0 ? sections([t.prerequisitesTitle(name), ...first]) : []),
    ...planBlocks(plan, options, language),
    context(t.planDry),
  ]);
}

/** One sentence. */
export function notice(sentence: string): Content {
  return content(sentence, [section(sentence)]);
}

/** Why a plan cannot be made. */
export function blockedView(cluster: Cluster, stops: readonly Observed[], language: Language): Content {
  const title = `${fullName(cluster)}: ${text[language].cardState.stopped}`;
  return content(title, [section(`*${title}*`), ...sections(stops.map((o) => observedLine(o, language)))]);
}

/** To the requester: what only a person can do, with link and values. */
export function prerequisitesCard(run: Run, config: Config, language: Language): Content {
  const t = text[language];
  const name = fullName(run.cluster);
  if (run.endedAt)
    return content(t.prerequisitesStopped(name), [
      section(t.prerequisitesStopped(name)),
      ...outcomeBlocks(run, language),
    ]);
  if (run.state !== 'prerequisites') return content(t.prerequisitesDone(name), [section(t.prerequisitesDone(name))]);
  const blocks = run.plan.prerequisites.flatMap((observed) => prerequisiteBlocks(observed, run, config, language));
  return content(t.prerequisitesTitle(name), [
    section(`*${t.prerequisitesTitle(name)}*`),
    ...blocks,
    context(t.checkedEvery),
    actions(`withdraw-${run.id}`, [button(t.withdraw, ACTIONS.withdraw, { value: run.id })]),
  ]);
}

/** What people have said of a plan so far. */
export interface Decisions {
  approval: Approval | undefined;
  /** Whose approval counts. */
  approvers: readonly string[];
  rejection: { by: string; reason: string } | undefined;
}

/** The one message of a run: plan and buttons first, then progress, then the result. */
export function runCard(run: Run, { approval, approvers, rejection }: Decisions, language: Language): Content {
  const t = text[language];
  const title = t.planTitle(run.kind, fullName(run.cluster), run.plan.changes.length);
  const state = t.cardState[run.state];
  const steps = run.state === 'approval' ? [] : progressLines(run, language);
  const before = run.previousPlan;
  return content(`${title}: ${state}`, [
    header(title),
    section(`*${state}*`),
    ...(run.state === 'approval' && before
      ? sections([t.beforeTitle, ...numbered(sayChanges(language, before.changes))])
      : []),
    ...(run.state === 'approval' ? planBlocks(run.plan, run.options, language) : sections(steps)),
    ...(Object.values(run.progress).some((p) => p.state === 'stopped') ? [] : outcomeBlocks(run, language)),
    context(t.requestedBy(run.requestedBy)),
    approvers.length > 0 ? context(t.approvedBy([...approvers])) : undefined,
    rejection ? context(t.rejectedBecause(rejection.by, rejection.reason)) : undefined,
    ...(approval && run.state === 'approval' ? askBlocks(run, approval, approvers.length, language) : []),
  ]);
}

/** In the card's thread, because an edit is announced to nobody. */
export function runEnded(run: Run, { rejection }: Pick<Decisions, 'rejection'>, language: Language): Content {
  const said = endSentence(run, language);
  return content(said.replaceAll('*', ''), [
    section(said),
    rejection ? section(text[language].rejectedBecause(rejection.by, rejection.reason)) : undefined,
    ...proofBlocks(run, language),
    ...outcomeBlocks(run, language),
  ]);
}

/** The plan changed under an approval; the card above shows both. */
export function askedAgain(run: Run, language: Language): Content {
  const said = text[language].ended.askedAgain(fullName(run.cluster));
  return content(said.replaceAll('*', ''), [section(said)]);
}

function observedLine({ step, state, finding }: Observed, language: Language): string {
  const t = text[language];
  const said = sayFinding(language, finding);
  const fix = said.fix ? `\n      ${said.fix}` : '';
  return `${SIGNS[state]} *${t.steps[step]}* (${t.states[state]}): ${said.what}${fix}`;
}

function prerequisiteBlocks(observed: Observed, run: Run, config: Config, language: Language): KnownBlock[] {
  const t = text[language];
  const instruction = instructionFor(observed.finding, run.cluster, config);
  const blocks: KnownBlock[] = [section(observedLine(observed, language))];
  if (instruction && instruction.values.length > 0) blocks.push(section(t.values(instruction.values)));
  if (instruction) blocks.push(section(link(instruction.url, t.open)));
  if (observed.finding.code === 'forwarder-choice') {
    const { arns } = observed.finding;
    for (const [i, arn] of arns.slice(0, 10).entries()) {
      const row = actions(`forwarder-${i}`, [
        button(`${t.useThis}: ${functionNameOf(arn)}`, ACTIONS.chooseForwarder, {
          value: JSON.stringify([run.id, arn]),
        }),
      ]);
      if (row) blocks.push(row);
    }
  }
  return blocks;
}

function askBlocks(run: Run, approval: Approval, counted: number, language: Language): (KnownBlock | undefined)[] {
  const t = text[language];
  const missing = approval.policy.required - counted;
  const question = confirm(
    t.confirmTitle,
    t.confirmText(run.cluster.name, run.plan.changes.length),
    t.confirmYes,
    t.confirmNo,
  );
  return [
    context(`${t.waitingFor(audienceNames(whomToAsk(approval)), missing)} ${t.expires(approval.expiresAt)}`),
    actions(`approval-${approval.id}`, [
      button(t.approve, ACTIONS.approve, { value: approval.id, style: 'primary', confirm: question }),
      button(t.reject, ACTIONS.reject, { value: approval.id, style: 'danger' }),
    ]),
  ];
}

function progressLines(run: Run, language: Language): string[] {
  const t = text[language];
  const ids = orderOf(run.kind, run.options).filter(
    (id) => run.kind === 'enable' || run.plan.changes.some((change) => change.step === id),
  );
  return ids.map((id) => {
    const { state, finding } = run.progress[id] ?? { state: 'open' as const };
    const said = finding && sayFinding(language, finding);
    const fix = said?.fix && (state === 'stopped' || state === 'warned') ? `\n      ${said.fix}` : '';
    return `${PROGRESS_SIGNS[state]} *${t.steps[id]}*${said ? `: ${said.what}${fix}` : ''}`;
  });
}

/** The proof stands in the last message too: it is what everybody waited for. */
function proofBlocks(run: Run, language: Language): KnownBlock[] {
  const proof = run.progress['logs-arriving'];
  if (run.state !== 'succeeded' || !proof?.finding) return [];
  return [section(sayFinding(language, proof.finding).what)];
}

function outcomeBlocks(run: Run, language: Language): KnownBlock[] {
  if (!run.outcome) return [];
  const said = sayFinding(language, run.outcome);
  return [section([`:no_entry: ${said.what}`, said.fix].filter(Boolean).join('\n'))];
}

function endSentence(run: Run, language: Language): string {
  const t = text[language].ended;
  const name = fullName(run.cluster);
  switch (run.state) {
    case 'succeeded':
      if (run.kind === 'disable') return t.disabled(name);
      return run.options.only ? t.partEnabled(name, run.options.only) : t.enabled(name);
    case 'rejected':
      return t.rejected(name, run.startedAt !== undefined);
    case 'expired':
      return t.expired(name, run.startedAt !== undefined);
    case 'withdrawn':
      return t.withdrawn(name);
    default:
      return t.stopped(name, run.kind);
  }
}

/** Kept things one by one; shared ones together, since they concern nobody who leaves. */
function leavesLines({ leaves }: Plan, language: Language): string[] {
  const say = (why: 'kept' | 'shared') =>
    sayThings(
      language,
      leaves.filter((l) => l.why === why).map(({ change }) => change),
    );
  const shared = say('shared');
  return [
    ...say('kept').map((thing) => `• ${thing}`),
    ...(shared.length > 0 ? [`• ${text[language].usedByOthers} ${shared.join(', ')}`] : []),
  ];
}

function numbered(lines: readonly string[]): string[] {
  return lines.map((line, i) => `${i + 1}. ${line}`);
}
