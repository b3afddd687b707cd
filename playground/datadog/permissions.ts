/**
 * Which permission each operation asks of an application key, from `x-permission` in the OpenAPI files of
 * DataDog/datadog-api-client-typescript. Operations absent from the table need valid keys only.
 */
export const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  ListUsers: ['user_access_read'],

  ListLogs: ['logs_read_data'],
  ListLogsGet: ['logs_read_data'],
  AggregateLogs: ['logs_read_data'],

  ListAWSAccounts: ['aws_configuration_read'],
  GetAWSAccount: ['aws_configuration_read'],
  ListAWSLogsServices: ['aws_configuration_read'],
  UpdateAWSAccount: ['aws_configuration_edit'],
  CreateNewAWSExternalID: ['aws_configuration_edit'],
  CreateAWSAccount: ['aws_configurations_manage'],
  DeleteAWSAccount: ['aws_configurations_manage'],

  ListSecurityFilters: ['security_monitoring_filters_read'],
  GetSecurityFilter: ['security_monitoring_filters_read'],
  CreateSecurityFilter: ['security_monitoring_filters_write'],
  UpdateSecurityFilter: ['security_monitoring_filters_write'],
  DeleteSecurityFilter: ['security_monitoring_filters_write'],

  ListSecurityMonitoringRules: ['security_monitoring_rules_read'],
  GetSecurityMonitoringRule: ['security_monitoring_rules_read'],
  ConvertExistingSecurityMonitoringRule: ['security_monitoring_rules_read'],
  ConvertSecurityMonitoringRuleFromJSONToTerraform: ['security_monitoring_rules_read'],
  CreateSecurityMonitoringRule: ['security_monitoring_rules_write'],
  UpdateSecurityMonitoringRule: ['security_monitoring_rules_write'],
  DeleteSecurityMonitoringRule: ['security_monitoring_rules_write'],
  ValidateSecurityMonitoringRule: ['security_monitoring_rules_write'],
  TestSecurityMonitoringRule: ['security_monitoring_rules_write'],
  TestExistingSecurityMonitoringRule: ['security_monitoring_rules_write'],

  ListSecurityMonitoringSuppressions: ['security_monitoring_suppressions_read'],
  GetSecurityMonitoringSuppression: ['security_monitoring_suppressions_read'],
  GetSuppressionsAffectingRule: ['security_monitoring_suppressions_read'],
  CreateSecurityMonitoringSuppression: ['security_monitoring_suppressions_write'],
  UpdateSecurityMonitoringSuppression: ['security_monitoring_suppressions_write'],
  DeleteSecurityMonitoringSuppression: ['security_monitoring_suppressions_write'],
  ValidateSecurityMonitoringSuppression: ['security_monitoring_suppressions_write'],

  GetSignalNotificationRules: ['security_monitoring_notification_profiles_read'],
  GetSignalNotificationRule: ['security_monitoring_notification_profiles_read'],
  CreateSignalNotificationRule: ['security_monitoring_notification_profiles_write'],
  PatchSignalNotificationRule: ['security_monitoring_notification_profiles_write'],
  DeleteSignalNotificationRule: ['security_monitoring_notification_profiles_write'],

  ListSecurityMonitoringSignals: ['security_monitoring_signals_read'],
  SearchSecurityMonitoringSignals: ['security_monitoring_signals_read'],
  GetSecurityMonitoringSignal: ['security_monitoring_signals_read'],
  EditSecurityMonitoringSignal: ['security_monitoring_signals_write'],
  EditSecurityMonitoringSignalState: ['security_monitoring_signals_write'],
  EditSecurityMonitoringSignalAssignee: ['security_monitoring_signals_write'],
  EditSecurityMonitoringSignalIncidents: ['security_monitoring_signals_write'],
  BulkEditSecurityMonitoringSignals: ['security_monitoring_signals_write'],
  BulkEditSecurityMonitoringSignalsState: ['security_monitoring_signals_write'],
  BulkEditSecurityMonitoringSignalsAssignee: ['security_monitoring_signals_write'],

  CreateWebhooksIntegration: ['create_webhooks'],
  GetWebhooksIntegration: ['integrations_read'],
  UpdateWebhooksIntegration: ['manage_integrations'],
  DeleteWebhooksIntegration: ['manage_integrations'],
  CreateWebhooksIntegrationCustomVariable: ['manage_integrations'],
  GetWebhooksIntegrationCustomVariable: ['manage_integrations'],
  UpdateWebhooksIntegrationCustomVariable: ['manage_integrations'],
  DeleteWebhooksIntegrationCustomVariable: ['manage_integrations'],
};

/** The permissions this operation needs and the key lacks; an unscoped key (`all`) lacks none. */
export function missingPermissions(operation: string, held: readonly string[] | 'all'): readonly string[] {
  if (held === 'all') return [];
  return (PERMISSIONS[operation] ?? []).filter((permission) => !held.includes(permission));
}
