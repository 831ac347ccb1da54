/** The defaults of settings that differ from a server's: the origin is the application's, and so is what it keeps in browsers. */
export const libraryDefaults = { signOutClears: 'none' } as const;
