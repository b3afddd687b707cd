/** `/eks-audit status | enable | disable | approvals | runs`: read, plan, ask. Nothing here changes AWS or Datadog. */
import { z } from 'zod';
import { countedApprovers, openApprovals } from '../approvals/store.ts';
import { type Cluster, fullName } from '../clusters/cluster.ts';
import { type Clusters, findCluster } from '../clusters/command.ts';
import type { ParsedCommand, Part } from '../commands.ts';
import type { Language } from '../config.ts';
import { UserError } from '../errors.ts';
import type { Content } from '../slack/blocks.ts';
import type { CommandRequest } from '../slack/requests.ts';
import { chooseForwarder } from './choices.ts';
import { approvalsView, runsView } from './history-views.ts';
import { journalOf } from './journal.ts';
import type { Journey } from './journey.ts';
import type { Plan, PlanOptions } from './plan.ts';
import { makeDisablePlan, makeEnablePlan } from './planning.ts';
import { sayFinding, text } from './say.ts';
import type { OnboardingDeps } from './step.ts';
import { findRun, findRunOfRequest, listRuns, openRun } from './store.ts';
import { createSurvey, explainSilence } from './survey.ts';
import { blockedView, dryRun, notice, statusView } from './views.ts';

export interface CommandDeps extends OnboardingDeps {
  clusters: Clusters;
  journey: Journey;
  nudge: (work: 'runs') => void;
}

const RUNS_SHOWN = 10;

/** What the button of a Forwarder carries: run id and function ARN. */
const Choice = z
  .string()
  .transform((text, ctx) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      ctx.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.tuple([z.string(), z.string()]));

export async function status(
  deps: CommandDeps,
  command: ParsedCommand,
  request: Pick<CommandRequest, 'language'>,
): Promise<Content> {
  const { language } = request;
  const found = await findCluster(deps.clusters, command.args[0] ?? '', (name) => `status ${name}`, language);
  if ('question' in found) return found.question;
  return statusView(found.cluster, await createSurvey(deps, found.cluster).all(), language);
}

/** One request per cluster: each has its own plan, approval and end. */
export async function enable(deps: CommandDeps, command: ParsedCommand, request: CommandRequest): Promise<undefined> {
  const options: PlanOptions = command.flags.only ? { only: command.flags.only as Part } : {};
  for (const [i, typed] of [...new Set(command.args)].entries()) {
    const repeat = (name: string) =>
      [
        'enable',
        name,
        ...(options.only ? ['--only', options.only] : []),
        ...(command.flags['dry-run'] ? ['--dry-run'] : []),
      ].join(' ');
    const one = { ...request, id: i === 0 ? request.id : `${request.id}:${i}` };
    // What is wrong with one cluster keeps none of the others waiting.
    const answer = await enableOne(deps, typed, repeat, options, command, one).catch((error) => {
      if (!(error instanceof UserError)) throw error;
      return notice(error.say(request.language));
    });
    await request.reply(answer);
  }
}

async function enableOne(
  deps: CommandDeps,
  typed: string,
  repeat: (name: string) => string,
  options: PlanOptions,
  command: ParsedCommand,
  request: CommandRequest,
): Promise<Content> {
  const { language } = request;
  const found = await findCluster(deps.clusters, typed, repeat, language);
  if ('question' in found) return found.question;
  const { cluster } = found;
  const made = await findRunOfRequest(deps.db, request.id);
  if (made) return askedAlready(deps, made.state, language);
  const plan = await makeEnablePlan(deps, cluster, options);
  if (plan.stops.length > 0) return blockedView(cluster, plan.stops, language);
  if (command.flags['dry-run']) return dryRun(plan, options, language);
  if (plan.changes.length === 0 && plan.prerequisites.length === 0) {
    return statusView(cluster, plan.observed, language, await nothingLeft(deps, plan, options, language));
  }
  return begin(deps, plan, options, request);
}

