/**
 * Reads an operation's input out of a recorded request the way its protocol puts it there (REST and JSON, JSON with a
 * target header, form fields) and holds it against the model. https://smithy.io/2.0/aws/protocols/
 */
import type { Call } from '../../playground/http.ts';
import type { MemberModel, OperationModel, ServiceModel, ShapeModel } from './aws-shapes.ts';
import { isObject, shapeNamed, shapeProblems } from './aws-shapes.ts';

interface Input {
  value: Record<string, unknown>;
  /** What is wrong with the request around the input. */
  problems: string[];
}

export function requestProblemsOf(model: ServiceModel, operation: OperationModel, call: Call): string[] {
  const { value, problems } = inputOf(model, operation, call);
  const shape = operation.input?.shape;
  if (shape === undefined) return Object.keys(value).length > 0 ? [...problems, '$: takes no input'] : problems;
  return [...problems, ...shapeProblems(model, 'request', shape, value)];
}

function inputOf(model: ServiceModel, operation: OperationModel, call: Call): Input {
  const { protocol } = model.metadata;
  const verb = operation.http.method === call.method ? [] : [`${call.method} instead of ${operation.http.method}`];
  const input = protocol === 'rest-json' ? restInput(model, operation, call) : rpcInput(model, operation, call);
  return { ...input, problems: [...verb, ...input.problems] };
}

function restInput(model: ServiceModel, operation: OperationModel, call: Call): Input {
  const shape: ShapeModel = operation.input ? shapeNamed(model, operation.input.shape) : { type: 'structure' };
  const problems: string[] = [];
  const value: Record<string, unknown> = {};
  const labels = pathLabels(operation.http.requestUri, call.path);
  if (!labels) problems.push(`path ${call.path} is not ${operation.http.requestUri}`);
  const unread = new Set(call.query.keys());
  unread.delete('x-id'); // The SDKs name the operation in it where a path alone would be ambiguous.
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const sentAs = member.locationName ?? name;
    if (member.location === 'uri' && labels?.[sentAs] !== undefined)
      value[name] = typed(model, member, labels[sentAs] ?? '');
    if (member.location === 'querystring' && unread.delete(sentAs))
      value[name] = typedAll(model, member, call.query.getAll(sentAs));
    const header = call.headers[sentAs.toLowerCase()];
    if (member.location === 'header' && header !== undefined) value[name] = typed(model, member, header);
  }
  for (const name of unread) problems.push(`query ${name}: the model knows no such parameter`);
  if (shape.payload !== undefined) return { value, problems };
  const body = jsonBody(call.body);
  if (typeof body === 'string') return { value, problems: [...problems, body] };
  for (const [name, inner] of Object.entries(body)) {
    if (shape.members?.[name]?.location) problems.push(`$.${name}: belongs into the ${shape.members[name].location}`);
    value[name] = inner;
  }
  return { value, problems };
}

/** CloudWatch's model names three protocols; the request tells which one the client chose. */
function rpcInput(model: ServiceModel, operation: OperationModel, call: Call): Input {
  const { jsonVersion, targetPrefix } = model.metadata;
  const contentType = call.headers['content-type'] ?? '';
  const problems = call.path === '/' ? [] : [`path ${call.path} is not /`];
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    const form = formInput(model, operation, new URLSearchParams(call.body.toString()));
    return { ...form, problems: [...problems, ...form.problems] };
  }
  if (contentType !== `application/x-amz-json-${jsonVersion}`)
    problems.push(`content type ${contentType} is not application/x-amz-json-${jsonVersion}`);
  const target = `${targetPrefix}.${operation.name}`;
  if (call.headers['x-amz-target'] !== target)
    problems.push(`x-amz-target ${call.headers['x-amz-target']} is not ${target}`);
  const body = jsonBody(call.body);
  return typeof body === 'string' ? { value: {}, problems: [...problems, body] } : { value: body, problems };
}

function formInput(model: ServiceModel, operation: OperationModel, form: URLSearchParams): Input {
  const problems: string[] = [];
  const unread = new Set(form.keys());
  for (const [name, wanted] of [
    ['Action', operation.name],
    ['Version', model.metadata.apiVersion],
  ] as const) {
    unread.delete(name);
    if (form.get(name) !== wanted) problems.push(`${name} ${form.get(name)} is not ${wanted}`);
  }
  const value = operation.input ? fromForm(model, operation.input.shape, '', form, unread) : {};
  for (const name of unread) problems.push(`form field ${name}: the model knows no such parameter`);
  return { value: isObject(value) ? value : {}, problems };
}

/** `Tags.member.1.Key=a`: structures add their member's name, lists `member.<n>`. */
function fromForm(
  model: ServiceModel,
  shapeName: string,
  prefix: string,
  form: URLSearchParams,
  unread: Set<string>,
): unknown {
  const shape = shapeNamed(model, shapeName);
  const present = (at: string) => [...form.keys()].some((name) => name === at || name.startsWith(`${at}.`));
  if (shape.type === 'structure') {
    const members = Object.entries(shape.members ?? {}).map(([name, member]) => ({
      name,
      member,
      at: prefix === '' ? name : `${prefix}.${name}`,
    }));
    return Object.fromEntries(
      members
        .filter(({ at }) => present(at))
        .map(({ name, member, at }) => [name, fromForm(model, member.shape, at, form, unread)]),
    );
  }
  if (shape.type === 'list') {
    const items: unknown[] = [];
    for (let n = 1; present(`${prefix}.member.${n}`); n += 1)
      items.push(fromForm(model, shape.member?.shape ?? '', `${prefix}.member.${n}`, form, unread));
    return items;
  }
  unread.delete(prefix);
  return fromText(shape, form.get(prefix) ?? '');
}

/** The value of each `{label}` in the path, or undefined when the path is another one. */
function pathLabels(requestUri: string, path: string): Record<string, string> | undefined {
  const names = [...requestUri.matchAll(/\{(\w+)\+?\}/g)].map((match) => match[1] ?? '');
  const source = requestUri
    .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replace(/\{\w+\\\+\}/g, '(.+)')
    .replace(/\{\w+\}/g, '([^/]+)');
  const match = new RegExp(`^${source}/?$`).exec(path);
  return match ? Object.fromEntries(names.map((name, i) => [name, match[i + 1] ?? ''])) : undefined;
}

function typed(model: ServiceModel, member: MemberModel, text: string): unknown {
  return fromText(shapeNamed(model, member.shape), text);
}

function typedAll(model: ServiceModel, member: MemberModel, texts: string[]): unknown {
  const shape = shapeNamed(model, member.shape);
  if (shape.type !== 'list') return texts.length === 1 ? fromText(shape, texts[0] ?? '') : texts;
  const item = shapeNamed(model, shape.member?.shape ?? '');
  return texts.map((text) => fromText(item, text));
}

/** A scalar written as text; what cannot be read stays text, which the shape then refuses. */
export function fromText(shape: ShapeModel, text: string): unknown {
  switch (shape.type) {
    case 'integer':
    case 'long':
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case 'float':
    case 'double':
      return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'timestamp':
      return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Date.parse(text) / 1000 : text;
    default:
      return text;
  }
}

/** The body as an object, or what is wrong with it. */
export function jsonBody(body: string | Buffer | undefined): Record<string, unknown> | string {
  const text = body?.toString() ?? '';
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : `the body is no JSON object: ${text.slice(0, 80)}`;
  } catch {
    return `the body is not JSON: ${text.slice(0, 80)}`;
  }
}
