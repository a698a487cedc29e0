type Stream = Pick<NodeJS.WriteStream, 'isTTY'> & Partial<Pick<NodeJS.WriteStream, 'getColorDepth'>>;

/** `NO_COLOR` (https://no-color.org) and `FORCE_COLOR` win over what the terminal can. */
export function hasColours(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && (stream.getColorDepth?.(env) ?? 1) > 1;
}

/** There is no way to ask a terminal, so these are those that are known to show links of OSC 8. */
export function hasLinks(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  if (env.FORCE_HYPERLINK) return env.FORCE_HYPERLINK !== '0';
  if (stream.isTTY !== true || env.TMUX || env.TERM?.startsWith('screen')) return false;
  const isKnown = /^(iTerm\.app|vscode|WezTerm|ghostty|Hyper|Tabby)$/.test(env.TERM_PROGRAM ?? '');
  const isByTerm = /kitty|alacritty|foot|ghostty/.test(env.TERM ?? '');
  return isKnown || isByTerm || Boolean(env.WT_SESSION) || Number(env.VTE_VERSION ?? 0) >= 5_000;
}
