// A page that asks its server for nothing is drawn without it, and is not guarded then.
export const load = () => ({});
