import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';

type Connect = HttpAgent['createConnection'];

interface Bound {
  readonly maxBytes: number;
  /** Called once; whoever made the agent destroys it then. */
  readonly onExceeded: () => void;
  /** Asked when the connection is there, which may be long after it was asked for. */
  readonly mayLeave: () => boolean;
  /** Called instead of sending the request. */
  readonly onLate: () => void;
}

/**
 * An agent for one call that counts what comes in on its connection. The official client collects an answer without
 * any bound and hands nothing out before its end, so the socket is the only place to count at; and the only one to hold a
 * request back at whose connection came too late.
 */
export function boundedAgent(baseUrl: string, bound: Bound): HttpAgent {
  const isSecure = baseUrl.startsWith('https:');
  const agent = isSecure ? new HttpsAgent() : new HttpAgent();
  const connect: Connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    if (!socket) return socket;
    watch(socket, bound);
    // Before the client writes, so that this is heard of first.
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      if (bound.mayLeave()) return;
      bound.onLate();
      socket.destroy();
    });
    return socket;
  };
  return agent;
}

function watch(socket: Duplex, { maxBytes, onExceeded }: Bound): void {
  let size = 0;
  const count = (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes) return;
    socket.off('data', count);
    onExceeded();
  };
  socket.on('data', count);
}
