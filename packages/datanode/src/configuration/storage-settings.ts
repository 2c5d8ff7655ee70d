import { type Configuration, ConfigurationError } from '@cairn/hadoop-conf'
import type { DiskBalancerOptions } from '../disk-balancer/disk-balancer.ts'
import type { ReservedSpace, ReservedSpaceKind } from '../storage/reserved-space.ts'
import type { VolumeChoiceOptions } from '../storage/volume-choice.ts'
import { integer, partsOf, type Setting, time } from './setting.ts'

const reservedPrefix = 'dfs.datanode.du.reserved.'
const percentPrefix = `${reservedPrefix}pct.`
const permissionsKey = 'dfs.datanode.data.dir.perm'
const calculatorKey = 'dfs.datanode.du.reserved.calculator'
const policyKey = 'dfs.datanode.fsdataset.volume.choosing.policy'
const roundRobin = 'dfs.datanode.round-robin-volume-choosing-policy.additional-available-space'
const available = 'dfs.datanode.available-space-volume-choosing-policy'

const reserved = partsOf('reserved', reservedSpace)
const choice = partsOf('volumeChoice', volumeChoice)
const balancer = partsOf('diskBalancer', diskBalancer)
const diskBalancerPrefix = 'dfs.disk.balancer'

/** Settings about directories and disks. */
export const storageSettings: readonly Setting[] = [
  {
    key: 'dfs.datanode.data.dir',
    form: 'directories',
    default: 'none: `--dir` or this must say',
    meaning:
      'Storage directories with commas between them, each with its type before it if it is no DISK: `[SSD]/data/1,file:///data/2`. May be changed while the node runs.',
    options: ['dirs'],
    read: (conf) => ({ dirs: conf.list('dfs.datanode.data.dir') }),
  },
  {
    key: permissionsKey,
    form: 'octal digits',
    default: '700',
    meaning: 'Who may look into the storage directories.',
    options: ['dirPermissions'],
    read: (conf) => {
      const text = conf.string(permissionsKey, '')
      if (!/^[0-7]{3,4}$/.test(text)) throw wrongValue(conf, permissionsKey, 'octal digits such as 700')
      return { dirPermissions: Number.parseInt(text, 8) & 0o777 }
    },
  },
  reserved('dfs.datanode.du.reserved', 'size', '0', 'What is left to others on each volume.'),
  reserved(
    reservedPrefix,
    'size',
    '',
    'Followed by a type (`ssd`), a directory (`/data/1`) or both (`/data/1.ssd`): the same for some volumes.',
    true,
  ),
  reserved('dfs.datanode.du.reserved.pct', 'percent', '0', 'The same as a part of the capacity.'),
  reserved(
    calculatorKey,
    'Java class',
    '…ReservedSpaceCalculatorAbsolute',
    'Which of both counts: `…Absolute`, `…Percentage`, `…Conservative` (the larger), `…Aggressive` (the smaller).',
  ),
  choice(
    policyKey,
    'Java class',
    '…RoundRobinVolumeChoosingPolicy',
    'On which volume a new replica is put: in turn, or `…AvailableSpaceVolumeChoosingPolicy`.',
  ),
  choice(roundRobin, 'size', '0', 'Room that must be left besides the block. Hadoop: 1 GiB.'),
  choice(
    `${available}.balanced-space-threshold`,
    'size',
    '10737418240',
    'Volumes whose free room differs by less are taken in turn.',
  ),
  choice(
    `${available}.balanced-space-preference-fraction`,
    'fraction',
    '0.75',
    'Share of new blocks that goes to volumes with more room.',
  ),
  integer(
    'dfs.datanode.failed.volumes.tolerated',
    'failedVolumesTolerated',
    '0',
    'So many disks may fail before the node stops; -1: all but one.',
  ),
  time(
    'dfs.datanode.disk.check.min.gap',
    'ms',
    'diskCheckMinGapMs',
    '10s',
    'A disk is not looked at again sooner. Hadoop: 15 min.',
  ),
  time(
    'dfs.datanode.disk.check.timeout',
    'ms',
    'diskCheckTimeoutMs',
    '10m',
    'A disk that gives no answer for so long has failed.',
  ),
  balancer(`${diskBalancerPrefix}.enabled`, 'true or false', 'true', 'Takes plans of `hdfs diskbalancer`.'),
  balancer(
    `${diskBalancerPrefix}.max.disk.throughputInMBperSec`,
    'number',
    '10',
    'What its moves may take, where the plan says nothing.',
  ),
  balancer(
    `${diskBalancerPrefix}.max.disk.errors`,
    'number',
    '5',
    'After so many errors a move is given up.',
  ),
  balancer(
    `${diskBalancerPrefix}.block.tolerance.percent`,
    'number',
    '10',
    'How near to its goal a move is good enough.',
  ),
  balancer(
    `${diskBalancerPrefix}.plan.valid.interval`,
    'time (ms)',
    '1d',
    'Plans that are older are refused.',
  ),
]

