import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { until } from './until.ts';

/** A door before a stand-in. While it is shut, connections are refused, as by a host on which nothing listens. */
export class Gate {
  #target = 0;
  #port = 0;
  #server: Server | null = null;
  readonly #sockets = new Set<Socket>();

  /** Where callers knock; known once the gate was open. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Opens before this address; later openings are at the same place. */
  async openBefore(url: string): Promise<string> {
    this.#target = Number(new URL(url).port);
    await this.open();
    return this.url;
  }

  async open(): Promise<void> {
    // While it is shut, a passing connection of somebody else may have its port.
    await until('the gate is back at its place', () => this.#listens());
  }

  async #listens(): Promise<boolean> {
    const server = createServer((caller) => this.#pass(caller));
    server.listen(this.#port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
      throw error;
    }
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    return true;
  }

  /** Cuts the connections there are, and refuses others. */
  async shut(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #pass(caller: Socket): void {
    const onward = connect(this.#target, '127.0.0.1');
    for (const [socket, other] of [
      [caller, onward],
      [onward, caller],
    ] as const) {
      this.#sockets.add(socket);
      // A cut connection is what the gate is for; each side only has to hear of the other's end.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
