import type { HdfsClient } from '@cairn/hdfs-client'
import { defineCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, UsageError } from '../errors.ts'
import { type Entry, findEntry } from '../files/entry.ts'
import { moveToTrash, trashRootOf } from '../files/trash.ts'
import { quoted } from '../format/printable.ts'
import { confirm } from '../io/confirm.ts'
import { expandTarget } from '../paths/expand.ts'

/** `hadoop.shell.delete.limit.num.files`: `-safely` asks before more than this many files go. */
const askAboveFiles = 100

/** `cairn rm`. */
export const rm = defineCommand({
  name: 'rm',
  summary: 'remove files and directories',
  usage: ['[-f] [-r] [-skipTrash] [-safely] PATH…'],
  operands: 'hdfs',
  flags: {
    force: { names: ['-f'], help: 'no error where there is nothing' },
    recursive: { names: ['-r', '-R'], help: 'directories with everything in them' },
    skipTrash: {
      names: ['-skipTrash', '--skip-trash'],
      help: 'at once, even where the cluster keeps a trash',
    },
    safely: { names: ['-safely'], help: `ask before a directory with more than ${askAboveFiles} files goes` },
  },
  examples: [
    ['cairn rm /data/old.bin', 'One file.'],
    ["cairn rm -r -skipTrash '/tmp/job-*'", 'Directories, for good.'],
  ],
  notes: [
    'Where the cluster keeps a trash (fs.trash.interval), what is removed is moved to /user/NAME/.Trash/Current and can be moved back.',
  ],
  async run(context, { flags, operands }) {
    if (operands.length === 0) throw new UsageError('rm needs a PATH')
    for (const operand of operands) {
      try {
        const target = context.target(operand)
        const client = await context.client(target)
        const targets = await expandTarget(client, target)
        if (targets.length === 0 && !flags.force) {
          throw new CommandError('No such file or directory', { code: 'ENOENT', path: operand })
        }
        for (const one of targets) {
          try {
            const entry = await findEntry(client, one)
            if (entry !== undefined) await removeEntry(context, client, entry, flags)
            else if (!flags.force) throw new CommandError('No such file or directory', { code: 'ENOENT' })
          } catch (error) {
            context.fail(`remove ${quoted(one.shown)}`, error, one.path)
          }
        }
      } catch (error) {
        context.fail(`remove ${quoted(operand)}`, error, operand)
      }
    }
    return undefined
  },
})

async function removeEntry(
  context: Context,
  client: HdfsClient,
  entry: Entry,
  flags: { recursive: boolean; skipTrash: boolean; safely: boolean },
): Promise<void> {
  const { signal } = context
  const { path, shown } = entry.target
  if (path === '/') throw new CommandError('the root is not to be removed', { code: 'EPERM', path })
  if (entry.kind === 'directory') {
    if (!flags.recursive) {
      throw new CommandError('Is a directory', {
        code: 'EISDIR',
        path,
        hint: '-r removes it with what is in it',
      })
    }
    if (flags.safely && !(await mayRemove(context, client, entry))) {
      return context.note(`${quoted(shown)} was left as it is`)
    }
  }
  const trash = flags.skipTrash ? undefined : await trashRootOf(context, client, path)
  if (trash !== undefined) {
    const movedTo = await moveToTrash(client, path, trash, signal)
    if (context.isJson) context.printJson({ path, movedTo })
    else context.note(`moved ${quoted(shown)} to ${quoted(movedTo)}`)
    return
  }
  await client.rm(path, { recursive: entry.kind === 'directory', force: true, signal })
  if (context.isJson) context.printJson({ path, removed: true })
}

async function mayRemove(context: Context, client: HdfsClient, entry: Entry): Promise<boolean> {
  const { fileCount, directoryCount } = await client.contentSummary(entry.target.path, {
    signal: context.signal,
  })
  if (fileCount + directoryCount <= askAboveFiles) return true
  const question = `remove ${quoted(entry.target.shown)} with ${fileCount} files in ${directoryCount} directories?`
  return await confirm(context.io, question, context.signal)
}
