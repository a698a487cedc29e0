import { bringProgram, type OuterProgram } from './bring-program.ts';

const CHROMIUM: OuterProgram = {
  title: 'Chromium',
  names: [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'chrome',
    'Google Chrome',
    'Chromium',
  ],
  folders: [
    ...['/usr/bin', '/snap/bin'],
    ...['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS`),
  ],
  aptPackage: 'chromium',
  purpose: 'which the page of the sandbox is tried in',
  usualTime: 'a minute or two',
  lack: 'The page of the sandbox was NOT tried in a browser.',
};

/** The path of a browser, or null where there can be none. On CI that is an error: the tests of the page must run there. */
export async function bringChromium(): Promise<string | null> {
  const said: string[] = [];
  const browser = await bringProgram(CHROMIUM, (line) => {
    said.push(line);
    process.stderr.write(`\n${line}\n`);
  });
  if (browser === null && process.env.CI === 'true') throw new Error(said.join('\n'));
  return browser;
}
