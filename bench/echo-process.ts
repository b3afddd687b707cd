/** A bare Fastify that echoes JSON, in a process of its own: what the bot is compared with. */
import { fastify } from 'fastify';

const server = fastify({ logger: false, forceCloseConnections: true });
server.post('/echo', async (request) => request.body);
const url = await server.listen({ host: '127.0.0.1', port: 0 });
process.on('disconnect', () => process.exit(0));
process.send?.(url);
