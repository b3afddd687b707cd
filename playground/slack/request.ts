/** Reads what a client sends to the Web API: form, JSON or multipart bodies, and the query, into one bag of arguments. */
import type { RawCall } from '../http.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';

export interface Request {
  token: string | undefined;
  args: JsonObject;
  /** The first file of a multipart body. */
  file: Buffer | undefined;
  /** Why a JSON body could not be read. */
  problem: 'invalid_json' | 'json_not_object' | undefined;
}

export function readRequest(raw: Pick<RawCall, 'headers' | 'query' | 'body'>): Request {
  const type = raw.headers['content-type'] ?? '';
  const args: JsonObject = Object.fromEntries(raw.query);
  let file: Buffer | undefined;
  let problem: Request['problem'];
  if (type.startsWith('application/json')) {
    const body = parseJson(raw.body.toString('utf8'));
    if (isObject(body)) Object.assign(args, body);
    else problem = body === undefined ? 'invalid_json' : 'json_not_object';
  } else if (type.startsWith('multipart/form-data')) {
    const parts = readMultipart(raw.body, /boundary="?([^";]+)/.exec(type)?.[1] ?? '');
    for (const part of parts) {
      if (part.filename === undefined) args[part.name] = part.content.toString('utf8');
      else file ??= part.content;
    }
  } else {
    Object.assign(args, Object.fromEntries(new URLSearchParams(raw.body.toString('utf8'))));
  }
  const bearer = /^Bearer (.+)$/i.exec(raw.headers.authorization ?? '')?.[1];
  // A JSON body must not carry the token, https://docs.slack.dev/apis/web-api.
  const inBody = type.startsWith('application/json') ? undefined : args.token;
  return { token: bearer ?? (typeof inBody === 'string' ? inBody : undefined), args, file, problem };
}

interface Part {
  name: string;
  filename: string | undefined;
  content: Buffer;
}

function readMultipart(body: Buffer, boundary: string): Part[] {
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];
  let start = body.indexOf(delimiter);
  while (start !== -1) {
    const end = body.indexOf(delimiter, start + delimiter.length);
    if (end === -1) break;
    // Between the delimiters: CRLF, headers, an empty line, the content, CRLF.
    const part = body.subarray(start + delimiter.length + 2, end - 2);
    const headersEnd = part.indexOf('\r\n\r\n');
    const headers = part.subarray(0, headersEnd).toString('utf8');
    parts.push({
      name: /name="([^"]*)"/.exec(headers)?.[1] ?? '',
      filename: /filename="([^"]*)"/.exec(headers)?.[1],
      content: part.subarray(headersEnd + 4),
    });
    start = end;
  }
  return parts;
}
