// Notes of each user, in memory. Next.js loads a module once for pages and once for routes, so they are kept outside.
const notes: Map<string, string[]> = Reflect.get(globalThis, 'notes') ?? new Map();
Reflect.set(globalThis, 'notes', notes);

export function notesOf(userId: string): readonly string[] {
  return notes.get(userId) ?? [];
}

export function addNote(userId: string, text: unknown): void {
  if (typeof text === 'string' && text !== '') notes.set(userId, [...notesOf(userId), text]);
}
