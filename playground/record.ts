/**
 * Writes the traffic of a run to a file, one exchange per line, so that it can be held against the vendors' API
 * models after the run: the contract checks read the file named in RECORDED_TRAFFIC.
 */
import { writeFileSync } from 'node:fs';
import type { Answer, Call, Door, Recorded } from './http.ts';

interface Line {
  call: Omit<Call, 'query' | 'body'> & { query: string; body: string };
  writes: boolean;
  /** Absent when the call hung or was cut. */
  answer?: Omit<Answer, 'body'> & { body: string };
}

/** Writes all that the door has recorded so far, bodies in base64; call it once, at the end of the run. */
export function recordTo(file: string, door: Pick<Door, 'recorded'>): void {
  writeFileSync(file, door.recorded.map((recorded) => `${toLine(recorded)}\n`).join(''));
}

export function toLine({ call, writes, answer }: Recorded): string {
  const line: Line = {
    call: { ...call, query: call.query.toString(), body: base64(call.body) },
    writes,
    ...(answer && { answer: { ...answer, headers: answer.headers ?? {}, body: base64(answer.body) } }),
  };
  return JSON.stringify(line);
}

export function fromLine(text: string): Recorded {
  const { call, writes, answer } = JSON.parse(text) as Line;
  return {
    call: { ...call, query: new URLSearchParams(call.query), body: Buffer.from(call.body, 'base64') },
    writes,
    ...(answer && { answer: { ...answer, body: Buffer.from(answer.body, 'base64') } }),
  };
}

function base64(body: string | Buffer | undefined): string {
  return Buffer.from(body ?? '').toString('base64');
}
