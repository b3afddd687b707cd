/**
 * One look at all steps of a cluster. Checks run beside each other and may ask for what another one saw; each is made
 * once. What throws is not hidden: it becomes `unknown` with the reason and the missing permission.
 */
import { z } from 'zod';
import { type AwsSession, READING } from '../aws/clients.ts';
import { awsFailure } from '../aws/errors.ts';
import type { Cluster } from '../clusters/cluster.ts';
import { DatadogError } from '../datadog/client.ts';
import { permissionFor } from '../datadog/scopes.ts';
import type { Finding } from './finding.ts';
import { type CheckContext, type Observed, type OnboardingDeps, STEP_IDS, type StepId } from './step.ts';
import { findDarkHop } from './steps/logs-arriving.ts';
import { STEPS } from './steps.ts';

export interface Survey {
  check(step: StepId): Promise<Observed>;
  /** In the order of `steps`, which are all of them unless named. */
  all(steps?: readonly StepId[]): Promise<Observed[]>;
  context: CheckContext;
}

export function createSurvey(deps: OnboardingDeps, cluster: Cluster, session: AwsSession = READING): Survey {
  const seen = new Map<StepId, Promise<Observed>>();
  const context: CheckContext = {
    ...deps,
    cluster,
    session,
    clients: deps.aws.clients({ accountId: cluster.accountId, region: cluster.region }, session),
    other: check,
  };

  function check(step: StepId): Promise<Observed> {
    const known = seen.get(step);
    if (known) return known;
    const observed = STEPS[step]
      .check(context)
      .catch((error): Observed => ({ step, state: 'unknown', finding: explainFailure(error, session.role) }));
    seen.set(step, observed);
    return observed;
  }

  return { check, all: (steps = STEP_IDS) => Promise.all(steps.map(check)), context };
}

/** Nothing arrives: the dark hop, or what kept us from finding it. */
export async function explainSilence({ context }: Survey): Promise<Finding> {
  return await findDarkHop(context).catch((error) => explainFailure(error, context.session.role));
}

/** Why something could not be read or done, as a finding with its remedy. Rethrows what is our own bug. */
export function explainFailure(error: unknown, role: string): Finding {
  if (error instanceof DatadogError) {
    if (error.kind === 'denied') return { code: 'datadog-denied', scope: permissionFor(error.method) ?? '' };
    return { code: 'datadog-failed', kind: error.kind, reasons: error.reasons };
  }
  // An answer that is not what Datadog documents: nothing can be said of what it was asked for.
  if (error instanceof z.ZodError)
    return {
      code: 'datadog-failed',
      kind: 'unreachable',
      reasons: error.issues.map((i) => `${i.path.join('.') || 'answer'}: ${i.message}`),
    };
  if (isAwsSdkError(error)) return { code: 'aws-failed', failure: awsFailure(error), role };
  throw error;
}

/** Passing trouble: worth another look later rather than an answer now. */
export function isPassing(finding: Finding): boolean {
  if (finding.code === 'aws-failed') {
    const { kind, code } = finding.failure;
    // CloudWatch Logs' word for two changes of one group at once; the SDK does not repeat such a call.
    return kind === 'throttled' || kind === 'unreachable' || code === 'OperationAbortedException';
  }
  if (finding.code === 'datadog-failed') return finding.kind === 'throttled' || finding.kind === 'unreachable';
  return finding.code === 'shared-busy' || finding.code === 'aws-busy';
}

function isAwsSdkError(error: unknown): boolean {
  const e = error as { $metadata?: unknown; name?: string; code?: string } | null;
  return e?.$metadata !== undefined || awsFailure(error).kind !== 'other';
}
