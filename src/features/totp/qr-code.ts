/** A QR code: how many modules its sides have, and the dark ones as the `d` of an SVG path. */
export type QrCode = { readonly size: number; readonly path: string };

/** The quiet zone that ISO/IEC 18004 asks for, in modules. */
const BORDER = 4;

/** Makes a QR code that survives a reflection or a scratch (level M). The package is imported when it is needed. */
export async function qrCode(text: string): Promise<QrCode> {
  const { encode } = await import('uqr');
  const { size, data } = encode(text, { ecc: 'M', border: BORDER });
  return { size, path: data.map(rowPath).join('') };
}

/** One rectangle for each run of dark modules, so that the page stays small. */
function rowPath(row: readonly boolean[], y: number): string {
  const runs = row
    .map((isDark) => (isDark ? '#' : ' '))
    .join('')
    .matchAll(/#+/g);
  return [...runs].map(({ 0: { length }, index }) => `M${index} ${y}h${length}v1h-${length}z`).join('');
}
