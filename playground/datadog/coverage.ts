/**
 * Which operations of the Datadog API the playground answers, which detection methods raise signals, and what is
 * missing where it is only part. Tests compare these lists with the routes and with what the rules accept.
 */
export type Coverage = 'supported' | { partial: string };

export const DATADOG_COVERAGE: Readonly<Record<string, Coverage>> = {
  Validate: 'supported',
  ValidateAPIKey: 'supported',
  GetCurrentUser: { partial: 'without the included organisation and roles' },
  ListUsers: { partial: 'without sorting' },

  ListAWSAccounts: 'supported',
  CreateAWSAccount: { partial: 'checks only partition and duplicates' },
  GetAWSAccount: 'supported',
  UpdateAWSAccount: { partial: 'checks only the partition' },
  DeleteAWSAccount: 'supported',
  CreateNewAWSExternalID: 'supported',
  ListAWSLogsServices: 'supported',

  SubmitLog: { partial: 'no truncation at 1 MB, no limit of 1,000 entries' },
  ListLogs: { partial: 'one index, no storage tiers, never a partial result' },
  ListLogsGet: { partial: 'one index, no storage tiers, never a partial result' },
  AggregateLogs: { partial: 'no total rows, no histograms, no paging' },

  ListSecurityFilters: 'supported',
  CreateSecurityFilter: 'supported',
  GetSecurityFilter: 'supported',
  UpdateSecurityFilter: 'supported',
  DeleteSecurityFilter: 'supported',
  GetContentPacksStates: { partial: 'two packs with log details' },
  ActivateContentPack: 'supported',

  ListSecurityMonitoringRules: { partial: 'filters by type, source, tags and words of the name' },
  CreateSecurityMonitoringRule: { partial: 'no signal-correlation or cloud-configuration rules' },
  ValidateSecurityMonitoringRule: { partial: 'no signal-correlation or cloud-configuration rules' },
  TestSecurityMonitoringRule: { partial: 'tests queries, not aggregations or conditions' },
  ConvertSecurityMonitoringRuleFromJSONToTerraform: 'supported',
  GetSecurityMonitoringRule: 'supported',
  UpdateSecurityMonitoringRule: { partial: 'no custom name or message of shipped rules' },
  DeleteSecurityMonitoringRule: 'supported',
  ConvertExistingSecurityMonitoringRule: 'supported',
  TestExistingSecurityMonitoringRule: { partial: 'tests queries, not aggregations or conditions' },

  ListSecurityMonitoringSuppressions: { partial: 'filters by id only, without sorting' },
  CreateSecurityMonitoringSuppression: 'supported',
  ValidateSecurityMonitoringSuppression: 'supported',
  GetSuppressionsAffectingRule: 'supported',
  GetSecurityMonitoringSuppression: 'supported',
  UpdateSecurityMonitoringSuppression: 'supported',
  DeleteSecurityMonitoringSuppression: 'supported',

  GetSignalNotificationRules: 'supported',
  CreateSignalNotificationRule: { partial: 'rule types and severities are not checked' },
  GetSignalNotificationRule: 'supported',
  PatchSignalNotificationRule: { partial: 'rule types and severities are not checked' },
  DeleteSignalNotificationRule: 'supported',

  ListSecurityMonitoringSignals: 'supported',
  SearchSecurityMonitoringSignals: 'supported',
  GetSecurityMonitoringSignal: 'supported',
  EditSecurityMonitoringSignal: 'supported',
  EditSecurityMonitoringSignalState: { partial: 'signals do not lock after 30 days' },
  EditSecurityMonitoringSignalAssignee: 'supported',
  EditSecurityMonitoringSignalIncidents: 'supported',
  BulkEditSecurityMonitoringSignals: { partial: 'unknown or refused signals are left out of the answer' },
  BulkEditSecurityMonitoringSignalsState: { partial: 'unknown or refused signals are left out of the answer' },
  BulkEditSecurityMonitoringSignalsAssignee: { partial: 'unknown or refused signals are left out of the answer' },

  CreateWebhooksIntegration: 'supported',
  GetWebhooksIntegration: 'supported',
  UpdateWebhooksIntegration: 'supported',
  DeleteWebhooksIntegration: 'supported',
  CreateWebhooksIntegrationCustomVariable: 'supported',
  GetWebhooksIntegrationCustomVariable: 'supported',
  UpdateWebhooksIntegrationCustomVariable: 'supported',
  DeleteWebhooksIntegrationCustomVariable: 'supported',
};

/** What rules of each detection method do; every rule is stored and shown whether or not it is simulated. */
export const DETECTION_COVERAGE: Readonly<Record<string, Coverage | 'not simulated'>> = {
  threshold: { partial: 'windows by arrival; count, cardinality, sum and max; no deprecated filters, no schedules' },
  new_value: { partial: 'by arrival; learns per group' },
  anomaly_detection: 'not simulated',
  impossible_travel: 'not simulated',
  hardcoded: 'not simulated',
  third_party: 'not simulated',
  anomaly_threshold: 'not simulated',
  sequence_detection: 'not simulated',
};
