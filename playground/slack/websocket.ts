/** A minimal WebSocket server side (RFC 6455): the upgrade and text, ping, pong and close frames. Enough for Socket Mode. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const OPCODE = { continuation: 0x0, text: 0x1, close: 0x8, ping: 0x9, pong: 0xa } as const;

interface Frame {
  final: boolean;
  opcode: number;
  payload: Buffer;
  /** Bytes the frame took in the stream. */
  size: number;
}

export class ServerSocket {
  onText: (text: string) => void = () => {};
  onClose: () => void = () => {};
  readonly #stream: Duplex;
  #received: Buffer = Buffer.alloc(0);
  #fragments: Buffer[] = [];
  #closed = false;

  /** Answers the upgrade request and takes the connection over. */
  constructor(request: IncomingMessage, stream: Duplex) {
    this.#stream = stream;
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1')
      .update(key + HANDSHAKE_GUID)
      .digest('base64');
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('error', () => this.destroy());
    stream.on('close', () => this.#gone());
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  send(text: string): void {
    this.#write(OPCODE.text, Buffer.from(text));
  }

  ping(): void {
    this.#write(OPCODE.ping, Buffer.from('Ping from applink'));
  }

  /** Cuts the connection without a word, as a network failure does. */
  destroy(): void {
    this.#stream.destroy();
    this.#gone();
  }

  close(): void {
    this.#write(OPCODE.close, Buffer.from([0x03, 0xe8]));
    this.#stream.end();
    this.#gone();
  }

  #gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onClose();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (let frame = readFrame(this.#received); frame; frame = readFrame(this.#received)) {
      this.#received = this.#received.subarray(frame.size);
      this.#handle(frame);
    }
  }

  #handle({ opcode, payload, final }: Frame): void {
    if (opcode === OPCODE.ping) this.#write(OPCODE.pong, payload);
    if (opcode === OPCODE.close) this.close();
    if (opcode !== OPCODE.text && opcode !== OPCODE.continuation) return;
    this.#fragments.push(payload);
    if (!final) return;
    const text = Buffer.concat(this.#fragments).toString('utf8');
    this.#fragments = [];
    this.onText(text);
  }

  /** Frames of a server are not masked. */
  #write(opcode: number, payload: Buffer): void {
    if (this.#closed || this.#stream.destroyed) return;
    this.#stream.write(Buffer.concat([header(opcode, payload.length), payload]));
  }
}

function header(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, length]);
  if (length < 65_536) return Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff]);
  const long = Buffer.alloc(10);
  long[0] = 0x80 | opcode;
  long[1] = 127;
  long.writeBigUInt64BE(BigInt(length), 2);
  return long;
}

/** The first whole frame of a client, unmasked; nothing while bytes are missing. */
function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + lengthBytes) return undefined;
  const length =
    lengthBytes === 0 ? short : lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const masked = (second & 0x80) !== 0;
  const start = 2 + lengthBytes + (masked ? 4 : 0);
  if (bytes.length < start + length) return undefined;
  const payload = Buffer.from(bytes.subarray(start, start + length));
  const mask = bytes.subarray(start - 4, start);
  if (masked) for (let i = 0; i < length; i += 1) payload.writeUInt8(payload.readUInt8(i) ^ mask.readUInt8(i % 4), i);
  return { final: (first & 0x80) !== 0, opcode: first & 0x0f, payload, size: start + length };
}
