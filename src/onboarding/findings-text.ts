/** What the checks and runs say they found, in English; `findings-text.ja.ts` is held to this shape by the compiler. */
import type { AwsFailure } from '../aws/errors.ts';
import { named } from '../rules/words.ts';
import { code, link, plain, time } from '../slack/mrkdwn.ts';
import type { ApartRule, EditedRule, FailingForwarder, Finding, FindingOf, Hop, RedFlag } from './finding.ts';
import { stepsEn } from './steps-text.ts';

/** A diagnosis in words: what is so, and what to do about it. Both are mrkdwn. */
export interface Said {
  what: string;
  fix?: string;
}

/** `deadline` is said by `say.ts` from the finding it ended with. */
export type SayFindings = { [C in Exclude<Finding['code'], 'deadline'>]: (finding: FindingOf<C>) => Said };
const RED_FLAGS: Record<RedFlag, string> = {
  'source-override':
    '`DD_SOURCE` is set, so every log gets that source and no Kubernetes audit rule matches: remove it',
  'wrong-site': '`DD_SITE` points to another Datadog site',
  'logs-off': '`DD_FORWARD_LOG` is `false`, so logs are not forwarded: remove it',
  'include-pattern': '`INCLUDE_AT_MATCH` drops every log that does not match it: remove it',
  'exclude-pattern': '`EXCLUDE_AT_MATCH` drops logs that match it: remove it',
};

const DARK_HOPS: Record<Hop, string> = {
  eks: 'EKS has not written any audit event to CloudWatch Logs in the last 15 minutes',
  cloudwatch: 'CloudWatch Logs has the audit events, but they did not reach Datadog',
  forwarder: 'CloudWatch Logs hands the audit events to the Forwarder, and the Forwarder fails',
  datadog: 'the events are in Datadog, but not as `source:kubernetes.audit`',
};

const HOP_FIXES: Record<Hop, string> = {
  eks: 'Delivery can take a few minutes; then look at the cluster’s health in the EKS console.',
  cloudwatch:
    'Look at the Forwarder’s own log and its errors in the Lambda console: a wrong API key or site shows there. If somebody just repaired its permission, CloudWatch Logs may pause delivery for ten minutes.',
  forwarder: 'Read the Forwarder’s own log, and check its API key and `DD_SITE`.',
  datadog: 'Look for `DD_SOURCE` on the Forwarder, or a pipeline in Datadog that changes the source.',
};

