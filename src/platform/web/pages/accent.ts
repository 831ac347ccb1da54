/** The accent colour as it is used on light and on dark pages. All are `#rrggbb`. */
export type Accent = {
  readonly light: string;
  readonly dark: string;
  /** The colour of text on it. */
  readonly onLight: string;
  readonly onDark: string;
};

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
// The backgrounds of links; latchkey.css has the same.
const LIGHT_SURFACE: Rgb = [244, 245, 248];
const DARK_SURFACE: Rgb = [30, 33, 41];
const DARK_INK: Rgb = [16, 18, 24];

/** WCAG 2.2, 1.4.3: text against what is behind it. */
const ENOUGH_CONTRAST = 4.5;
const STEPS = 50;

/**
 * Brings any colour to where it can be read: darker on light pages, lighter on dark ones, no more than needed.
 * @param color `#rrggbb`
 */
export function readableAccent(color: string): Accent {
  const given = fromHex(color);
  const light = towards(BLACK, given, (candidate) => contrast(candidate, LIGHT_SURFACE) >= ENOUGH_CONTRAST);
  const dark = towards(WHITE, given, (candidate) => contrast(candidate, DARK_SURFACE) >= ENOUGH_CONTRAST);
  return { light: toHex(light), dark: toHex(dark), onLight: toHex(WHITE), onDark: toHex(DARK_INK) };
}

/** How strongly two colours differ, from 1 to 21. @see WCAG 2.2, “contrast ratio” */
function contrast(one: Rgb, other: Rgb): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function fromHex(color: string): Rgb {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 0xff, value & 0xff];
}

function toHex(color: Rgb): string {
  return `#${color.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

function towards(end: Rgb, from: Rgb, isEnough: (candidate: Rgb) => boolean): Rgb {
  for (let step = 0; step < STEPS; step += 1) {
    const candidate = mix(from, end, step / STEPS);
    if (isEnough(candidate)) return candidate;
  }
  return end;
}

function mix([red, green, blue]: Rgb, end: Rgb, share: number): Rgb {
  const channel = (from: number, to: number) => Math.round(from + (to - from) * share);
  return [channel(red, end[0]), channel(green, end[1]), channel(blue, end[2])];
}

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
