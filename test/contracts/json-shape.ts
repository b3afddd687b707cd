/**
 * The shape of recorded JSON: which members objects have, always or sometimes, and of which types the values are. Two
 * answers of the same endpoint never have equal values, but they have the same shape.
 */
type JsonType = 'array' | 'boolean' | 'null' | 'number' | 'object' | 'string';

export interface Shape {
  types: Set<JsonType>;
  members: Map<string, { shape: Shape; always: boolean }>;
  /** Undefined when no recorded array had an element. */
  element: Shape | undefined;
}

export interface Comparison {
  /** What this very exchange showed: all of it must be there. */
  recorded: Shape;
  /** What the newest recording of the operation shows: its newer members may be there too. */
  newest: Shape | undefined;
  /** Paths (`$.a[].b`) whose member names are data, not structure. */
  free: readonly string[];
}

export function shapeOf(values: readonly unknown[]): Shape {
  const objects = values.filter((value): value is Record<string, unknown> => typeOf(value) === 'object');
  const names = new Set(objects.flatMap((value) => Object.keys(value)));
  const elements = values.filter((value) => Array.isArray(value)).flat();
  return {
    types: new Set(values.map(typeOf)),
    members: new Map(
      [...names].map((name) => {
        const having = objects.filter((value) => name in value);
        const shape = shapeOf(having.map((value) => value[name]));
        return [name, { shape, always: having.length === objects.length }];
      }),
    ),
    element: elements.length > 0 ? shapeOf(elements) : undefined,
  };
}

/** How a shape differs from what was recorded, one line each with its path. */
export function deviations({ recorded, newest, free }: Comparison, actual: Shape, path = '$'): string[] {
  if (free.includes(path)) return [];
  const types = [...actual.types].filter((type) => !recorded.types.has(type) && !newest?.types.has(type));
  return [
    ...types.map((type) => `${path}: ${type}, recorded as ${[...recorded.types].join(' or ')}`),
    ...elementDeviations({ recorded, newest, free }, actual, path),
    ...memberDeviations({ recorded, newest, free }, actual, path),
  ];
}

function elementDeviations({ recorded, newest, free }: Comparison, actual: Shape, path: string): string[] {
  const element = recorded.element ?? newest?.element;
  if (!actual.element) return recorded.element ? [`${path}: empty, recorded with elements`] : [];
  if (!element) return [`${path}: elements, recorded empty`];
  return deviations({ recorded: element, newest: newest?.element, free }, actual.element, `${path}[]`);
}

function memberDeviations({ recorded, newest, free }: Comparison, actual: Shape, path: string): string[] {
  const missing = [...recorded.members].filter(([name, { always }]) => always && !actual.members.get(name)?.always);
  return [
    ...(actual.types.has('object') ? missing.map(([name]) => `${path}.${name}: missing`) : []),
    ...[...actual.members].flatMap(([name, { shape }]) => {
      const now = newest?.members.get(name)?.shape;
      const wanted = recorded.members.get(name)?.shape ?? now;
      if (!wanted) return [`${path}.${name}: never recorded`];
      return deviations({ recorded: wanted, newest: now, free }, shape, `${path}.${name}`);
    }),
  ];
}

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  if (type === 'boolean' || type === 'number' || type === 'string') return type;
  return 'object';
}
