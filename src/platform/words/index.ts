export {
  chooseLanguage,
  defineLanguage,
  defineWords,
  english,
  type Language,
  type Languages,
  translate,
  untranslated,
  type Wording,
  type Words,
  type WordsFile,
} from './language.ts';
export { localeWords } from './words.ts';
