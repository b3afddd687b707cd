/** The contract of one API operation: who may call it on what, and what it does. */
import type { Call } from '../http.ts';
import type { Identity } from './identities.ts';
import type { Aws, Region } from './state.ts';
import { AwsFault } from './wire.ts';

export interface OperationRequest {
  aws: Aws;
  region: Region;
  identity: Identity;
  call: Call;
  /** The body (JSON or form), for REST services with the names of the path merged in. */
  input: Record<string, unknown>;
}

export interface Operation {
  /** Changes something in the world. */
  writes?: boolean;
  /** The IAM action, `eks:UpdateClusterConfig`; undefined where everybody may. */
  action?: string;
  resource(request: OperationRequest): string;
  /** IAM condition keys that the request carries. */
  conditions?(request: OperationRequest): Record<string, string>;
  /** Returns the members of the answer; throws AwsFault. */
  run(request: OperationRequest): unknown;
  /** HTTP status on success, 200 unless the model says otherwise. */
  status?: number;
}

export type Operations = Record<string, Operation>;

/** A page of a list; the token is opaque to callers. */
export function page<T>(items: T[], size: number, token: unknown, badToken: AwsFault): { items: T[]; next?: string } {
  let from = 0;
  if (typeof token === 'string' && token !== '') {
    const match = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
    if (!match) throw badToken;
    from = Number(match[1]);
  }
  const next = from + size;
  return {
    items: items.slice(from, next),
    ...(next < items.length ? { next: Buffer.from(`from:${next}`).toString('base64url') } : {}),
  };
}

export function optionalText(input: Record<string, unknown>, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
}

export function optionalNumber(input: Record<string, unknown>, name: string): number | undefined {
  const value = input[name];
  return typeof value === 'number' ? value : undefined;
}

/** The sentence AWS uses for a value outside its model. */
export function constraintFault(code: string, name: string, value: string | undefined, rule: string): AwsFault {
  const shown = value === undefined ? 'null' : `'${value}'`;
  return new AwsFault(
    code,
    `1 validation error detected: Value ${shown} at '${name}' failed to satisfy constraint: ${rule}`,
  );
}
