/** One bot under measurement: the real process, and what it says of itself at `/metrics`. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type BotProcess, startBotProcess } from '../playground/bot-process.ts';

export interface Gauges {
  rssMb: number;
  /** Longest stall of the event loop since the last look. */
  stallMs: number;
  /** Processor time the process has used. */
  cpuMs: number;
  /** Signals that were routed. */
  signals: number;
}

/** The most memory the process ever had, as Linux tells; undefined elsewhere. See proc_pid_status(5). */
function peakMb(pid: number): number | undefined {
  const file = `/proc/${pid}/status`;
  const kilobytes = existsSync(file) && /^VmHWM:\s+(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1];
  return kilobytes ? Number(kilobytes) / 1024 : undefined;
}

export interface MeasuredBot extends BotProcess {
  /** From the start of the process to its word that it is ready. */
  readyMs: number;
  gauges(): Promise<Gauges>;
  peakMb(): number | undefined;
}

export async function startMeasuredBot(
  dir: string,
  config: { env: Record<string, string>; yaml: string },
): Promise<MeasuredBot> {
  const started = performance.now();
  const bot = await startBotProcess(dir, config);
  const readyMs = performance.now() - started;
  return { ...bot, readyMs, gauges: () => readGauges(bot.url), peakMb: () => peakMb(bot.pid) };
}

async function readGauges(url: string): Promise<Gauges> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string) => {
    const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    if (found === undefined) throw new Error(`/metrics has no ${name}`);
    return Number(found);
  };
  const routed = text.matchAll(/^eks_audit_signals_total\{[^}]*\} (\S+)$/gm);
  return {
    rssMb: value('process_resident_memory_bytes') / 2 ** 20,
    stallMs: value('eks_audit_event_loop_stall_seconds') * 1000,
    cpuMs: value('process_cpu_seconds_total') * 1000,
    signals: [...routed].reduce((sum, [, count]) => sum + Number(count), 0),
  };
}

const QUIET_MS = 500;
/** What an idle bot does in that time, generously. */
const QUIET_CPU_MS = 100;
const QUIET_WITHIN_MS = 60_000;

/** Resolves when the bot has done what there was to do. */
export async function untilQuiet(bot: MeasuredBot): Promise<void> {
  const until = performance.now() + QUIET_WITHIN_MS;
  let { cpuMs } = await bot.gauges();
  for (;;) {
    await wait(QUIET_MS);
    const now = (await bot.gauges()).cpuMs;
    if (now - cpuMs < QUIET_CPU_MS) return;
    if (performance.now() > until) throw new Error('the bot does not come to rest');
    cpuMs = now;
  }
}
