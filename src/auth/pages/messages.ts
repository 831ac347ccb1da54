import { backWords, codeFieldWords, fieldWords, newPasswordWords, signInMethodWords } from './field-words.ts';

/**
 * Every word that people read, in one place. Another language is another object of this shape.
 * Texts are plain: they are escaped where they are drawn.
 */
export const messages = {
  fields: fieldWords.english,
  newPassword: newPasswordWords.english,
  account: { back: backWords.english.account },
  codeField: codeFieldWords.english,
  signInMethods: signInMethodWords.english,
};
