/**
 * The permission each call needs, so that a refusal can name what to grant: Datadog's 403 says only "Forbidden".
 * From `x-permission` in the OpenAPI files of DataDog/datadog-api-client-typescript.
 */
const PERMISSIONS: Readonly<Record<string, string>> = {
  listLogs: 'logs_read_data',
  aggregateLogs: 'logs_read_data',
  listAWSAccounts: 'aws_configuration_read',
  listSecurityFilters: 'security_monitoring_filters_read',
  listSecurityMonitoringRules: 'security_monitoring_rules_read',
  getSecurityMonitoringRule: 'security_monitoring_rules_read',
  convertExistingSecurityMonitoringRule: 'security_monitoring_rules_read',
  createSecurityMonitoringRule: 'security_monitoring_rules_write',
  validateSecurityMonitoringRule: 'security_monitoring_rules_write',
  updateSecurityMonitoringRule: 'security_monitoring_rules_write',
  deleteSecurityMonitoringRule: 'security_monitoring_rules_write',
  getWebhooksIntegration: 'integrations_read',
  createWebhooksIntegration: 'create_webhooks',
  updateWebhooksIntegration: 'manage_integrations',
  deleteWebhooksIntegration: 'manage_integrations',
  // Unlike a webhook, a variable is not even shown without it.
  getWebhooksIntegrationCustomVariable: 'manage_integrations',
  createWebhooksIntegrationCustomVariable: 'manage_integrations',
  updateWebhooksIntegrationCustomVariable: 'manage_integrations',
  deleteWebhooksIntegrationCustomVariable: 'manage_integrations',
  getSignalNotificationRules: 'security_monitoring_notification_profiles_read',
  createSignalNotificationRule: 'security_monitoring_notification_profiles_write',
  deleteSignalNotificationRule: 'security_monitoring_notification_profiles_write',
  getSecurityMonitoringSignal: 'security_monitoring_signals_read',
  searchSecurityMonitoringSignals: 'security_monitoring_signals_read',
  editSecurityMonitoringSignalState: 'security_monitoring_signals_write',
  editSecurityMonitoringSignalAssignee: 'security_monitoring_signals_write',
  bulkEditSecurityMonitoringSignalsState: 'security_monitoring_signals_write',
  bulkEditSecurityMonitoringSignalsAssignee: 'security_monitoring_signals_write',
  listUsers: 'user_access_read',
  listSecurityMonitoringSuppressions: 'security_monitoring_suppressions_read',
  createSecurityMonitoringSuppression: 'security_monitoring_suppressions_write',
  validateSecurityMonitoringSuppression: 'security_monitoring_suppressions_write',
  deleteSecurityMonitoringSuppression: 'security_monitoring_suppressions_write',
};

/** Undefined for a call that needs valid keys only. */
export function permissionFor(method: string): string | undefined {
  return PERMISSIONS[method];
}
