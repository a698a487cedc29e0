/** What a program needs to find its files, its network and its certificates, on any system. */
const NAMES: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'TMPDIR',
  // Windows.
  'APPDATA',
  'LOCALAPPDATA',
  'PATHEXT',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'USERPROFILE',
  // Proxies.
  'ALL_PROXY',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  // Certificates, for Go, for Rust and for Node.
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_DIR',
  'SSL_CERT_FILE',
]);

/** Those of the XDG base directories, and Go's own, which have no underscore: GOOGLE_API_KEY is none of them. */
const FORMS = [/^XDG_[A-Z_]+$/, /^GO[A-Z0-9]+$/];

/** Our environment without anything that a program of others has no business with: API keys, secrets, tokens. */
export function childEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && isForAll(name) ? [[name, value]] : [],
    ),
  );
}

/** Proxy variables are written in small letters too, and Windows has `Path`. */
function isForAll(name: string): boolean {
  const upper = name.toUpperCase();
  return NAMES.has(upper) || FORMS.some((form) => form.test(upper));
}
