import { basename } from 'node:path';

/** How to call npm with a given Node: the npm that called us if there is one, else the one on PATH. */
export function npmCommand(node, args) {
  const caller = process.env.npm_execpath;
  if (caller !== undefined && basename(caller) === 'npm-cli.js')
    return { command: node, args: [caller, ...args] };
  return { command: 'npm', args };
}
