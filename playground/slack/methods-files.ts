/** Files by the external upload trio (get a URL, send the bytes, complete), and Socket Mode's connection URL. */
import type { Answer, Call } from '../http.ts';
import { contentFrom } from './content.ts';
import { newObjectId, newSecret } from './identifiers.ts';
import { type JsonObject, objects, text } from './json.ts';
import { type Method, nested, numberArg, Refusal, requiredArg, stringArg } from './method.ts';
import { postableChannel } from './methods-chat.ts';
import type { Channel } from './model.ts';
import { readRequest } from './request.ts';
import type { Slack } from './state.ts';
import type { Upload } from './workspace.ts';

export const fileMethods: Record<string, Method> = {
  'files.getUploadURLExternal': {
    scopes: ['files:write'],
    token: 'bot',
    perMinute: 100,
    writes: true,
    handle: getUploadUrl,
  },
  'files.completeUploadExternal': {
    scopes: ['files:write'],
    token: 'bot',
    perMinute: 100,
    writes: true,
    handle: completeUpload,
  },
  'apps.connections.open': { scopes: [], token: 'app', perMinute: 50, writes: false, handle: openConnection },
};

function getUploadUrl(slack: Slack, args: JsonObject): JsonObject {
  const upload: Upload = {
    id: newObjectId('F'),
    path: `/upload/v1/${newSecret()}`,
    filename: requiredArg(args, 'filename'),
    length: numberArg(args, 'length', 0),
    bytes: undefined,
    completed: false,
    title: '',
  };
  if (upload.length <= 0) throw new Refusal('invalid_arguments');
  slack.uploads.set(upload.id, upload);
  return { ok: true, upload_url: slack.publicUrl + upload.path, file_id: upload.id };
}

/** The POST of the bytes, raw or as a multipart field; it carries no token. */
export function receiveUpload(slack: Slack, call: Call): Answer {
  const upload = [...slack.uploads.values()].find((u) => u.path === call.path);
  if (!upload || upload.bytes) return { status: 404, body: 'not found' };
  const bytes = readRequest(call).file ?? call.body;
  if (bytes.length !== upload.length) return { status: 400, body: 'length mismatch' };
  upload.bytes = bytes;
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: `OK - ${bytes.length}` };
}

/** One shot: a second call for the same file finds none. */
function completeUpload(slack: Slack, args: JsonObject): JsonObject {
  const wanted = objects(nested(args.files));
  const uploads = wanted.map((file) => {
    const upload = slack.uploads.get(text(file.id));
    if (!upload?.bytes || upload.completed) throw new Refusal('file_not_found');
    return Object.assign(upload, { title: text(file.title) || upload.filename });
  });
  if (uploads.length === 0) throw new Refusal('invalid_arguments');
  const channelId = stringArg(args, 'channel_id') ?? stringArg(args, 'channels');
  const channels: Channel[] = channelId ? channelId.split(',').map((id) => shareChannel(slack, id)) : [];
  const { initial_comment: comment, ...rest } = args;
  const content = contentFrom({ ...rest, text: comment });
  const files = uploads.map((upload) => ({ id: upload.id, name: upload.filename, title: upload.title }));
  for (const upload of uploads) upload.completed = true;
  for (const channel of channels) slack.post(channel, content, { threadTs: stringArg(args, 'thread_ts'), files });
  return { ok: true, files: uploads.map(({ id, title }) => ({ id, title })) };
}

/** Sharing a file needs membership; chat:write.public does not help. */
function shareChannel(slack: Slack, id: string): Channel {
  const channel = postableChannel(slack, id);
  if (!channel.members.has(slack.bot.userId)) throw new Refusal('not_in_channel');
  return channel;
}

async function openConnection(slack: Slack): Promise<JsonObject> {
  return { ok: true, url: await slack.socketMode.newConnectionUrl() };
}
