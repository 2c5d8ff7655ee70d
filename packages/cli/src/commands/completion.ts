import { defineCommand } from '../command.ts'
import { completionScript, shells } from '../completion/scripts.ts'
import { UsageError } from '../errors.ts'

/** `cairn completion`. */
export const completion = defineCommand({
  name: 'completion',
  summary: 'print a script for the shell’s completion',
  usage: ['bash|zsh|fish'],
  operands: 'none',
  flags: {},
  examples: [
    ['source <(cairn completion bash)', 'In ~/.bashrc.'],
    ['source <(cairn completion zsh)', 'In ~/.zshrc, after compinit.'],
    ['cairn completion fish > ~/.config/fish/completions/cairn.fish', 'Once.'],
  ],
  notes: ['Commands, flags and paths on HDFS are completed.'],
  async run(context, { operands }) {
    const shell = shells.find((name) => name === operands[0])
    if (shell === undefined || operands.length !== 1) {
      throw new UsageError(`completion needs one of ${shells.join(', ')}`)
    }
    context.print(completionScript(shell))
    return undefined
  },
})
