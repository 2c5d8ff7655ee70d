import { defineCommand } from '../command.ts'
import { sizeText } from '../format/size.ts'
import { formatTable } from '../format/table.ts'

/** `cairn df`. */
export const df = defineCommand({
  name: 'df',
  summary: 'show capacity and free space',
  usage: ['[-h] [PATH…]'],
  operands: 'hdfs',
  flags: { human: { names: ['-h'], help: 'sizes for people' } },
  examples: [
    ['cairn df -h', 'The default file system.'],
    ['cairn df hdfs://nn1:8020/ hdfs://nn2:8020/', 'Two clusters.'],
  ],
  async run(context, { flags, operands }) {
    const rows = [['Filesystem', 'Size', 'Used', 'Available', 'Use%']]
    const seen = new Set<string>()
    await context.forEach(operands.length === 0 ? ['/'] : operands, 'access', async (client, target) => {
      const fileSystem = await context.fileSystem(target)
      if (operands.length > 0) await client.stat(target.path, { signal: context.signal })
      if (seen.has(fileSystem)) return
      seen.add(fileSystem)
      const { capacity, used, remaining } = await client.fsStats({ signal: context.signal })
      if (context.isJson) return context.printJson({ fileSystem, capacity, used, remaining })
      const share = capacity === 0 ? 0 : Math.floor((used / capacity) * 100)
      const sizes = [capacity, used, remaining].map((bytes) => sizeText(bytes, flags.human))
      rows.push([fileSystem, ...sizes, `${share}%`])
    })
    if (rows.length > 1) context.print(formatTable(rows, ['left', 'right', 'right', 'right', 'right']))
    return undefined
  },
})
