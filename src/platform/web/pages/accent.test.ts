import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readableAccent } from './accent.ts';

const css = readFileSync(new URL('./assets/latchkey.css', import.meta.url), 'utf8');
const CHANNELS = ['00', '1f', '40', '80', 'b0', 'd8', 'ff'];
const COLOURS = CHANNELS.flatMap((red) =>
  CHANNELS.flatMap((green) => CHANNELS.map((blue) => `#${red}${green}${blue}`)),
);

/** What the style sheet gives a name, on light and on dark pages. */
function surfaces(name: string): readonly [string, string] {
  const [, light, dark] = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css) ?? [];
  assert.ok(light !== undefined && dark !== undefined, `the style sheet has ${name}`);
  return [light, dark];
}

/** WCAG 2.2, “contrast ratio”, written out here so that it does not share a mistake with the code. */
function contrast(...colours: readonly [string, string]): number {
  const [darker = 0, lighter = 0] = colours.map(luminance).sort((one, other) => one - other);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('the accent colour', () => {
  it('has a contrast of at least 4.5 on every surface and with its text, for any chosen colour', () => {
    const behind = ['page', 'surface'].map(surfaces);
    for (const colour of COLOURS) {
      const { light, dark, onLight, onDark } = readableAccent(colour);
      const pairs = [
        ...behind.flatMap(([onLightPages, onDarkPages]) => [
          [light, onLightPages] as const,
          [dark, onDarkPages] as const,
        ]),
        [onLight, light] as const,
        [onDark, dark] as const,
      ];
      for (const pair of pairs) assert.ok(contrast(...pair) >= 4.5, `${colour} became ${pair.join(' on ')}`);
    }
  });

  it('is not changed if it is readable already', () => {
    assert.equal(readableAccent('#1d4ed8').light, '#1d4ed8');
    assert.equal(readableAccent('#93c5fd').dark, '#93c5fd');
  });

  it('is changed no more than needed, and keeps its hue', () => {
    const { light, dark } = readableAccent('#ffaa00');
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
      Number.parseInt(light.slice(at, at + 2), 16),
    );
    assert.ok(red > green && green > blue, light);
    assert.ok(contrast(light, '#f4f5f8') < 5, light);
    assert.equal(dark, '#ffaa00');
  });
});
