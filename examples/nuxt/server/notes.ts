// The notes of each user, in memory.
const notes = new Map<string, string[]>();

export function notesOf(userId: string): readonly string[] {
  return notes.get(userId) ?? [];
}

export function addNote(userId: string, text: unknown): void {
  if (typeof text === 'string' && text !== '') notes.set(userId, [...notesOf(userId), text]);
}
