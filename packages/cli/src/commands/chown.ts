import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { forTree } from '../files/for-tree.ts'

/** `cairn chown`; `:GROUP` alone is chgrp. */
export const chown = defineCommand({
  name: 'chown',
  summary: 'change owner and group',
  usage: ['[-R] [OWNER][:GROUP] PATH…'],
  operands: 'hdfs',
  flags: { recursive: { names: ['-R'], help: 'everything below, too' } },
  examples: [
    ['cairn chown -R ada:staff /user/ada', 'Owner and group of a tree.'],
    ['cairn chown :staff /data', 'The group only.'],
  ],
  notes: ['The owner is for the superuser to change; owners may choose among their own groups.'],
  async run(context, { flags, operands }) {
    const [spec, ...paths] = operands
    if (spec === undefined || paths.length === 0)
      throw new UsageError('chown needs [OWNER][:GROUP] and a PATH')
    const parts = /^([^:\s]*)(?::([^:\s]*))?$/.exec(spec)
    const owner = parts?.[1] || undefined
    const group = parts?.[2] || undefined
    if (owner === undefined && group === undefined) {
      throw new UsageError(`'${spec}' names neither an owner nor a group; OWNER, OWNER:GROUP and :GROUP do`)
    }
    await forTree(context, paths, flags.recursive, 'change owner of', async (client, entry) => {
      const { path } = entry.target
      if ((owner ?? entry.owner) === entry.owner && (group ?? entry.group) === entry.group) return
      await client.chown(path, owner, group, { signal: context.signal })
      if (context.isJson)
        context.printJson({ path, owner: owner ?? entry.owner, group: group ?? entry.group })
    })
    return undefined
  },
})