function reservedSpace(conf: Configuration): ReservedSpace {
  const bytesOf: Record<string, number> = {}
  const percentOf: Record<string, number> = {}
  for (const { name } of conf.properties()) {
    if (name.startsWith(percentPrefix)) percentOf[name.slice(percentPrefix.length)] = decimal(conf, name)
    else if (
      name.startsWith(reservedPrefix) &&
      name !== calculatorKey &&
      name !== 'dfs.datanode.du.reserved.pct'
    )
      bytesOf[name.slice(reservedPrefix.length)] = conf.bytes(name, 0)
  }
  return {
    kind: calculator(conf),
    bytes: conf.bytes('dfs.datanode.du.reserved', 0),
    bytesOf,
    percent: decimal(conf, 'dfs.datanode.du.reserved.pct'),
    percentOf,
  }
}

const calculators: readonly ReservedSpaceKind[] = ['absolute', 'percentage', 'conservative', 'aggressive']

function calculator(conf: Configuration): ReservedSpaceKind {
  const name = conf.string(calculatorKey)
  if (name === undefined) return 'absolute'
  const kind = calculators.find((one) => name.toLowerCase().endsWith(`calculator${one}`))
  if (kind) return kind
  throw wrongValue(conf, calculatorKey, 'a ReservedSpaceCalculator of Hadoop')
}

function volumeChoice(conf: Configuration): VolumeChoiceOptions {
  const name = conf.string(policyKey, 'RoundRobinVolumeChoosingPolicy')
  const isRoundRobin = name.endsWith('RoundRobinVolumeChoosingPolicy')
  if (!isRoundRobin && !name.endsWith('AvailableSpaceVolumeChoosingPolicy'))
    throw wrongValue(conf, policyKey, 'RoundRobinVolumeChoosingPolicy or AvailableSpaceVolumeChoosingPolicy')
  return {
    policy: isRoundRobin ? 'round-robin' : 'available-space',
    additionalAvailableBytes: conf.bytes(roundRobin, 0),
    balancedSpaceThresholdBytes: conf.bytes(`${available}.balanced-space-threshold`, 10 * 1024 ** 3),
    balancedSpacePreferenceFraction: decimal(conf, `${available}.balanced-space-preference-fraction`, 0.75),
  }
}

function diskBalancer(conf: Configuration): DiskBalancerOptions {
  return {
    enabled: conf.boolean(`${diskBalancerPrefix}.enabled`, true),
    maxThroughputMiBPerSecond: conf.int(`${diskBalancerPrefix}.max.disk.throughputInMBperSec`, 10),
    maxDiskErrors: conf.int(`${diskBalancerPrefix}.max.disk.errors`, 5),
    blockTolerancePercent: conf.int(`${diskBalancerPrefix}.block.tolerance.percent`, 10),
    planValidMs: conf.durationMs(`${diskBalancerPrefix}.plan.valid.interval`, 86_400_000),
  }
}

/** A decimal number, Java's trailing `f` allowed. */
export function decimal(conf: Configuration, key: string, fallback = 0): number {
  const text = conf.string(key)
  if (text === undefined) return fallback
  if (/^\d+(\.\d+)?f?$/i.test(text)) return Number.parseFloat(text)
  throw wrongValue(conf, key, 'a number such as 10 or 0.75')
}

function wrongValue(conf: Configuration, key: string, allowed: string): ConfigurationError {
  return new ConfigurationError(
    'ERR_CONF_VALUE',
    `read ${key} from ${conf.property(key)?.source}: found ${JSON.stringify(conf.string(key))}; ${allowed} is allowed`,
  )
}
