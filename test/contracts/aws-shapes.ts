/**
 * Holds values against the shapes of a botocore service model: types, required and unknown members, enums, patterns,
 * lengths and ranges. The format is that of github.com/boto/botocore, data/<service>/<version>/service-2.json.
 */
export interface MemberModel {
  shape: string;
  location?: 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
  locationName?: string;
}

export interface ShapeModel {
  type: string;
  members?: Record<string, MemberModel>;
  required?: string[];
  member?: MemberModel;
  key?: MemberModel;
  value?: MemberModel;
  enum?: string[];
  pattern?: string;
  min?: number;
  max?: number;
  /** The member that is the whole body. */
  payload?: string;
  exception?: boolean;
  error?: { code?: string; httpStatusCode?: number };
}

export interface OperationModel {
  name: string;
  http: { method: string; requestUri: string; responseCode?: number };
  input?: { shape: string };
  output?: { shape: string; resultWrapper?: string };
  errors?: { shape: string }[];
}

export interface ServiceModel {
  metadata: {
    apiVersion: string;
    protocol: string;
    jsonVersion?: string;
    targetPrefix?: string;
    xmlNamespace?: string;
  };
  operations: Record<string, OperationModel>;
  shapes: Record<string, ShapeModel>;
}

export function shapeNamed(model: ServiceModel, name: string): ShapeModel {
  const shape = model.shapes[name];
  if (!shape) throw new Error(`the service model names the shape ${name} but does not have it`);
  return shape;
}

export type Side = 'request' | 'answer';

/** Everything about the value that the shape does not allow, one line each with its JSON path. */
export function shapeProblems(
  model: ServiceModel,
  side: Side,
  shapeName: string,
  value: unknown,
  path = '$',
): string[] {
  const shape = shapeNamed(model, shapeName);
  const inside = (member: MemberModel | undefined, inner: unknown, at: string) =>
    shapeProblems(model, side, member?.shape ?? '', inner, at);
  switch (shape.type) {
    case 'structure':
      return structureProblems(shape, value, path, inside);
    case 'list':
      if (!Array.isArray(value)) return [wrongType(path, shape.type, value)];
      return [
        ...collectionProblems(side, shape, value.length, path, 'elements'),
        ...value.flatMap((item, i) => inside(shape.member, item, `${path}[${i}]`)),
      ];
    case 'map':
      if (!isObject(value)) return [wrongType(path, shape.type, value)];
      return [
        ...collectionProblems(side, shape, Object.keys(value).length, path, 'entries'),
        ...Object.entries(value).flatMap(([key, inner]) => [
          ...inside(shape.key, key, `${path}{key ${key}}`),
          ...inside(shape.value, inner, `${path}.${key}`),
        ]),
      ];
    default:
      return scalarProblems(shape, value, path);
  }
}

function structureProblems(
  shape: ShapeModel,
  value: unknown,
  path: string,
  inside: (member: MemberModel, inner: unknown, at: string) => string[],
): string[] {
  if (!isObject(value)) return [wrongType(path, 'structure', value)];
  const members = shape.members ?? {};
  // JSON's null stands for an absent member: EKS and Lambda end their lists with one.
  const missing = (shape.required ?? []).filter((name) => value[name] === undefined || value[name] === null);
  return [
    ...missing.map((name) => `${path}.${name}: required, but missing`),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const member = members[name];
      if (!member) return [`${path}.${name}: the model knows no such member`];
      return inner === undefined || inner === null ? [] : inside(member, inner, `${path}.${name}`);
    }),
  ];
}

function scalarProblems(shape: ShapeModel, value: unknown, path: string): string[] {
  switch (shape.type) {
    case 'string':
      return typeof value === 'string' ? textProblems(shape, value, path) : [wrongType(path, 'string', value)];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [wrongType(path, 'boolean', value)];
    case 'integer':
    case 'long':
      return Number.isSafeInteger(value)
        ? sizeProblems(shape, value as number, path, '')
        : [wrongType(path, shape.type, value)];
    case 'float':
    case 'double':
      return typeof value === 'number' ? sizeProblems(shape, value, path, '') : [wrongType(path, shape.type, value)];
    case 'timestamp':
      return typeof value === 'number' ? secondsProblems(value, path) : [wrongType(path, 'timestamp', value)];
    case 'blob':
      return typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value) ? [] : [wrongType(path, 'blob', value)];
    default:
      return [`${path}: the checker does not know the type ${shape.type}`];
  }
}

function textProblems(shape: ShapeModel, value: string, path: string): string[] {
  const problems = sizeProblems(shape, value.length, path, 'characters');
  if (shape.enum && !shape.enum.includes(value))
    problems.push(`${path}: "${value}" is none of ${shape.enum.join(', ')}`);
  if (shape.pattern && !compiled(shape.pattern).test(value))
    problems.push(`${path}: "${value}" does not match ${shape.pattern}`);
  return problems;
}

/** Timestamps are seconds since 1970; a value a thousand times too large is a millisecond slipped in. */
function secondsProblems(seconds: number, path: string): string[] {
  return seconds > 32_503_680_000 ? [`${path}: ${seconds} would be after the year 3000, are these milliseconds?`] : [];
}

function sizeProblems(shape: ShapeModel, size: number, path: string, unit: string): string[] {
  const shown = [String(size), unit].filter(Boolean).join(' ');
  const { min, max } = shape;
  if (min !== undefined && size < min) return [`${path}: ${shown}, at least ${min} wanted`];
  if (max !== undefined && size > max) return [`${path}: ${shown}, at most ${max} allowed`];
  return [];
}

/** Services answer an empty collection where a client must send at least one: `"tags":{}` of DescribeCluster. */
function collectionProblems(side: Side, shape: ShapeModel, size: number, path: string, unit: string): string[] {
  return side === 'answer' && size === 0 ? [] : sizeProblems(shape, size, path, unit);
}

const patterns = new Map<string, RegExp>();

/** Services match the whole value. `\p{…}` needs the u flag, which refuses some of the other patterns. */
function compiled(pattern: string): RegExp {
  let found = patterns.get(pattern);
  if (found) return found;
  const whole = `^(?:${pattern})$`;
  try {
    found = new RegExp(whole, 'u');
  } catch {
    found = new RegExp(whole);
  }
  patterns.set(pattern, found);
  return found;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongType(path: string, wanted: string, value: unknown): string {
  return `${path}: ${wanted} wanted, not ${JSON.stringify(value)?.slice(0, 80)}`;
}
