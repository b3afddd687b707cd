/**
 * What a log search query means once it is read: the tree that the parser builds, the printer writes and the
 * matcher runs. Field groups are already distributed (`@a:(x OR y)` is two matches) and `+` is gone, since it says
 * nothing that AND does not.
 */
export type Query =
  | { readonly type: 'all' }
  | { readonly type: 'and' | 'or'; readonly clauses: readonly Query[] }
  | { readonly type: 'not'; readonly clause: Query }
  | { readonly type: 'match'; readonly field: Field; readonly value: Value }
  | { readonly type: 'cidr'; readonly field: Field; readonly blocks: readonly string[] };

export type Match = Extract<Query, { type: 'match' }>;

/** `message` is free text, `everything` is `*:`, a `tag` is a bare key, a calculated field is written `#name`. */
export type Field =
  | { readonly kind: 'message' }
  | { readonly kind: 'everything' }
  | { readonly kind: 'attribute'; readonly path: string }
  | { readonly kind: 'calculated'; readonly name: string }
  | { readonly kind: 'reserved'; readonly name: ReservedField }
  | { readonly kind: 'tag'; readonly key: string };

export const RESERVED_FIELDS = ['host', 'source', 'service', 'status', 'timestamp', 'trace_id', 'tags'] as const;
export type ReservedField = (typeof RESERVED_FIELDS)[number];

export type Value =
  | { readonly kind: 'exact'; readonly text: string }
  /** Two or more bare words side by side; free text only. */
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'glob'; readonly parts: readonly GlobPart[] }
  | { readonly kind: 'present' }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly bound: string }
  /** An open end (`*`) is undefined. */
  | {
      readonly kind: 'range';
      readonly low: string | undefined;
      readonly high: string | undefined;
      readonly inclusive: boolean;
    };

export type Comparison = '>' | '>=' | '<' | '<=';

/** `*` is any run of characters, `?` exactly one; a literal keeps its own `*` and `?` apart from them. */
export type GlobPart = '*' | '?' | { readonly literal: string };

/** A log as the search sees it. `timestamp` is milliseconds since 1970. */
export interface LogEvent {
  readonly message: string;
  readonly tags: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly source?: string | undefined;
  readonly host?: string | undefined;
  readonly service?: string | undefined;
  readonly status?: string | undefined;
  readonly timestamp?: number | undefined;
  readonly traceId?: string | undefined;
}

export type EventTest = (event: LogEvent) => boolean;

/** `position` counts UTF-16 units from 0, so that a caret can be put under the query's text. */
export class QuerySyntaxError extends Error {
  readonly position: number;
  readonly expected: string;

  constructor(found: string, position: number, expected: string) {
    super(`Unexpected ${found} at ${position}: expected ${expected}`);
    this.name = 'QuerySyntaxError';
    this.position = position;
    this.expected = expected;
  }
}
