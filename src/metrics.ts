/** What Prometheus may know: counts, times and the event loop's longest stall. Never names, never texts. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export interface Metrics {
  registry: Registry;
  requests: Counter<'kind' | 'outcome'>;
  posts: Counter<'outcome'>;
  runs: Counter<'kind' | 'outcome'>;
  doorbells: Counter<'outcome'>;
  signals: Counter<'outcome'>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  new Gauge({
    name: 'eks_audit_event_loop_stall_seconds',
    help: 'Longest stall of the event loop since the last scrape',
    registers,
    collect() {
      this.set(delay.max / 1e9);
      delay.reset();
    },
  });
  return {
    registry,
    requests: new Counter({
      name: 'eks_audit_requests_total',
      help: 'Deliveries from Slack',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    posts: new Counter({
      name: 'eks_audit_posts_total',
      help: 'Messages posted or edited',
      labelNames: ['outcome'],
      registers,
    }),
    runs: new Counter({
      name: 'eks_audit_runs_total',
      help: 'Runs that ended',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    doorbells: new Counter({
      name: 'eks_audit_doorbells_total',
      help: 'Webhooks from Datadog',
      labelNames: ['outcome'],
      registers,
    }),
    signals: new Counter({
      name: 'eks_audit_signals_total',
      help: 'Signals, by where they went',
      labelNames: ['outcome'],
      registers,
    }),
  };
}
