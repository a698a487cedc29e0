import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8's space for new objects grow no further than it did while the program was loaded. Answers of remote systems die
 * young, but while a long code list is read V8 takes what survives for a sign to double that space, again and again, and
 * gives nothing back. The threads that run workflow code begin later, so they begin with enough.
 */
export function keepYoungMemory(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--min-semi-space-size=4');
}