export const findings: SayFindings = {
  'aws-failed': ({ failure, role }) => awsFailed(failure, role),
  'datadog-denied': ({ scope }) => ({
    what: 'Datadog refused: the application key lacks a permission.',
    fix: `Grant ${code(scope)} to the key’s owner, and to the key if it is scoped.`,
  }),
  'datadog-failed': ({ kind, reasons }) => ({
    what:
      kind === 'throttled'
        ? 'Datadog is limiting our calls.'
        : `Datadog did not answer as expected: ${plain(reasons.join('; ') || kind)}`,
    ...(kind === 'throttled' || kind === 'unreachable' ? { fix: 'Try again in a minute.' } : {}),
  }),
  depends: ({ on }) => ({ what: `Cannot be told before “${stepsEn[on]}” is settled.` }),
  'integration-present': ({ roleName }) => ({
    what: `Datadog knows the account${roleName ? ` (role ${code(roleName)})` : ''}.`,
  }),
  'integration-missing': ({ accountId }) => ({
    what: `Datadog does not know AWS account ${code(accountId)}.`,
    fix: 'Add the account to Datadog’s AWS integration.',
  }),
  'forwarder-healthy': ({ arn, version, storesFailedEvents, environmentHidden }) => ({
    what: `${code(arn)}${version ? `, version ${plain(version)}` : ''}`,
    ...(environmentHidden
      ? { fix: 'Its settings are encrypted with a key our reader role may not use, so they were not checked.' }
      : storesFailedEvents
        ? {}
        : { fix: 'Advice: set `DD_STORE_FAILED_EVENTS=true`; without it a batch that Datadog refuses once is lost.' }),
  }),
  'forwarder-missing': ({ region }) => ({
    what: `There is no Datadog Forwarder in ${code(region)}.`,
    fix: 'Install it with Datadog’s CloudFormation template.',
  }),
  'forwarder-gone': ({ arn }) => ({
    what: `The configured Forwarder ${code(arn)} does not exist.`,
    fix: 'Correct `aws.accounts[].forwarders` in the configuration, or install it.',
  }),
  'forwarder-choice': ({ arns }) => ({
    what: `There are ${arns.length} Datadog Forwarders here: ${arns.map(code).join(', ')}.`,
    fix: 'Choose the one to use.',
  }),
  'forwarder-unfit': ({ arn, flags, site, expectedSite }) => ({
    what: `${code(arn)} would lose or spoil the events: ${flags.map((f) => RED_FLAGS[f]).join('; ')}.`,
    fix: flags.includes('wrong-site')
      ? `Set ${code(`DD_SITE=${expectedSite}`)} on the function (it is ${code(site ?? 'datadoghq.com')}), in its CloudFormation stack so that it stays.`
      : 'Change it in the function’s CloudFormation stack so that it stays.',
  }),
  'siem-covers': ({ by }) => ({ what: `Cloud SIEM analyses Kubernetes audit logs (${code(by)}).` }),
  'siem-off': () => ({ what: 'Cloud SIEM is not active in this Datadog organisation.', fix: 'Activate Cloud SIEM.' }),
  'siem-no-filter': ({ filters }) => ({
    what: `Cloud SIEM does not analyse ${code('source:kubernetes.audit')}: no enabled security filter matches it${filters.length > 0 ? ` (there are: ${filters.map(code).join(', ')})` : ''}.`,
    fix: 'Activate the Kubernetes Audit Logs content pack, which adds the filter.',
  }),
  'audit-on': () => ({ what: 'EKS writes audit logs.' }),
  'audit-off': () => ({ what: 'Audit logs are off.' }),
  'cluster-connected': () => ({
    what: 'This is a connected cluster: EKS does not run its control plane and has no audit logs of it.',
    fix: 'Its audit logs must be collected where its API server runs.',
  }),
  'cluster-not-active': ({ status }) => ({
    what: `The cluster is ${code(status)}.`,
    fix: 'Try again when it is `ACTIVE`.',
  }),
  'cluster-gone': () => ({ what: 'The cluster does not exist any more.' }),
  'update-running': () => ({ what: 'EKS is updating the cluster’s logging.' }),
  'foreign-update': ({ updateId }) => ({
    what: `EKS takes one update at a time, and another one is running${updateId ? ` (${code(updateId)})` : ''}.`,
    fix: 'It is waited for; nothing to do.',
  }),
  'update-failed': ({ errors }) => ({
    what: `EKS could not change the cluster’s logging: ${errors.map((e) => `${code(e.code)} ${plain(e.message)}`).join('; ')}`,
    fix: errors.some((e) => /^(IpNotAvailable|InsufficientFreeAddresses|SubnetNotFound)$/.test(e.code))
      ? 'EKS needs up to five free addresses in each of the cluster’s subnets. Free some, then run the command again.'
      : 'Mend the cause in the EKS console, then run the command again.',
  }),
  'group-ready': ({ group, retentionDays, advisedDays }) => ({
    what: `${code(group)}, ${retentionDays === undefined ? 'events never expire' : `events kept ${retentionDays} days`}.`,
    ...(advisedDays && retentionDays === undefined
      ? {
          fix: `Advice: set a retention (the configuration says ${advisedDays} days); an existing group is never shortened by us.`,
        }
      : {}),
  }),
  'group-awaited': ({ group }) => ({
    what: `EKS has not created ${code(group)} yet; it does so after audit logs are on.`,
  }),
  'group-infrequent-access': ({ group }) => ({
    what: `${code(group)} is in the Infrequent Access class, which can never be subscribed, and the class cannot be changed.`,
    fix: 'Keep what you need of it, delete the group, and let EKS create it anew in the Standard class.',
  }),
  'invoke-allowed': () => ({ what: 'CloudWatch Logs may invoke the Forwarder.' }),
  'invoke-missing': ({ forwarderArn }) => ({
    what: `CloudWatch Logs may not invoke ${code(forwarderArn)} for this log group.`,
  }),
  'invoke-conflict': ({ forwarderArn, sid }) => ({
    what: `The policy of ${code(forwarderArn)} has a statement ${code(sid)} that does not allow this log group.`,
    fix: 'Look at that statement; remove it if it is not needed, then run `enable` again.',
  }),
  'policy-full': ({ forwarderArn, bytes }) => ({
    what: `The resource policy of ${code(forwarderArn)} is full (${bytes} of 20480 bytes).`,
    fix: 'Replace its statements per log group by one with a wildcard, such as the one in Datadog’s template.',
  }),
  'filter-carries': ({ by, kind }) => ({
    what: {
      ours: `Filter ${code(by)} sends audit events to the Forwarder.`,
      datadog: `Datadog’s automatic subscription ${code(by)} sends them; a second filter would deliver everything twice.`,
      foreign: `Filter ${code(by)} already sends this group to the Forwarder; a second one would deliver everything twice.`,
      'account-policy': `The account-wide subscription ${code(by)} sends this group to the Forwarder; a filter would deliver everything twice.`,
    }[kind],
  }),
  'filter-missing': () => ({ what: 'No filter sends this group to the Forwarder.' }),
  'filter-double': ({ names }) => ({
    what: `${names.length} subscriptions send this group to the Forwarder (${names.map(code).join(', ')}): every event arrives, and is billed, ${names.length} times.`,
    fix: 'Remove all but one. Filters that are not ours are never touched by us.',
  }),
  'filter-expected': () => ({
    what: 'Datadog’s automatic subscription covers EKS with this Forwarder and will add its own filter within minutes.',
    fix: 'It is waited for; adding ours would deliver everything twice.',
  }),
  'filter-stale': ({ name, from, carriedBy }) => ({
    what: `Our filter ${code(name)} still sends this group to ${code(from)}, which is not the Forwarder any more${carriedBy ? `; ${code(carriedBy)} already sends it to the new one` : ''}.`,
    fix: carriedBy
      ? 'Delete our filter in CloudWatch Logs: pointed to the new Forwarder it would deliver everything twice.'
      : '`enable` points it to the new Forwarder.',
  }),
  'filter-name-taken': ({ name, destinationArn }) => ({
    what: `A filter named ${code(name)} sends this group to ${code(destinationArn)}, which is not the Forwarder.`,
    fix: 'Remove it if it is not needed, or choose its target as the Forwarder.',
  }),
  'slots-full': ({ group, filters }) => ({
    what: `${code(group)} has no free subscription filter: ${filters.map(code).join(', ')} take all slots.`,
    fix: 'Remove one that is not needed, or ask AWS to raise the quota, then run `enable` again.',
  }),
  'cannot-invoke': ({ forwarderArn }) => ({
    what: `CloudWatch Logs cannot invoke ${code(forwarderArn)} yet; a new permission takes up to five minutes to spread.`,
    fix: 'If it stays: look at the function’s resource policy and whether the function is active.',
  }),
  'aws-busy': () => ({ what: 'AWS asks to try again.' }),
  'rules-in-sync': ({ count, apart }) => ({
    what: `${count} ${count === 1 ? 'rule' : 'rules'} of our pack present and as written.${apartSaid(apart)}`,
  }),
  'rules-none-chosen': () => ({ what: 'No rule pack is chosen (`rules.pack: none`).' }),
  'rules-missing': ({ missing, outdated, shippedOff, edited, apart }) => ({
    what: `${[
      missing.length > 0 ? `${missing.length} ${missing.length === 1 ? 'rule is' : 'rules are'} missing` : '',
      outdated.length > 0 ? `${outdated.length} of an older pack` : '',
      shippedOff.length > 0 ? `Datadog’s own switched off: ${some(shippedOff.map(({ name }) => plain(name)))}` : '',
      edited.length > 0 ? `edited by people and left alone: ${some(edited.map(editSaid))}` : '',
    ]
      .filter(Boolean)
      .join('; ')}.${apartSaid(apart)}`,
  }),
  'rules-edited': ({ edited, apart }) => ({
    what: `Edited or disabled by people since we made them: ${some(edited.map(editSaid))}.${apartSaid(apart)}`,
    fix: `They are left as they are. ${edited
      .slice(0, 1)
      .map(
        ({ key }) =>
          `${code(`/eks-audit rules show ${key}`)} shows what was changed, ${code(`/eks-audit rules enable ${key}`)} asks to put our version back.`,
      )
      .join('')}`,
  }),
  'rules-rejected': ({ rule, reasons }) => ({
    what: `Datadog rejected the rule “${plain(rule)}”: ${plain(reasons.join('; '))}`,
  }),
  'webhook-in-sync': ({ url }) => ({ what: `Datadog rings ${code(url)}.` }),
  'webhook-polling': () => ({ what: 'Polling only: no `PUBLIC_URL` is set, so signals are fetched instead of sent.' }),
  'webhook-missing': ({ needs }) => {
    const parts = needs.filter((part) => part !== 'secret');
    const said = parts.length > 0 ? [`Missing or different: ${parts.map(code).join(', ')}.`] : [];
    if (parts.length === needs.length) return { what: said.join(' ') };
    return {
      what: [...said, 'The secret changed: Datadog may still ring with an older `WEBHOOK_TOKEN`.'].join(' '),
      fix: 'Keep the older one as `WEBHOOK_TOKEN_PREVIOUS` until the new one is stored, or those calls are refused.',
    };
  },
  'secret-differs': () => ({
    what: 'The `WEBHOOK_TOKEN` of this process is not the one that was approved.',
    fix: 'Give every replica the same token, restart them, then run `enable` again.',
  }),
  'notification-rule-edited': ({ name }) => ({
    what: `Our notification rule ${code(name)} was switched off or edited in Datadog, so the webhook may not ring.`,
    fix: 'It is left as it is. Restore it, or delete it in Datadog to have it made anew.',
  }),
  'webhook-taken': ({ name, url }) => ({
    what: `A webhook named ${code(name)} exists and is not ours (${code(url)}).`,
    fix: 'Rename or remove it in Datadog under Integrations, Webhooks.',
  }),
  'logs-arriving': ({ lastAt, firstAfterSeconds, url }) => ({
    what: `Logs arriving: last event ${time(new Date(lastAt))}${firstAfterSeconds === undefined ? '' : `, the first came ${duration(firstAfterSeconds)} after the start`}. ${link(url, 'Log Explorer')}`,
  }),
  'logs-none': ({ url }) => ({
    what: `No audit event of the last 15 minutes is visible to our key. ${link(url, 'Log Explorer')}`,
  }),
  'logs-dark': ({ lastSeen, otherSource, failing, url }) => ({
    what: `${capital(DARK_HOPS[lastSeen])}${otherSource ? ` (they came as ${code(`source:${otherSource}`)})` : ''}${failing ? `: ${failing.errors} of its ${failing.invocations} invocations in the last 15 minutes ended in an error` : ''}. ${link(url, 'Log Explorer')}`,
    fix: failing ? failingFix(failing) : HOP_FIXES[lastSeen],
  }),
  'plan-changed': () => ({
    what: 'The plan is not what was approved any more.',
    fix: 'Run the command again for a new plan.',
  }),
  'our-bug': ({ reference }) => ({
    what: `Something went wrong on our side; the log has it under ${code(reference)}.`,
    fix: 'Give that reference to an admin; the command can be run again meanwhile.',
  }),
  'used-by-others': () => ({ what: 'Other clusters have come to use this since it was planned, so it stays.' }),
  'fleet-unread': () => ({
    what: 'Some accounts or Regions could not be read, so it cannot be told whether other clusters use this.',
    fix: '`/eks-audit list` shows which; then run `disable` again.',
  }),
  'shared-busy': () => ({ what: 'Another run is changing the same thing; waiting for it.' }),
  'answer-lost': () => ({
    what: 'The answer to a creation was lost; looking whether it took effect before trying again.',
  }),
};

