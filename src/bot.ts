/**
 * The only wiring: builds every part from the configuration and starts nothing before `start`. Every command, button
 * and kind of work is listed here.
 */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createApprovals } from './approvals/approvals.ts';
import { approve, askReason, REJECT_MODAL, reject } from './approvals/command.ts';
import type { Approval } from './approvals/store.ts';
import { createAws } from './aws/clients.ts';
import { type Clock, wallClock } from './clock.ts';
import { createClusters, findCluster, list } from './clusters/command.ts';
import { logs } from './clusters/logs.ts';
import { type CommandName, type ParsedCommand, parseCommand, specOf } from './commands.ts';
import type { Config, Language } from './config.ts';
import { createDatadog } from './datadog/client.ts';
import type { DatadogThread } from './datadog/thread.ts';
import { AUTOVACUUM_REST_MS, autovacuum } from './db/autovacuum.ts';
import { type Database, type Db, databaseProblems } from './db/database.ts';
import { watchFreeSpace } from './db/free-space.ts';
import { forgetOldDeliveries } from './db/housekeeping.ts';
import { releaseEverything } from './db/leases.ts';
import { UserError } from './errors.ts';
import { helpView } from './help.ts';
import { createPoster } from './messages/poster.ts';
import { replyTo } from './messages/reply.ts';
import { putMessage } from './messages/store.ts';
import { createMetrics } from './metrics.ts';
import * as onboarding from './onboarding/command.ts';
import { createJourney } from './onboarding/journey.ts';
import { createRuns } from './onboarding/run.ts';
import { text as onboardingText } from './onboarding/say.ts';
import type { OnboardingDeps } from './onboarding/step.ts';
import { ACTIONS, notice } from './onboarding/views.ts';
import { audienceOf, hasRole, isTrusted, type Role } from './permissions.ts';
import { Queue } from './queue.ts';
import { createRedaction } from './redaction.ts';
import { chosenRules } from './rules/chosen.ts';
import { createRules } from './rules/rules.ts';
import { forgetDrafts } from './rules/store.ts';
import { text as rulesText } from './rules/text.ts';
import { buildServer } from './server.ts';
import { signalActions } from './signals/actions.ts';
import { signals as listSignals, where } from './signals/command.ts';
import { forgetOldSignals } from './signals/housekeeping.ts';
import { selfTest } from './signals/self-test.ts';
import type { Severity } from './signals/signal.ts';
import { createSignals } from './signals/signals.ts';
import { createSuppressions } from './signals/suppressions.ts';
import { text as signalsText } from './signals/text.ts';
import { acksFirst } from './slack/acks-first.ts';
import { createApp, createWebClient, type Identity, identify } from './slack/app.ts';
import { actions, button, type Content, content, section } from './slack/blocks.ts';
import type { Delivery } from './slack/deliveries.ts';
import { loadingView } from './slack/dialog.ts';
import { createInbox } from './slack/inbox.ts';
import { people as names } from './slack/mrkdwn.ts';
import { createPeople, type KnownPerson } from './slack/people.ts';
import { SlackReceiver } from './slack/receiver.ts';
import {
  type Asked,
  type Click,
  type ClickRequest,
  type CommandRequest,
  type RequestDeps,
  serve,
  serveUnread,
  toClick,
  toCommand,
  toSubmission,
} from './slack/requests.ts';
import { text as slackText } from './slack/text.ts';

export interface Bot {
  server: FastifyInstance;
  /** The rows, for those who hold what people read against what is stored. */
  db: Db;
  /** Identifies us to Slack, starts working and, with an app token, Socket Mode. Listening is the caller's. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Looks at everything that may be due, after a test has moved the clock. */
  wake(): void;
}

export interface BotDeps {
  config: Config;
  log: Logger;
  /** May still be opening: what needs no database is made meanwhile. The bot closes it when it stops. */
  database: Database | Promise<Database>;
  clock?: Clock;
  /** How many bytes are free where the embedded database lives; the file system says unless told. */
  freeBytes?: () => number;
  /** The thread of Datadog's client, when it is to outlive the bot; otherwise the bot has its own. */
  datadogThread?: DatadogThread;
}

/** A dialog that is open for longer than a day is forgotten. */
const DRAFTS_FOR_MS = 24 * 3_600_000;

