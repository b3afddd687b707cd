/**
 * What a route of the Datadog stand-in is: one operation of the client, its path, and a function from request to
 * answer.
 */
import type { Answer, Call } from '../http.ts';
import type { ApplicationKey } from './keys.ts';
import type { Datadog } from './state.ts';
import type { DatadogUser } from './users.ts';

export interface DatadogRequest {
  datadog: Datadog;
  call: Call;
  /** The parts of the path written `{name}`. */
  params: Readonly<Record<string, string>>;
  /** The parsed JSON body; undefined without one. */
  body: unknown;
}

/** A request with both keys. */
export interface KeyedRequest extends DatadogRequest {
  key: ApplicationKey;
  /** The owner of the application key, to whom every change is attributed. */
  caller: DatadogUser;
}

interface RoutePath {
  /** The client's operation id, in Pascal case. */
  operation: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  /** Unless said otherwise, GET does not change the world and everything else does. */
  writes?: boolean;
}

export type Route =
  | (RoutePath & { keys?: 'both'; handle(request: KeyedRequest): Answer })
  | (RoutePath & { keys: 'api key only'; handle(request: DatadogRequest): Answer });

/** The value at `data.attributes` of a JSON:API body. */
export function attributesOf(body: unknown): Record<string, unknown> {
  return field(field(body, 'data'), 'attributes');
}

function field(value: unknown, name: string): Record<string, unknown> {
  const inner = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Record<string, unknown>) : {};
}

export interface NumberedPage {
  size: number;
  number: number;
}

/** `page[size]` and `page[number]`; undefined when they are not numbers within bounds. */
export function numberedPage(query: URLSearchParams, largest: number): NumberedPage | undefined {
  const size = Number(query.get('page[size]') ?? 10);
  const number = Number(query.get('page[number]') ?? 0);
  const valid = Number.isInteger(size) && Number.isInteger(number) && size >= 1 && size <= largest && number >= 0;
  return valid ? { size, number } : undefined;
}
