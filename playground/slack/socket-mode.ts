/**
 * Slack's side of Socket Mode: connections by ticket, hello, envelopes and their acks, and the ways a connection
 * ends. Each envelope goes to one of the open connections.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newSecret } from './identifiers.ts';
import { isObject, type Json, type JsonObject, parseJson, text } from './json.ts';
import { ServerSocket } from './websocket.ts';

/** Ten sockets per app at most, docs.slack.dev/apis/events-api/using-socket-mode. */
const MAX_CONNECTIONS = 10;
const PING_EVERY_MS = 5_000;

export type EnvelopeType = 'slash_commands' | 'interactive' | 'events_api';
export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

export class SocketModeServer {
  readonly #appId: string;
  readonly #tickets = new Set<string>();
  readonly #acks = new Map<string, (payload: Json | undefined) => void>();
  #connections: ServerSocket[] = [];
  #server: Server | undefined;
  #pings: NodeJS.Timeout | undefined;
  #turn = 0;

  constructor(appId: string) {
    this.#appId = appId;
  }

  get connections(): number {
    return this.#connections.length;
  }

  /** What apps.connections.open answers; the ticket is good for one connection. */
  async newConnectionUrl(): Promise<string> {
    this.#server ??= await this.#listen();
    const ticket = newSecret();
    this.#tickets.add(ticket);
    const { port } = this.#server.address() as AddressInfo;
    return `ws://127.0.0.1:${port}/link?ticket=${ticket}&app_id=${this.#appId}`;
  }

  /** Sends one envelope; resolves with the payload of its ack, rejects when nobody is connected. */
  async send(
    type: EnvelopeType,
    payload: JsonObject,
    retry?: { num: number; reason: string },
  ): Promise<Json | undefined> {
    const connection = this.#connections[this.#turn++ % Math.max(1, this.#connections.length)];
    if (!connection) throw new Error('no socket is connected');
    const envelopeId = randomUUID();
    const acked = new Promise<Json | undefined>((resolve) => this.#acks.set(envelopeId, resolve));
    const retried = { retry_attempt: retry?.num ?? 0, retry_reason: retry?.reason ?? '' };
    const envelope = { envelope_id: envelopeId, type, accepts_response_payload: type !== 'events_api', payload };
    connection.send(JSON.stringify(type === 'events_api' ? { ...envelope, ...retried } : envelope));
    return acked;
  }

  /** Tells all clients to leave; after a warning Slack still waits some seconds, so they are left open. */
  disconnect(reason: DisconnectReason): void {
    const frame = JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-1' } });
    for (const connection of this.#connections) connection.send(frame);
  }

  /** The network breaks: no close frame. */
  cut(): void {
    for (const connection of [...this.#connections]) connection.destroy();
  }

  async close(): Promise<void> {
    clearInterval(this.#pings);
    for (const connection of [...this.#connections]) connection.close();
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  async #listen(): Promise<Server> {
    const server = createServer((_request, response) => response.writeHead(426).end());
    server.on('upgrade', (request, stream) => {
      const ticket = new URL(request.url ?? '/', 'http://link').searchParams.get('ticket') ?? '';
      if (!this.#tickets.delete(ticket)) return stream.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      this.#accept(new ServerSocket(request, stream));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#pings = setInterval(() => {
      for (const connection of this.#connections) connection.ping();
    }, PING_EVERY_MS);
    this.#pings.unref();
    return server;
  }

  #accept(connection: ServerSocket): void {
    if (this.#connections.length >= MAX_CONNECTIONS) {
      connection.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets', debug_info: {} }));
      connection.close();
      return;
    }
    this.#connections.push(connection);
    connection.onClose = () => {
      this.#connections = this.#connections.filter((other) => other !== connection);
    };
    connection.onText = (message) => this.#acked(message);
    connection.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.#connections.length,
        debug_info: { host: 'applink-1', build_number: 10, approximate_connection_time: 18_060 },
        connection_info: { app_id: this.#appId },
      }),
    );
  }

  #acked(message: string): void {
    const ack = parseJson(message);
    if (!isObject(ack)) return;
    const resolve = this.#acks.get(text(ack.envelope_id));
    this.#acks.delete(text(ack.envelope_id));
    resolve?.(ack.payload);
  }
}
