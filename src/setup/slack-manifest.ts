/**
 * The Slack app as a manifest: paste it at api.slack.com/apps, "Create New App", "From a manifest". Made from the table
 * of commands and the table of scopes. https://docs.slack.dev/reference/app-manifest
 */
import { Document, type YAMLSeq } from 'yaml';
import { COMMANDS, type CommandSpec } from '../commands.ts';
import type { Language } from '../config.ts';
import { isRequired, SLACK_SCOPES, type SlackScope } from './slack-scopes.ts';

export interface ManifestOptions {
  /** Where Slack reaches the bot; undefined for Socket Mode, which needs no address. */
  publicUrl: string | undefined;
  /** The configuration names user groups, so that reading them cannot be declined. */
  usesUsergroups: boolean;
  language: Language;
}

/** Slack's limit of a usage hint. */
const HINT_LIMIT = 1000;

export function slackManifest({ publicUrl, usesUsergroups, language }: ManifestOptions): Record<string, unknown> {
  const url = publicUrl && `${publicUrl}/slack/events`;
  const scopes = (required: boolean) =>
    SLACK_SCOPES.filter((scope) => isRequired(scope, usesUsergroups) === required).map(({ scope }) => scope);
  return {
    _metadata: { major_version: 2 },
    display_information: {
      name: 'EKS Audit',
      description: DESCRIPTION[language],
      background_color: '#1d3557',
    },
    features: {
      // Without the Messages tab Slack refuses every direct message of a bot.
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: 'eks-audit', always_online: true },
      slash_commands: [
        {
          command: '/eks-audit',
          ...(url ? { url } : {}),
          description: COMMAND[language],
          usage_hint: usageHint(),
          should_escape: true,
        },
      ],
    },
    oauth_config: { scopes: { bot: scopes(true), bot_optional: scopes(false) } },
    settings: {
      event_subscriptions: { ...(url ? { request_url: url } : {}), bot_events: ['subteam_members_changed'] },
      interactivity: { is_enabled: true, ...(url ? { request_url: url } : {}) },
      org_deploy_enabled: false,
      socket_mode_enabled: !url,
      token_rotation_enabled: false,
    },
  };
}

/** As YAML, with the reason beside each scope. */
export function manifestYaml(options: ManifestOptions): string {
  const document = new Document(slackManifest(options));
  for (const list of ['bot', 'bot_optional']) {
    const sequence = document.getIn(['oauth_config', 'scopes', list]) as YAMLSeq<{ value: string; comment?: string }>;
    for (const node of sequence.items) {
      const scope = SLACK_SCOPES.find((s) => s.scope === node.value) as SlackScope;
      node.comment = ` ${scope.why[options.language]}`;
    }
  }
  return document.toString({ lineWidth: 0 });
}

/** `help | list | status <cluster> | rules … | …`, as Slack shows it while somebody types; a family is named once. */
export function usageHint(commands: readonly CommandSpec[] = COMMANDS): string {
  const hints = commands.map(({ name, args }) => {
    const [family, member] = name.split(' ');
    return member ? `${family} …` : [name, args].filter(Boolean).join(' ');
  });
  const full = ['help', ...new Set(hints)].join(' | ');
  const names = new Set(commands.map(({ name }) => name.split(' ')[0] ?? name));
  return full.length <= HINT_LIMIT ? full : ['help', ...names].join(' | ');
}

const DESCRIPTION: Record<Language, string> = {
  en: 'Brings Amazon EKS clusters under audit in Datadog Cloud SIEM, and keeps them there',
  ja: 'Amazon EKS クラスターを Datadog Cloud SIEM の監査対象にし、その状態を保ちます',
};
const COMMAND: Record<Language, string> = {
  en: 'EKS clusters under audit: look, plan, enable',
  ja: 'EKS クラスターの監査状況の確認、計画、有効化',
};
