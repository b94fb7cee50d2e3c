import { Argument, type Command } from 'commander';
import type { CommandGroup } from './context.ts';

interface Completion {
  /** The words before, such as `role list`; empty for the program itself. */
  readonly at: string;
  /** What may come next, with what it is for. */
  readonly words: readonly { readonly word: string; readonly about: string }[];
}

/** What may follow each command, read from the commands themselves: it cannot be out of date. */
function completionsOf(command: Command, at: readonly string[] = []): Completion[] {
  const help = command.createHelp();
  const words = [
    ...help.visibleCommands(command).map((each) => ({ word: each.name(), about: each.description() })),
    ...help.visibleOptions(command).map((each) => ({ word: each.long ?? each.flags, about: each.description })),
  ];
  return [
    { at: at.join(' '), words },
    ...command.commands.flatMap((each) => completionsOf(each, [...at, each.name()])),
  ];
}

const shells: Record<string, (completions: readonly Completion[]) => string> = {
  bash: (completions) => `# maestro completion bash >> ~/.bashrc
_maestro() {
  local at= word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    case "$at\${at:+ }$word" in
      ${completions.flatMap(({ at }) => (at === '' ? [] : [`'${at}'`])).join('|')}) at="$at\${at:+ }$word" ;;
    esac
  done
  local words
  case "$at" in
${completions.map(({ at, words }) => `    '${at}') words='${words.map(({ word }) => word).join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _maestro maestro
`,
  zsh: (completions) => `#compdef maestro
# maestro completion zsh > "\${fpath[1]}/_maestro"
autoload -U +X bashcompinit && bashcompinit
${shells.bash?.(completions)}`,
  fish: (completions) => `# maestro completion fish > ~/.config/fish/completions/maestro.fish
complete -c maestro -f
${completions
  .flatMap(({ at, words }) =>
    words.map(({ word, about }) => {
      const seen = at === '' ? [] : at.split(' ').map((each) => `__fish_seen_subcommand_from ${each}`);
      const deeper = completions
        .filter((each) => each.at !== '' && each.at.slice(0, each.at.lastIndexOf(' ') + 1).trim() === at)
        .map((each) => each.at.slice(each.at.lastIndexOf(' ') + 1));
      const condition = [
        ...seen,
        ...(deeper.length > 0 ? [`not __fish_seen_subcommand_from ${deeper.join(' ')}`] : []),
      ];
      const offered = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
      const text = about.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
      return `complete -c maestro -n '${condition.join('; and ')}' ${offered} -d '${text}'`;
    }),
  )
  .join('\n')}
`,
};

export const completionCommands: CommandGroup = (program, { output }) => {
  program
    .command('completion')
    .description('print what lets a shell complete the words of this command line')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(Object.keys(shells)))
    .action((shell: string) => {
      const script = shells[shell]?.(completionsOf(program)) ?? '';
      for (const line of script.trimEnd().split('\n')) output.line(line);
    });
};
