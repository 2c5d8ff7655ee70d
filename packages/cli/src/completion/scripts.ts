/** Shells that `cairn completion` knows. */
export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/**
 * Each script hands the words so far to `cairn __complete` and offers what it prints; the line `:files` asks for
 * the shell's own files.
 */
const scripts: Readonly<Record<Shell, string>> = {
  // A colon splits words in bash, so hdfs://host:port/ arrives in pieces that have to be put together again.
  bash: `_cairn() {
  local line word words=() reply=() prefix
  word="\${COMP_LINE:0:COMP_POINT}"
  read -r -a words <<< "$word"
  [[ "$word" == *[[:space:]] ]] && words+=('')
  word="\${words[\${#words[@]}-1]}"
  prefix="\${word%"\${COMP_WORDS[COMP_CWORD]}"}"
  [[ "\${COMP_WORDS[COMP_CWORD]}" == : ]] && prefix="$word"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ "$line" == :files ]]; then
      compopt -o filenames 2> /dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
    else
      [[ "$line" == */ ]] && compopt -o nospace 2> /dev/null
      COMPREPLY+=("\${line#"$prefix"}")
    fi
  done < <(cairn __complete "\${words[@]:1}" 2> /dev/null)
}
complete -F _cairn cairn
`,
  zsh: `#compdef cairn
_cairn() {
  local line
  local -a plain directories
  for line in "\${(@f)$(cairn __complete "\${(@)words[2,CURRENT]}" 2> /dev/null)}"; do
    case "$line" in
      '') ;;
      :files) _files ;;
      */) directories+=("$line") ;;
      *) plain+=("$line") ;;
    esac
  done
  (( \${#plain} )) && compadd -- "\${plain[@]}"
  (( \${#directories} )) && compadd -S '' -- "\${directories[@]}"
}
if [[ "$funcstack[1]" == _cairn ]]; then _cairn "$@"; else compdef _cairn cairn; fi
`,
  fish: `function __cairn_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (cairn __complete $words[2..-1] 2> /dev/null)
    if test "$line" = ':files'
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c cairn -f -a '(__cairn_complete)'
`,
}

/** The script that a shell evaluates. */
export function completionScript(shell: Shell): string {
  return scripts[shell]
}
