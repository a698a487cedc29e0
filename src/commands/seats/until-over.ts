import { type CommandContext, InterruptedError } from '../terminal/terminal.ts';

/**
 * Has a long work done part by part until it is over, and shows how far it is. It may be killed between any two parts,
 * and at any point of one.
 */
export async function untilOver<Part extends { readonly isOver: boolean }>(
  { terminal }: Pick<CommandContext, 'terminal'>,
  next: () => Promise<Part>,
  howFar: (part: Part) => string,
): Promise<Part> {
  for (;;) {
    const part = await next();
    if (part.isOver) return part;
    if (terminal.interrupted.aborted) throw new InterruptedError();
    terminal.note(howFar(part));
  }
}
