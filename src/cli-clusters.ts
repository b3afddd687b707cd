/** `cli status` and `cli plan`: the bot's own survey and plan of one cluster, shown as text. */
import { createAws } from './aws/clients.ts';
import type { ExitCode, Io } from './cli.ts';
import { plainText } from './cli-text.ts';
import { words } from './cli-words.ts';
import { wallClock } from './clock.ts';
import type { DiscoveredCluster } from './clusters/cluster.ts';
import { createClusters, findCluster } from './clusters/command.ts';
import type { Config, Language } from './config.ts';
import { createDatadog } from './datadog/client.ts';
import { emptyDatabase, openForReading, type Reading } from './db/reading.ts';
import type { PlanOptions } from './onboarding/plan.ts';
import { makeEnablePlan } from './onboarding/planning.ts';
import type { Observed, OnboardingDeps } from './onboarding/step.ts';
import { createSurvey } from './onboarding/survey.ts';
import { blockedView, dryRun, statusView } from './onboarding/views.ts';
import { createRedaction } from './redaction.ts';
import { chosenRules } from './rules/chosen.ts';

export function showStatus(config: Config, typed: string, io: Io, language: Language): Promise<ExitCode> {
  return withCluster(config, typed, io, language, 'status', async (deps, cluster) => {
    const observed = await createSurvey(deps, cluster).all();
    io.out(plainText(statusView(cluster, observed, language)));
    return observed;
  });
}

/** Shows what is to be done before, what would be changed, or why nothing can be. */
export function showPlan(
  config: Config,
  typed: string,
  options: PlanOptions,
  io: Io,
  language: Language,
): Promise<ExitCode> {
  return withCluster(config, typed, io, language, 'plan', async (deps, cluster) => {
    const plan = await makeEnablePlan(deps, cluster, options);
    const { changes, prerequisites, stops, observed } = plan;
    if (stops.length > 0) io.out(plainText(blockedView(cluster, stops, language)));
    else if (changes.length + prerequisites.length > 0) io.out(plainText(dryRun(plan, options, language)));
    else io.out(plainText(statusView(cluster, observed, language)));
    return observed;
  });
}

async function withCluster(
  config: Config,
  typed: string,
  io: Io,
  language: Language,
  command: string,
  show: (deps: OnboardingDeps, cluster: DiscoveredCluster) => Promise<Observed[]>,
): Promise<ExitCode> {
  const redact = createRedaction(config, io.env);
  const aws = createAws(config, redact);
  const datadog = createDatadog(config, redact);
  const reading = await openForReading(config);
  try {
    const clusters = createClusters({ aws, config, clock: wallClock });
    const found = await findCluster(clusters, typed, (name) => `${command} ${name}`, language);
    if ('question' in found) {
      io.err(plainText(found.question));
      return 2;
    }
    const db = reading.state === 'open' && reading.made ? reading.db : emptyDatabase();
    const pack = await chosenRules(config);
    const observed = await show({ aws, datadog, config, db, clock: wallClock, pack }, found.cluster);
    explainChoices(observed, reading, config, io, language);
    return observed.every(({ state }) => state === 'in-sync') ? 0 : 1;
  } finally {
    if (reading.state === 'open') await reading.close();
    await datadog.close();
    aws.close();
  }
}

/** A Forwarder chosen in Slack stands in the database; without it the question looks unanswered. */
function explainChoices(
  observed: readonly Observed[],
  reading: Reading,
  config: Config,
  io: Io,
  language: Language,
): void {
  if (!observed.some(({ finding }) => finding.code === 'forwarder-choice')) return;
  const w = words[language];
  if (reading.state === 'in-use') io.err(`${w.choicesInUse(config.DATA_DIR, reading.pid)}\n`);
  if (reading.state === 'failed') io.err(`${w.choicesFailed(reading.reason)}\n`);
}
