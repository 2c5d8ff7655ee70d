// The plan that `hdfs diskbalancer -plan` makes for one DataNode: which bytes go from which of its volumes to which;
// `org.apache.hadoop.hdfs.server.diskbalancer.planner.NodePlan`, as JSON.
import { DiskBalancerError } from './disk-balancer-error.ts'

/** `planner.MoveStep`. */
export interface MoveStep {
  /** Storage ids. */
  readonly sourceId: string
  readonly destinationId: string
  readonly bytesToMove: number
  /** 0: the DataNode's own setting, here and in the next two. */
  readonly maxDiskErrors: number
  readonly tolerancePercent: number
  /** MiB a second. */
  readonly bandwidth: number
}

export interface NodePlan {
  readonly nodeUuid: string
  /** When it was made, milliseconds since 1970. */
  readonly timeStampMs: number
  readonly steps: readonly MoveStep[]
}

/** The class that Java writes into every step; no other is known. */
const moveStepClass = 'org.apache.hadoop.hdfs.server.diskbalancer.planner.MoveStep'

type JsonObject = Readonly<Record<string, unknown>>

/** Reads a plan; throws `DiskBalancerError` for text that is none. */
export function parseNodePlan(text: string): NodePlan {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw malformed((error as Error).message)
  }
  const plan = object(json, 'plan')
  const { volumeSetPlans } = plan
  if (!Array.isArray(volumeSetPlans)) throw malformed('no list volumeSetPlans')
  return {
    nodeUuid: string(plan, 'nodeUUID'),
    timeStampMs: number(plan, 'timeStamp'),
    steps: volumeSetPlans.map(moveStep),
  }
}

function moveStep(json: unknown): MoveStep {
  const step = object(json, 'step')
  const className = step['@class']
  if (className !== moveStepClass) throw malformed(`a step of class ${String(className)}`)
  return {
    sourceId: string(object(step.sourceVolume, 'sourceVolume'), 'uuid'),
    destinationId: string(object(step.destinationVolume, 'destinationVolume'), 'uuid'),
    bytesToMove: number(step, 'bytesToMove'),
    maxDiskErrors: number(step, 'maxDiskErrors', 0),
    tolerancePercent: number(step, 'tolerancePercent', 0),
    bandwidth: number(step, 'bandwidth', 0),
  }
}

function object(value: unknown, name: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw malformed(`no object ${name}`)
}

function string(object: JsonObject, name: string): string {
  const value = object[name]
  if (typeof value === 'string' && value !== '') return value
  throw malformed(`no text ${name}`)
}

function number(object: JsonObject, name: string, absent?: number): number {
  const value = object[name] ?? absent
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw malformed(`${name} = ${String(value)}, not a number from 0 on`)
}

function malformed(found: string): DiskBalancerError {
  return new DiskBalancerError('MALFORMED_PLAN', `Parsing plan failed: found ${found}`)
}