function failingFix({ name }: FailingForwarder): string {
  return `Read its log group ${code(`/aws/lambda/${name}`)}, then check that the secret with its API key exists, that its role may read it, and that the key is valid.`;
}

function awsFailed(failure: AwsFailure, role: string): Said {
  switch (failure.kind) {
    case 'denied':
      return {
        what: `AWS refused ${code(failure.action ?? 'the call')} to the ${role} role.`,
        fix: `Add ${code(failure.action ?? 'the action')} to it; ${code('npm run -s cli -- setup')} prints the policy.`,
      };
    case 'credentials':
      return {
        what: `The ${role} role cannot be assumed: ${plain(failure.message)}`,
        fix: 'Check the role’s trust policy and its ExternalId against `external_id` in the configuration.',
      };
    case 'throttled':
      return { what: 'AWS is throttling us.', fix: 'Try again in a minute.' };
    case 'unreachable':
      return { what: 'AWS could not be reached.', fix: 'Check network and proxy, then try again.' };
    case 'other':
      return { what: `AWS answered ${code(failure.code)}: ${plain(failure.message)}` };
  }
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function editSaid({ title, fields }: EditedRule): string {
  return `${plain(title)}${fields.length > 0 ? ` (${some(fields.map(code))})` : ' (off)'}`;
}

const NAMED = 8;

/** So many by name; more would leave no room for what else is to be said. */
function some(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Rules made by hand whose signals come to us in another way, or twice. */
function apartSaid(apart: readonly ApartRule[] = []): string {
  const of = (why: ApartRule['why']) => apart.filter((rule) => rule.why === why).map(({ name }) => named(name));
  const [unheard, twice] = [of('other-type'), of('names-webhook')];
  return [
    unheard.length > 0 ? ` Made by hand, and of a type whose signals do not ring the bot: ${some(unheard)}.` : '',
    twice.length > 0 ? ` Made by hand, and naming our webhook, so that it rings twice: ${some(twice)}.` : '',
  ].join('');
}
