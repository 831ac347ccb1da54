export {
  chooseLanguage,
  defineLanguage,
  defineWords,
  english,
  type Language,
  type Languages,
  localeWords,
  translate,
  type Wording,
  type Words,
} from './words.ts';
