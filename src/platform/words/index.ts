export {
  chooseLanguage,
  defineLanguage,
  defineWords,
  english,
  type Language,
  type Languages,
  translate,
  type Wording,
  type Words,
} from './words.ts';