export async function disable(deps: CommandDeps, command: ParsedCommand, request: CommandRequest): Promise<Content> {
  const { language } = request;
  const { reason } = command.flags;
  const options: PlanOptions = {
    ...(command.flags['audit-logs'] ? { auditLogs: true } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  };
  if (options.auditLogs && !options.reason) throw new UserError((lang) => text[lang].reasonMissing);
  // The reason takes the rest of the line, so it is last.
  const flags = [
    options.auditLogs ? '--audit-logs' : '',
    command.flags['dry-run'] ? '--dry-run' : '',
    options.reason ? `--reason ${options.reason}` : '',
  ];
  const found = await findCluster(
    deps.clusters,
    command.args[0] ?? '',
    (name) => ['disable', name, ...flags].filter(Boolean).join(' '),
    language,
  );
  if ('question' in found) return found.question;
  const { cluster } = found;
  const made = await findRunOfRequest(deps.db, request.id);
  if (made) return askedAlready(deps, made.state, language);
  const plan = await makeDisablePlan(deps, cluster, options);
  if (plan.changes.length === 0) return notice(text[language].nothingToDisable(fullName(cluster)));
  if (command.flags['dry-run']) return dryRun(plan, options, language);
  return begin(deps, plan, options, request);
}

export async function approvals(deps: CommandDeps, request: Pick<CommandRequest, 'language'>): Promise<Content> {
  const open = await openApprovals(deps.db);
  const waiting = await Promise.all(
    open.map(async (approval) => ({
      approval,
      run: await findRun(deps.db, approval.runId),
      counted: await countedApprovers(deps.db, approval.id),
    })),
  );
  return approvalsView(waiting, deps.config, request.language);
}

export async function runs(
  deps: CommandDeps,
  command: ParsedCommand,
  request: Pick<CommandRequest, 'language'>,
): Promise<Content> {
  const { language } = request;
  const typed = command.args[0];
  let cluster: Cluster | undefined;
  if (typed) {
    const found = await findCluster(deps.clusters, typed, (name) => `runs ${name}`, language);
    if ('question' in found) return found.question;
    cluster = found.cluster;
  }
  const listed = await listRuns(deps.db, cluster?.arn, RUNS_SHOWN);
  const entries = await Promise.all(
    listed.map(async (run) => ({
      run,
      approvers: run.approvalId ? await countedApprovers(deps.db, run.approvalId) : [],
      journal: await journalOf(deps.db, run.id),
    })),
  );
  return runsView(entries, language);
}

/** The button of the prerequisites: which of several Forwarders. */
export async function chooseForwarderFor(
  deps: CommandDeps,
  value: string,
  userId: string,
): Promise<string | undefined> {
  const [runId, arn] = Choice.safeParse(value).data ?? [];
  const run = runId ? await findRun(deps.db, runId) : undefined;
  const offered =
    run?.plan.prerequisites.flatMap(({ finding }) => (finding.code === 'forwarder-choice' ? finding.arns : [])) ?? [];
  // The value is not a capability: only what the plan offered can be chosen.
  if (!run || !arn || !offered.includes(arn)) return undefined;
  await chooseForwarder(deps, run.cluster, arn, userId);
  deps.nudge('runs');
  return arn;
}

async function begin(deps: CommandDeps, plan: Plan, options: PlanOptions, request: CommandRequest): Promise<Content> {
  const { language } = request;
  const run = await deps.journey.begin({ requestId: request.id, plan, options, requestedBy: request.userId, language });
  if (run) return askedAlready(deps, run.state, language);
  const open = await openRun(deps.db, plan.cluster.arn);
  return notice(text[language].alreadyOpen(fullName(plan.cluster), open?.requestedBy ?? request.userId));
}

function askedAlready(deps: CommandDeps, state: string, language: CommandRequest['language']): Content {
  const t = text[language];
  return notice(state === 'prerequisites' ? t.prerequisitesSent : t.asked(deps.config.approvals.channel));
}

/** Why there is nothing to do. A cluster is called under audit only where events were seen. */
async function nothingLeft(
  deps: OnboardingDeps,
  { cluster, observed }: Plan,
  { only }: PlanOptions,
  language: Language,
): Promise<string> {
  const t = text[language];
  const name = fullName(cluster);
  if (only) return t.nothingToDoOnly(name, only);
  if (observed.find(({ step }) => step === 'logs-arriving')?.state === 'in-sync') return t.nothingToDo(name);
  // Nothing arrives all the same: the first dark hop, instead of a false "done".
  const said = sayFinding(language, await explainSilence(createSurvey(deps, cluster)));
  return [t.nothingToChange(name), said.what, said.fix].filter(Boolean).join(' ');
}
