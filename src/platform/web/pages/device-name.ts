import Bowser from 'bowser';

/** A browser as it presents itself; null for what is unknown. Nothing of it is proof. */
export type DeviceName = {
  readonly browser: string | null;
  readonly system: string | null;
  /** What it calls itself, if its browser is unknown. */
  readonly selfName: string | null;
};

const LONGEST_SELF_NAME = 80;
const BROWSERS = new Set<string>(Object.values(Bowser.BROWSER_MAP));
const SYSTEMS = new Set<string>(Object.values(Bowser.OS_MAP));

/** Reads a `User-Agent`. A client can write anything into it. */
export function deviceName(userAgent: string): DeviceName {
  const text = userAgent.replace(/\p{Cc}/gu, '').trim();
  if (text === '') return { browser: null, system: null, selfName: null };
  // Each part is parsed when it is read.
  const parser = Bowser.getParser(text, true);
  const browser = known(BROWSERS, parser.getBrowserName());
  const system = known(SYSTEMS, parser.getOSName());
  return { browser, system, selfName: browser === null ? shortened(text) : null };
}

// Its names precede “on Android” or the like. For what the library does not know it takes words out of the text, which would let its sender choose the name.
function known(names: ReadonlySet<string>, name: string): string | null {
  return names.has(name) ? name.replace(/ for Android$/, '') : null;
}

function shortened(text: string): string {
  return text.length <= LONGEST_SELF_NAME ? text : `${text.slice(0, LONGEST_SELF_NAME - 1)}…`;
}
