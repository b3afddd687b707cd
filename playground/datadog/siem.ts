/**
 * Cloud SIEM of the organisation from log to webhook: detection, the list of signals, and who hears of them.
 */
import type { WorldTime } from '../time.ts';
import { Detection } from './detection.ts';
import type { StoredLog } from './logs.ts';
import { webhooksFor } from './notifications.ts';
import type { Signal } from './signal.ts';
import type { Datadog } from './state.ts';
import type { Delivery } from './webhook-sender.ts';
import { WebhookSender } from './webhook-sender.ts';
import { variablesOf } from './webhook-variables.ts';

export class Siem {
  readonly signals: Signal[] = [];
  readonly sender: WebhookSender;
  readonly detection: Detection;
  /** Whether a signal is announced again when its severity rises. Not documented. */
  notifyWhenSeverityRises = false;
  readonly #datadog: Datadog;

  constructor(datadog: Datadog, time: WorldTime) {
    this.#datadog = datadog;
    this.sender = new WebhookSender({
      time,
      webhook: (name) => datadog.webhook(name),
      variables: (signal) => variablesOf(signal, datadog, time.now(), datadog.customVariables.values()),
    });
    this.detection = new Detection({
      time,
      ids: datadog.ids,
      rules: datadog.rules,
      suppressions: datadog.suppressions,
      isAnalysed: (log) => this.#isAnalysed(log),
      indexed: () => datadog.logs.indexed,
      raised: (signal) => this.raise(signal),
      rose: (signal) => {
        if (this.notifyWhenSeverityRises) this.#announce(signal);
      },
    });
  }

  raise(signal: Signal, options: { notify?: boolean } = {}): void {
    this.signals.push(signal);
    if (options.notify !== false) this.#announce(signal);
  }

  /** The test button on the webhook's page. */
  testNotification(webhookName: string): Promise<Delivery> {
    return this.sender.test(webhookName);
  }

  #announce(signal: Signal): void {
    for (const name of webhooksFor(signal, this.#datadog.notificationRules.all)) this.sender.notify(name, signal);
  }

  /** Where there are no security filters, nothing is analysed, except where the product works on its own index. */
  #isAnalysed({ event }: StoredLog): boolean {
    const { cloudSiemActive, securityFilters, sku } = this.#datadog;
    if (!cloudSiemActive) return false;
    if (securityFilters.length === 0) return sku === 'standalone_indexed';
    return event.tags.includes('datadog.cloud_siem:true');
  }
}
