/**
 * Holds a recorded answer against the model: status, content type and output shape on success; on failure that the
 * error is one the operation declares (or a common one), under its status and with the members of its shape.
 */
import type { Answer } from '../../playground/http.ts';
import { commonError } from './aws-common-errors.ts';
import { fromText, jsonBody } from './aws-request.ts';
import type { OperationModel, ServiceModel, ShapeModel } from './aws-shapes.ts';
import { isObject, shapeNamed, shapeProblems } from './aws-shapes.ts';
import type { XmlElement } from './xml.ts';
import { childNamed, parseXml } from './xml.ts';

/** `form` tells that the request came as form fields, to which the answer is XML. */
export function answerProblemsOf(
  service: string,
  model: ServiceModel,
  operation: OperationModel,
  answer: Answer,
  form: boolean,
): string[] {
  const wire = [...contentTypeProblems(model, answer, form)];
  if (answer.status >= 300) {
    const error = form ? xmlError(answer) : jsonError(answer);
    return [
      ...wire,
      ...(typeof error === 'string' ? [error] : errorProblems(service, model, operation, answer, error)),
    ];
  }
  const wanted = operation.http.responseCode ?? 200;
  if (answer.status !== wanted) wire.push(`status ${answer.status} instead of ${wanted}`);
  const output = form ? xmlOutput(model, operation, answer) : jsonBody(answer.body);
  if (typeof output === 'string') return [...wire, output];
  const shape = operation.output?.shape;
  if (shape !== undefined) return [...wire, ...shapeProblems(model, 'answer', shape, output)];
  return Object.keys(output).length > 0 ? [...wire, `$: no output expected, not ${JSON.stringify(output)}`] : wire;
}

function contentTypeProblems(model: ServiceModel, answer: Answer, form: boolean): string[] {
  if (answer.status === 204 || (answer.body ?? '').length === 0) return [];
  const { jsonVersion, protocol } = model.metadata;
  const json = protocol === 'rest-json' ? 'application/json' : `application/x-amz-json-${jsonVersion}`;
  const wanted = form ? 'text/xml' : json;
  const sent = answer.headers?.['content-type'];
  return sent === wanted ? [] : [`content type ${sent} instead of ${wanted}`];
}

interface WireError {
  code: string;
  /** Members beside the code. */
  members: Record<string, unknown>;
}

/** The code stands in a header (REST) or in `__type`, in both with or without a namespace. */
function jsonError(answer: Answer): WireError | string {
  const body = jsonBody(answer.body);
  if (typeof body === 'string') return body;
  const { __type, ...members } = body;
  // What an awsQueryCompatible service calls the error towards SDKs that knew it as a query service.
  const compatible = answer.headers?.['x-amzn-query-error']?.split(';')[0];
  const code = compatible ?? answer.headers?.['x-amzn-errortype'] ?? __type;
  if (typeof code !== 'string') return 'an error without a code';
  return { code: code.split(':')[0]?.split('#').at(-1) ?? code, members };
}

function xmlError(answer: Answer): WireError | string {
  const root = xmlOf(answer);
  if (typeof root === 'string') return root;
  if (root.name !== 'ErrorResponse') return `<${root.name}> instead of <ErrorResponse>`;
  const error = childNamed(root, 'Error');
  const code = childNamed(error, 'Code')?.text;
  const type = childNamed(error, 'Type')?.text;
  if (!error || !code) return 'no <Code> in <Error>';
  if (!childNamed(root, 'RequestId')) return 'no <RequestId> in <ErrorResponse>';
  if (type !== (answer.status >= 500 ? 'Receiver' : 'Sender')) return `<Type> ${type} under status ${answer.status}`;
  return { code, members: { message: childNamed(error, 'Message')?.text } };
}

function errorProblems(
  service: string,
  model: ServiceModel,
  operation: OperationModel,
  answer: Answer,
  { code, members }: WireError,
): string[] {
  const declared = (operation.errors ?? []).find(({ shape }) => {
    const wireCode = model.shapes[shape]?.error?.code;
    return wireCode === undefined ? shape === code : wireCode === code;
  });
  if (declared) {
    const shape = shapeNamed(model, declared.shape);
    const wanted = shape.error?.httpStatusCode ?? (code === 'ServiceUnavailableException' ? 503 : 400);
    return [
      ...(answer.status === wanted ? [] : [`${code} under status ${answer.status} instead of ${wanted}`]),
      ...shapeProblems(model, 'answer', declared.shape, withoutMessage(shape, members), '$error'),
      ...messageProblems(members, code),
    ];
  }
  const common = commonError(service, code);
  if (!common) return [`${code} is neither declared by ${operation.name} nor a common error of ${service}`];
  const statuses = common.statuses.join(' or ');
  return [
    ...(common.statuses.includes(answer.status)
      ? []
      : [`${code} under status ${answer.status} instead of ${statuses}`]),
    ...messageProblems(members, code),
  ];
}

/** Where the model spells the message's name its case must fit; CloudWatch Logs' models leave it out. */
function withoutMessage(shape: ShapeModel, members: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(shape.members ?? {}).map((name) => name.toLowerCase());
  if (names.includes('message')) return members;
  const { message: _message, ...others } = members;
  return others;
}

function messageProblems(members: Record<string, unknown>, code: string): string[] {
  const message = members.message ?? members.Message;
  return typeof message === 'string' && message !== '' ? [] : [`${code} without a message`];
}

function xmlOutput(model: ServiceModel, operation: OperationModel, answer: Answer): Record<string, unknown> | string {
  const root = xmlOf(answer);
  if (typeof root === 'string') return root;
  if (root.name !== `${operation.name}Response`) return `<${root.name}> instead of <${operation.name}Response>`;
  const namespace = root.attributes.xmlns;
  if (namespace !== model.metadata.xmlNamespace) return `xmlns ${namespace} instead of ${model.metadata.xmlNamespace}`;
  if (!childNamed(childNamed(root, 'ResponseMetadata'), 'RequestId')) return 'no <RequestId> in <ResponseMetadata>';
  if (!operation.output) return {};
  const result = childNamed(root, operation.output.resultWrapper ?? '');
  if (!result) return `no <${operation.output.resultWrapper}>`;
  const value = fromXml(model, operation.output.shape, result);
  return isObject(value) ? value : `<${result.name}> is no structure`;
}

/** Unknown elements are kept, so that the shape refuses them. */
function fromXml(model: ServiceModel, shapeName: string, element: XmlElement): unknown {
  const shape = shapeNamed(model, shapeName);
  if (shape.type === 'structure')
    return Object.fromEntries(
      element.children.map((child) => {
        const member = shape.members?.[child.name];
        return [child.name, member ? fromXml(model, member.shape, child) : child.text];
      }),
    );
  if (shape.type === 'list') return element.children.map((child) => fromXml(model, shape.member?.shape ?? '', child));
  return fromText(shape, element.text);
}

function xmlOf(answer: Answer): XmlElement | string {
  try {
    return parseXml(answer.body?.toString() ?? '');
  } catch (error) {
    return `the body is not XML: ${(error as Error).message}`;
  }
}
