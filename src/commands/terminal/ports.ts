import { createServer } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';
import { UsageError } from './terminal.ts';

/** An option that takes a port. 0 means any free one. */
export function portOption(flags: string, description: string, fallback: number): Option {
  return new Option(flags, description).default(fallback).argParser(parsePort);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a port from 0 to 65535.');
}

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** Starts what listens; a port that another program has becomes a message with the option or variable to change. */
export async function orPortTaken<T>(setting: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
    if (code !== 'EADDRINUSE') throw error;
    throw new UsageError(
      `Port ${port ?? ''} is taken by another program. Stop that program, or choose another port with ${setting}.`,
    );
  }
}
