// The parts of Next.js that its adapter calls, of whatever version the application has.
declare module 'next/headers.js' {
  type CookieOptions = {
    readonly path: string;
    readonly httpOnly: boolean;
    readonly secure: boolean;
    readonly sameSite: 'lax';
    readonly maxAge?: number;
  };
  export function headers(): Promise<Headers>;
  export function cookies(): Promise<{
    readonly set: (name: string, value: string, options: CookieOptions) => unknown;
  }>;
}

declare module 'next/navigation.js' {
  export function redirect(path: string): never;
  export function notFound(): never;
}
