/**
 * `cli setup [slack|aws|datadog]`: what has to exist elsewhere before the bot can work, printed from the configuration
 * as far as it is there. The first two are valid YAML, explanations being comments, so they can go straight to a file.
 */
import { stringify } from 'yaml';
import type { AwsAccount, ConfigFile, Language } from '../config.ts';
import { uiUrl } from '../datadog/sites.ts';
import { usergroupsIn } from '../permissions.ts';
import { botPolicy, rolesYaml } from './aws-template.ts';
import { DATADOG_FEATURES, DATADOG_SCOPES } from './datadog-scopes.ts';
import { PARTS, type SetupPart } from './parts.ts';
import { manifestYaml } from './slack-manifest.ts';
import { text } from './text.ts';

/** Set-up comes before tokens exist, so nothing here is required. */
export interface SetupInput {
  PUBLIC_URL: string | undefined;
  SLACK_APP_TOKEN: string | undefined;
  DD_SITE: string | undefined;
  DD_APP_URL: string | undefined;
  file: ConfigFile | undefined;
  language: Language;
}

/** Stands where nobody has said yet what the address will be; manifest.yml in the repository has it too. */
export const PLACEHOLDER_URL = 'https://eks-audit.example.com';

export function setup(input: SetupInput, parts: readonly SetupPart[] = PARTS): string {
  const print: Record<SetupPart, (input: SetupInput) => string> = { slack, aws, datadog };
  return parts.map((part) => print[part](input)).join('\n---\n');
}

function slack({ PUBLIC_URL, SLACK_APP_TOKEN, file, language }: SetupInput): string {
  const t = text[language].slack;
  const publicUrl = SLACK_APP_TOKEN ? undefined : (PUBLIC_URL ?? PLACEHOLDER_URL);
  const way = publicUrl ? (PUBLIC_URL ? t.http(PUBLIC_URL) : t.noAddress(PLACEHOLDER_URL)) : t.socket;
  const usesUsergroups = file !== undefined && usergroupsIn(file).length > 0;
  return comments([t.title, t.how, way]) + manifestYaml({ publicUrl, usesUsergroups, language });
}

function aws({ file, language }: SetupInput): string {
  const t = text[language].aws;
  const accounts = file?.aws.accounts ?? [];
  const ownCredentials = accounts.filter(({ roles }) => !roles).map(({ name }) => t.ownCredentials(name));
  return (
    comments([
      t.title,
      ...(accounts.length === 0 ? [t.noAccounts] : ownCredentials),
      '',
      t.bot,
      ...indented(stringify(botPolicy(accounts), { version: '1.1', lineWidth: 0 })),
      '',
      t.deploy,
      ...(accounts.length === 0 ? deployCommand(undefined) : accounts.flatMap(deployCommand)),
      ...(accounts.some(({ external_id }) => external_id) ? [] : [`  ExternalId: ${t.externalId}`]),
    ]) + rolesYaml(accounts)
  );
}

function deployCommand(account: AwsAccount | undefined): string[] {
  return [
    ...(account ? [`  # ${account.name} (${account.id})`] : []),
    '  aws cloudformation deploy --stack-name eks-audit-roles --template-file roles.yaml \\',
    '    --capabilities CAPABILITY_NAMED_IAM \\',
    `    --parameter-overrides BotRoleArn=<ARN> ExternalId=${account?.external_id ?? '<external_id>'}`,
  ];
}

function datadog({ DD_SITE, DD_APP_URL, language }: SetupInput): string {
  const t = text[language].datadog;
  // Only known sites come through a checked configuration; here the variable is taken as it stands.
  const site = (DD_SITE ?? 'datadoghq.com') as Parameters<typeof uiUrl>[0]['DD_SITE'];
  const width = Math.max(...DATADOG_SCOPES.map(({ scope }) => scope.length));
  const lines = DATADOG_FEATURES.flatMap(({ name, scopes }) => [
    '',
    name[language],
    ...scopes.map(({ scope, optional, why }) => {
      return `  ${scope.padEnd(width)}  ${why[language]}${optional ? t.optional : ''}`;
    }),
  ]);
  const all = DATADOG_SCOPES.map(({ scope }) => scope).join(',');
  return `${[t.title, t.how(uiUrl({ DD_SITE: site, DD_APP_URL })), ...lines, '', t.all, `  ${all}`].join('\n')}\n`;
}

function comments(lines: readonly string[]): string {
  return lines.map((line) => `${`# ${line}`.trimEnd()}\n`).join('');
}

function indented(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`);
}
