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

/** How the value differs in shape from what was recorded, one line each with its path. */
export function deviations({ recorded, newest, free }: Comparison, value: unknown, path = '$'): string[] {
  const type = typeOf(value);
  if (!recorded.types.has(type) && !newest?.types.has(type))
    return [`${path}: ${type}, recorded as ${[...recorded.types].join(' or ')}`];
  if (Array.isArray(value)) {
    const element = recorded.element ?? newest?.element;
    if (!element) return value.length > 0 ? [`${path}: elements, recorded empty`] : [];
    if (value.length === 0) return recorded.element ? [`${path}: empty, recorded with elements`] : [];
    const found = value.flatMap((item) =>
      deviations({ recorded: element, newest: newest?.element, free }, item, `${path}[]`),
    );
    return [...new Set(found)];
  }
  if (type !== 'object' || free.includes(path)) return [];
  const object = value as Record<string, unknown>;
  const missing = [...recorded.members].filter(([name, { always }]) => always && !(name in object));
  return [
    ...missing.map(([name]) => `${path}.${name}: missing`),
    ...Object.entries(object).flatMap(([name, inner]) => {
      const before = recorded.members.get(name)?.shape;
      const now = newest?.members.get(name)?.shape;
      const shape = before ?? now;
      if (!shape) return [`${path}.${name}: never recorded`];
      return deviations({ recorded: shape, newest: now, free }, inner, `${path}.${name}`);
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