export async function createBot(deps: BotDeps): Promise<Bot> {
  const { config, log } = deps;
  const clock = deps.clock ?? wallClock;
  const redact = createRedaction(config);
  const datadog = createDatadog(config, redact, deps.datadogThread);
  const [database, pack] = await Promise.all([deps.database, chosenRules(config)]);
  const { db, front } = database;
  if (database.kind === 'pglite') await releaseEverything(db);
  const metrics = createMetrics();
  const aws = createAws(config, redact);
  const client = createWebClient(config, log, redact);
  const people = createPeople({ client, config, clock, log });
  const space = database.kind === 'pglite' ? watchFreeSpace({ ...deps, dataDir: config.DATA_DIR }) : undefined;
  const full = () => space?.full();
  const queue = new Queue({ database, clock, log, sweepMs: config.timing.sweep, full });
  const nudge = (work: string, at?: Date) => queue.nudge(work, at);
  const workspaceUrl = () => identity?.url ?? 'https://slack.com';
  const clusters = createClusters({ aws, config, clock });
  const journey = createJourney({ db, clock, config, nudge });
  const onboardingDeps: OnboardingDeps = { aws, datadog, config, db, clock, pack };
  const commandDeps: onboarding.CommandDeps = { ...onboardingDeps, clusters, journey, nudge };
  let identity: Identity | undefined;
  const signals = createSignals({ database, datadog, clock, config, pack, log, metrics, full, workspaceUrl, nudge });
  const signalDeps = {
    ...{ db, datadog, clock, config, log, client, people, workspaceUrl, nudge },
    drawing: signals.drawing,
    requireAnalyst: (person: KnownPerson) =>
      requireRole(person, 'analyst', (ask, language) => signalsText[language].refusal.notAllowed(ask)),
  };
  const ruleDeps = {
    ...{ db, datadog, clock, config, pack, log, client, people, nudge },
    requireOperator: (person: KnownPerson) =>
      requireRole(person, 'operator', (ask, language) => rulesText[language].refusal.notAllowed(ask)),
  };
  const rules = createRules(ruleDeps, parseCommand);
  const onSignal = signalActions(signalDeps);
  const suppressions = createSuppressions(signalDeps);
  const askedBy = ({ subject: { action } }: Approval) =>
    action === 'suppress' ? suppressions : action === 'rule-change' ? rules.approvals : journey;
  const approvals = createApprovals({
    db,
    clock,
    people,
    teamId: () => identity?.teamId ?? '',
    handler: {
      currentHash: (trx, approval) => askedBy(approval).currentHash(trx, approval),
      changed: (trx, approval) => askedBy(approval).approvalChanged(trx, approval),
    },
    nudge: () => nudgeSome('messages', 'runs', 'approvals', 'suppressions', 'rule-changes'),
    log,
  });

  // What each command does. Who may use it, and how, stands in `commands.ts`.
  const commands: Record<
    CommandName | 'help',
    (command: ParsedCommand, request: CommandRequest) => Promise<Content | undefined>
  > = {
    help: async (_command, { language }) => helpView(language),
    list: (_command, { language }) => list(clusters, language),
    status: (command, request) => onboarding.status(commandDeps, command, request),
    enable: (command, request) => onboarding.enable(commandDeps, command, request),
    disable: (command, request) => onboarding.disable(commandDeps, command, request),
    approvals: (_command, request) => onboarding.approvals(commandDeps, request),
    runs: (command, request) => onboarding.runs(commandDeps, command, request),
    logs: (command, request) => showLogs(command, request),
    ...rules.commands,
    signals: ({ flags }, { language }) => listSignals(signalDeps, String(flags.since ?? '24h'), language),
    where: ({ args: [id = ''] }, { language }) => where(signalDeps, id, language),
    test: ({ flags }, { language }) => selfTest(signalDeps, (flags.severity ?? 'medium') as Severity, language),
    doctor: (_command, { language }) => runDoctor(language),
  };

  // These read the people concerned themselves, or not before they have opened a modal.
  const unreadClicks = new Map<string, (asked: Asked & Click) => Promise<void>>([
    [ACTIONS.approve, (asked) => approve(approvals, asked)],
    [ACTIONS.reject, (asked) => askReason({ client, people }, asked)],
    ...onSignal.unreadClicks,
  ]);
  const clicks: Record<string, (request: ClickRequest) => Promise<void>> = {
    [ACTIONS.chooseForwarder]: chooseForwarder,
    [ACTIONS.withdraw]: withdraw,
    'command.run': (request) =>
      runCommand({ ...request, text: request.value, reply: (c) => request.reply(c, { replace: true }) }),
    'command.share': share,
    ...rules.clicks,
    ...onSignal.clicks,
  };

  async function runCommand(request: CommandRequest, shared = false): Promise<void> {
    const command = parseCommand(request.text);
    if (command.name !== 'help') requireCommand(request, command.name);
    const answer = await commands[command.name](command, request);
    if (answer)
      await request.reply(
        !shared && command.name !== 'help' && 'share' in specOf(command.name)
          ? withShare(answer, command.typed, request)
          : answer,
      );
  }

  /** Loaded when it is asked for: nobody waits for it at the start. */
  async function runDoctor(language: Language): Promise<Content> {
    const { doctor } = await import('./doctor.ts');
    const look = { state: 'open', kind: database.kind, db } as const;
    const { values } = await metrics.doorbells.get();
    const webhooksRefused = values.find(({ labels }) => labels.outcome === 'refused')?.value ?? 0;
    const seen = { database: look, heard: true, webhooksRefused };
    return doctor({ config, client, aws, datadog, pack, clock, ...seen }, language);
  }

  async function showLogs(command: ParsedCommand, { language }: CommandRequest): Promise<Content> {
    const [typed = '', ...query] = command.args;
    const found = await findCluster(clusters, typed, (name) => ['logs', name, ...query].join(' '), language);
    return 'question' in found
      ? found.question
      : logs({ datadog, config, clock }, found.cluster, query.join(' '), language);
  }

  /** [Share]: the same answer, asked anew, for the channel and in its language. */
  async function share(request: ClickRequest): Promise<void> {
    const { name } = parseCommand(request.value);
    // Our buttons carry nothing else; a forged one must not make somebody ask for a change.
    if (name === 'help' || !('share' in specOf(name)))
      return request.reply(notice(slackText[request.language].staleButton));
    const language = (request.channel && config.channels[request.channel]?.language) || config.language;
    const by = slackText[language].sharedBy(names({ users: [request.userId], usergroups: [] }));
    const reply: CommandRequest['reply'] = (c) =>
      request.reply({ ...c, blocks: [...c.blocks, section(by)] }, { inChannel: true });
    await runCommand({ ...request, language, text: request.value, reply }, true);
  }

  async function chooseForwarder(request: ClickRequest): Promise<void> {
    requireCommand(request, 'enable');
    const arn = await onboarding.chooseForwarderFor(commandDeps, request.value, request.userId);
    const said = arn ? onboardingText[request.language].forwarderChosen(arn) : slackText[request.language].staleButton;
    await request.reply(notice(said));
  }

  async function withdraw({ value, userId, language, reply }: ClickRequest): Promise<void> {
    // The direct message itself says that the request is withdrawn.
    if (!(await journey.withdraw(value, userId))) await reply(notice(slackText[language].staleButton));
  }

  function requireCommand({ person }: Pick<CommandRequest, 'person'>, command: CommandName): void {
    const { role } = specOf(command);
    requireRole(person, role, (ask, language) => slackText[language].notAllowed(command, role, ask));
  }

  function requireRole(person: KnownPerson, role: Role, refusal: (ask: string, language: Language) => string): void {
    if (isTrusted(person, identity?.teamId ?? '') && hasRole(config, person, role)) return;
    throw new UserError((language) => refusal(names(audienceOf(config, role)), language));
  }

  function nudgeSome(...works: string[]): void {
    for (const work of works) queue.nudge(work);
  }

  const receiver = new SlackReceiver({
    signingSecret: config.SLACK_SIGNING_SECRET,
    appToken: config.SLACK_APP_TOKEN,
    timeoutMs: config.timing.http_timeout,
    apiUrl: config.SLACK_API_URL,
    log,
    teamId: () => identity?.teamId,
    opensModal,
    nextView: ({ name, userId }) =>
      rules.isStep(name) ? loadingView(people.languageOf(userId) ?? config.language) : undefined,
    inbox: () => inbox,
    nudge: acksFirst(() => queue.nudge('inbox')),
    requests: metrics.requests,
  });
  const inbox = createInbox({
    db,
    front,
    clock,
    log,
    leaseMs: config.timing.lease,
    handle: (delivery) => receiver.dispatch(delivery),
    full,
  });
  const serving: RequestDeps = {
    config,
    people,
    log,
    replyTo: (url, instead) => replyTo(url, { log, timeoutMs: config.timing.http_timeout, instead }),
    async direct(key, userId, said) {
      await putMessage(db, { key, channel: userId, content: said }, clock.now());
      queue.nudge('messages');
    },
  };
  createApp({
    receiver,
    config,
    log,
    identity: () => identity,
    listeners: {
      // Before the person is read: a trigger lives three seconds.
      command: (delivery) =>
        opensModal(delivery)
          ? serveUnread(serving, delivery, toCommand, rules.openDialog)
          : serve(serving, delivery, toCommand, (request) => runCommand(request)),
      click,
      submission,
      groupsChanged: () => people.forgetGroups(),
    },
  });

  function opensModal({ kind, name, body }: Delivery): boolean {
    if (kind === 'action') return name === ACTIONS.reject || onSignal.opensDialog.has(name);
    return kind === 'command' && rules.opensDialog(body.text);
  }

  async function click(delivery: Delivery): Promise<void> {
    const unread = unreadClicks.get(delivery.name);
    if (unread) await serveUnread(serving, delivery, toClick, unread);
    else await serve(serving, delivery, toClick, (request) => handlerFor(request)(request));
  }

  async function submission(delivery: Delivery): Promise<void> {
    const forms = { ...onSignal.submissions, ...rules.submissions };
    const onForm = Object.hasOwn(forms, delivery.name) ? forms[delivery.name] : undefined;
    if (onForm) return serve(serving, delivery, toSubmission, onForm);
    if (delivery.name !== REJECT_MODAL) return;
    await serveUnread(serving, delivery, toSubmission, (asked) => reject(approvals, asked));
  }

  function handlerFor({ actionId, language }: ClickRequest): (request: ClickRequest) => Promise<void> {
    // Rows of buttons need distinct ids: `command.run.0`, `command.run.1` are the same button.
    const known = [actionId, actionId.replace(/\.\d+$/, '')].find((id) => Object.hasOwn(clicks, id));
    const handler = known && clicks[known];
    if (handler) return handler;
    if (actionId.startsWith('link')) return async () => {};
    return (request) => request.reply(notice(slackText[language].staleButton));
  }

  queue.define('inbox', inbox.work);
  const poster = createPoster({ db: front, client, clock, config, log, metrics, nudge: (at) => nudge('messages', at) });
  queue.define('messages', poster.work);
  queue.define('approvals', approvals.work);
  queue.define('runs', createRuns({ ...onboardingDeps, clusters, journey, log, metrics }).work);
  for (const [name, work] of Object.entries(signals.works)) queue.define(name, work);
  queue.define('suppressions', suppressions.work);
  queue.define('rule-changes', rules.work);
  if (database.kind === 'pglite') queue.define('autovacuum', () => autovacuum(db), { restMs: AUTOVACUUM_REST_MS });

  queue.chore('housekeeping', '17 3 * * *', async () => {
    const deliveries = await forgetOldDeliveries({ db, clock }, config.retention.jobs);
    const { signals, deadLetters } = await forgetOldSignals({ db, clock }, config.retention);
    const drafts = await forgetDrafts(db, new Date(clock.now().getTime() - DRAFTS_FOR_MS));
    log.info({ deliveries, signals, deadLetters, drafts }, 'what is past its retention was forgotten');
  });

  let started = false;
  const server = buildServer({
    plugins: [receiver.plugin, signals.plugin],
    health: {
      problems: async () => [
        ...(started ? [] : ['starting']),
        ...[full() ?? []].flat().map((problem) => `disk: ${problem}`),
        ...(await databaseProblems(db)).map((problem) => `database: ${problem}`),
      ],
    },
    metrics: metrics.registry,
    metricsToken: config.METRICS_TOKEN,
    log,
  });

  async function start(): Promise<void> {
    identity = await identify(client);
    await receiver.start();
    started = true;
    queue.start();
  }

  async function stop(): Promise<void> {
    started = false;
    await receiver.stop();
    await server.close();
    await queue.stop();
    await poster.idle();
    await signals.idle();
    await inbox.idle();
    await datadog.close();
    aws.close();
    await database.close();
  }

  return { server, db, start, stop, wake: () => queue.wake() };
}

function withShare(answer: Content, typed: string, { language }: CommandRequest): Content {
  // Slack takes button values up to 2,000 characters; a longer query is not shared.
  if (typed.length > 2000) return answer;
  const row = actions('share', [button(slackText[language].share, 'command.share', { value: typed })]);
  return content(answer.text, [...answer.blocks, row]);
}
