import { hostname } from 'node:os';

// What other software keeps in variables that have the name of a setting. Each function says whose a text is, or returns
// null for a text that may be meant.

type Surroundings = { readonly isProduction: boolean };

/** The target triplet of a compiler, such as `x86_64-conda-linux-gnu`, `arm64-apple-darwin20.0.0`, `i686-pc-linux-musl`. */
const TRIPLET =
  /^(?:[a-z]+[0-9][a-z0-9_]*|arm[a-z0-9]*|aarch64[a-z_]*|powerpc\w*|sparc\w*|riscv\w*|wasm\w*)-[a-z0-9_.]+(?:-[a-z0-9_.]+){1,2}$/i;
/** The names of systems of tcsh's `HOSTTYPE`, which some scripts export as `HOST`. */
const KIND_OF_MACHINE =
  /^(?:x86_64|amd64|i[3-6]86|aarch64|arm64|powerpc|sparc64|s390x|riscv64)(?:-linux|-darwin)?$/i;

/** Conda and builds export `HOST` as the target of the compiler; tcsh and zsh have the name of the machine in it. */
export function ofShell(text: string, { isProduction }: Surroundings): string | null {
  const name = text.trim();
  if (
    KIND_OF_MACHINE.test(name) ||
    (TRIPLET.test(name) && /linux|darwin|apple|mingw|cygwin|bsd|solaris|unknown|w64/i.test(name))
  )
    return 'is the machine type that conda, compilers and shells keep in HOST, and no address';
  const isOwnName = firstLabel(name) === firstLabel(hostname()) && firstLabel(name) !== 'localhost';
  // On a server that is an address to listen on; in development it would open the site to the network.
  return isOwnName && !isProduction ? 'is the name of this machine, which tcsh and zsh keep in HOST' : null;
}

function firstLabel(name: string): string {
  return name.toLowerCase().split('.', 1).join();
}

/** Git and other tools find the address of their user in `EMAIL`. */
export function ofGit(text: string): string | null {
  return text.includes('@') ? 'is an address, as git and other tools keep it in EMAIL' : null;
}

/** Kubernetes and Docker describe a service `metrics` by `METRICS_PORT`; IIS hands a pipe over in `PORT`. */
export function ofServiceLink(text: string): string | null {
  if (/^(?:tcp|udp|sctp):\/\//i.test(text.trim()))
    return 'is the address of a service, as Kubernetes (enableServiceLinks) and Docker name one';
  return /^[\\/]{2}\.[\\/]pipe[\\/]/i.test(text.trim()) ? 'is a pipe, as IIS opens one, and no port' : null;
}

/** Vite and Vitest keep the path of the application in `BASE_URL`. */
export function ofBundler(text: string): string | null {
  return /^\.?\/(?!\/)/.test(text.trim()) ? 'is a path, as Vite keeps one in BASE_URL' : null;
}

/** Levels that are none here, such as those of Python, npm, syslog and log4j. */
const OTHER_LEVELS = new Set(
  `trace verbose silly fatal critical notice http all off none emerg alert panic finest fine severe`.split(
    ' ',
  ),
);

/** Many tools read `LOG_LEVEL`, each with words of its own. */
export function ofOtherLog(text: string): string | null {
  const level = text.trim().toLowerCase();
  const isOther = OTHER_LEVELS.has(level) || /^\d{1,3}$/.test(level) || /[=,:]/.test(level);
  return isOther ? 'is the level of another program' : null;
}
