// The part of h3 to which its adapter adds, of whatever version the application has.
declare module 'h3' {
  interface H3EventContext {
    params?: Record<string, string>;
  }
}
