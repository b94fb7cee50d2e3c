import { randomInt } from 'node:crypto';

const adjectives = (
  'able agile amber ample apt azure bold brave bright brisk calm candid civil clean clever crisp daring deft eager easy ' +
  'exact fair fleet fresh gentle glad golden grand happy hardy honest humble keen kind lively loyal lucid lunar merry ' +
  'mild neat nimble noble open patient placid polite proud quick quiet rapid ready serene sharp silent smart solar ' +
  'solid spry steady sunny swift tidy upbeat valiant vivid warm wise witty zesty'
).split(' ');

const nouns = (
  'alpaca badger bat bear beaver bee bison boar camel carp cat cobra colt crab crane crow deer dove duck eagle eel elk ' +
  'falcon finch fox frog gnu goat goose grouse gull hare hawk hen heron horse ibis jay koala lark lion llama lynx mole ' +
  'moose moth mouse newt otter owl ox panda perch pike pug quail ram raven robin seal shark sheep shrew skunk sloth ' +
  'snail squid stag stork swan tern toad trout vole wasp whale wolf wren yak zebra'
).split(' ');

const any = (words: readonly string[]): string => words[randomInt(words.length)] as string;

/** A name for a run that was given none, such as `brisk-heron-417`. */
export const randomRunName = (): string => `${any(adjectives)}-${any(nouns)}-${randomInt(1000)}`;
